"""A plan for a person with ten seconds: the worst news first, then what will be written and what it costs."""

from collections import Counter

from migrator.app.reports.documents import Plan
from migrator.cli.output.common import counts, print_notes
from migrator.cli.output.terminal import result, say
from migrator.report.news import WORTH_SAYING, forecast_words, standing_words

_SHOWN = 10
_WORST = (
    ("failed", "red", "cannot be migrated"),
    ("unknown", "red", "in doubt; they are looked up first"),
    ("conflict", "red", "in conflict; nothing is sent for them"),
    ("blocked", "yellow", "blocked by something they need"),
    ("gone", "yellow", "deleted in QA Sphere; not made again"),
)
_QUIET = ("unchanged", "adopted", "archived", "folded", "excluded")
_REASONS = {"suspect": "same folder and title as a case without marker", "no_base": "no base to merge with"}


def print_plan(plan: Plan) -> None:
    """Print the summary."""
    for fate, colour, words in _WORST:
        number = counts({kind: by_fate[fate] for kind, by_fate in plan.items.items() if by_fate.get(fate)})
        if number:
            say(result, (f"{number} {words}", colour))
    for item in plan.attention[:_SHOWN]:
        say(result, f"  {item['state']}: {item['kind']} {item['marker']} “{item['title']}”")
        say(result, f"    {item['cause']}")
    if len(plan.attention) > _SHOWN:
        say(result, f"  … {len(plan.attention) - _SHOWN} more; `migrator status --failed` lists them all")
    for action, words in _REASONS.items():
        if number := counts(plan.planned(action)):
            say(result, f"  of these {number}: {words}")
    if remapped := counts(plan.planned("remap")):
        say(result, (f"{remapped} would be mapped otherwise by today's rules; `--remap` sends that", "yellow"))
    if standing := plan.planned("stands"):
        say(result, (standing_words(counts(standing), sum(standing.values())), "yellow"))
    _print_unmapped(plan)
    print_notes(plan.notes)
    _print_writes(plan)


def _print_unmapped(plan: Plan) -> None:
    if not plan.unmapped:
        return
    say(result, "values and fields that no rule knows, the most frequent first:")
    for unmapped in plan.unmapped[:_SHOWN]:
        value = f" “{unmapped['value'][:80]}”" if unmapped["value"] else ""
        say(result, f"  {unmapped['count']:>6}  {unmapped['field']}{value}  ({unmapped['code']})")
    if len(plan.unmapped) > _SHOWN:
        say(result, f"  … {len(plan.unmapped) - _SHOWN} more; --json lists them all")


def _print_writes(plan: Plan) -> None:
    writes = Counter(plan.planned("create")) + Counter(plan.planned("update"))
    quiet = [f"{plan.count(fate)} {fate}" for fate in _QUIET if plan.count(fate)]
    if quiet:
        say(result, f"nothing to do for: {', '.join(quiet)}")
    later = {kind: by_fate.get("pending", 0) - writes.get(kind, 0) for kind, by_fate in plan.items.items()}
    if left := counts({kind: count for kind, count in later.items() if count > 0}):
        say(result, f"left for a later run, by the slice: {left}")
    if not plan.has_changes:
        say(result, (f"plan {plan.plan_id}: nothing to write", "bold"))
        return
    parts = [f"{verb} {counts(plan.planned(verb))}" for verb in ("create", "update") if plan.planned(verb)]
    say(result, (f"plan {plan.plan_id}: {'; '.join(parts)}", "bold"))
    say(result, f"cost: {forecast_words(plan.cost)}")
    if plan.cost.reading_seconds >= WORTH_SAYING:
        say(result, "`apply` does not read the source again; `run` and `sync` do")
    say(result, f"nothing is written yet; next: migrator apply {plan.plan_id}")
