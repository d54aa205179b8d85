"""What verify found, for people."""

from migrator.app.reports.documents import Verification
from migrator.cli.output.common import counts
from migrator.cli.output.terminal import result, say
from migrator.core.plural import number

_SHOWN = 20
_CLASSES = ("missing", "doubled", "different", "extra", "in_doubt", "newer", "no_base", "edited", "deleted")
_MILD = ("in_doubt", "newer", "no_base", "edited", "deleted")


def print_verification(answer: Verification) -> None:
    """Print the findings, the worst class first, and the sum."""
    for name in _CLASSES:
        findings: list[dict[str, str]] = getattr(answer, name)
        colour = "yellow" if name in _MILD else "red"
        words = name.replace("_", " ")
        for finding in findings[:_SHOWN]:
            say(result, (words, colour), f" {finding['kind']} {finding['marker']} “{finding['title']}”")
            if finding.get("field"):
                say(result, f"    {finding['field']}: expected “{finding['expected']}”, found “{finding['found']}”")
        if len(findings) > _SHOWN:
            say(result, f"  … {len(findings) - _SHOWN} more {words}; --json lists them all")
    _print_next(answer)
    for kind, fates in sorted(answer.open.items()):
        said = ", ".join(f"{count} {fate}" for fate, count in fates.items())
        say(result, ("not there yet", "yellow"), f" {kind}: {said}")
    if answer.left_out and not any(answer.checked.values()):
        say(result, "nothing of this slice was migrated")
    for why, count in answer.left_out.items():
        say(result, ("not in QA Sphere", "yellow"), f" {number(count, 'case')} {why}")
    checked = counts(answer.checked) or "nothing"
    say(result, f"checked {checked}: {answer.wrong} wrong, {len(answer.edited)} edited in QA Sphere by somebody")
    if answer.report and not answer.wrong and not answer.is_incomplete:
        say(result, "next: have that report signed; `migrator report --crosswalk FILE.csv` lists old and new ids")


def _print_next(answer: Verification) -> None:
    """Print what to do about findings of some classes."""
    if answer.newer:
        say(result, "  this workspace is older than QA Sphere; next: migrator run, then migrator verify")
    if any(finding["kind"] == "case" for finding in answer.missing):
        say(result, "  next: restore them in QA Sphere; what was deleted there on purpose, name in the config, in")
        say(result, "  projects[].deleted_there, then run `migrator sync` and verify again")
