"""What stands where, for people: troubles first."""

import typer

from migrator.app.reports.documents import Status
from migrator.cli.exit_codes import EXIT_ITEMS_FAILED
from migrator.cli.output.common import print_notes
from migrator.cli.output.terminal import print_json, result, say, show_table
from migrator.report.news import LEFT_BEHIND

FATES = (
    "migrated", "updated", "adopted", "unchanged", "folded", "archived", "excluded", "pending", "conflict", "gone",
    "blocked", "failed", "unknown",
)  # fmt: skip
VERIFY_NEXT = "next: `migrator verify` compares everything and leaves the acceptance report"
_WRONG = ("failed", "unknown", "blocked", "conflict")


def finish(status: Status, *, as_json: bool) -> None:
    """Print the status and exit: 0, or 3 when something failed, is blocked or unknown."""
    if as_json:
        print_json(status.model_dump())
    else:
        print_status(status, failures_hint="`migrator status --failed` lists them all")
        print_next(status)
    if status.has_failures:
        raise typer.Exit(EXIT_ITEMS_FAILED)


def print_next(status: Status) -> None:
    """Say what comes after a command that has written."""
    if status.has_failures:
        say(result, "next: mend what the causes name, then `migrator retry`")
    elif not status.items:
        say(result, "next: `migrator plan`, or `migrator run`")
    elif status.count("pending"):
        say(result, "next: `migrator run` takes what is pending")
    elif status.verified:
        say(result, f"verified since the last write, {status.verified}")
    else:
        say(result, VERIFY_NEXT)


def print_status(status: Status, *, failures_hint: str) -> None:
    """Print troubles first, then the items by kind and fate, the notes, and whether the books balance."""
    for failure in status.failures:
        said = f" {failure['kind']} {failure['marker']} “{failure['title']}”: {failure['cause']}"
        say(result, (failure["state"], "red"), said)
    wrong = status.count(*_WRONG)
    if wrong > len(status.failures):
        say(result, f"… {wrong - len(status.failures)} more; {failures_hint}")
    if status.items:
        _show_items(status)
        print_notes(status.notes)
    else:
        say(result, "Nothing is planned or migrated from this workspace; at most it was compared with QA Sphere.")
    for project, text in status.imbalance.items():
        say(result, (f"the books of project {project} do not balance", "bold red"), f": {text}")
    if status.balanced and status.items:
        say(result, "The books balance: every extracted item has exactly one fate.")
    for project in status.waiting:
        say(result, f"A plan for project {project} waits; `migrator apply` executes it.")
    for what, count in status.left_behind.items():
        say(result, f"Up to {count} {LEFT_BEHIND[what]}; `migrator report` names them")
    for unfinished in status.unfinished:
        say(
            result,
            f"Project {unfinished['project']} is not finished (it stands at: {unfinished['phase']});"
            " `migrator run` continues it.",
        )


def _show_items(status: Status) -> None:
    fates = [fate for fate in FATES if status.count(fate)]
    rows = [(kind, *(str(by_fate.get(fate, "")) for fate in fates)) for kind, by_fate in status.items.items()]
    show_table(("kind", *fates), rows, numbers=range(1, len(fates) + 1))
