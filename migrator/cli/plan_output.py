"""A plan for a person with ten seconds: the worst news first, then what will be written and what it costs."""

from migrator.app.reports.documents import Plan
from migrator.cli.output import counts, plain, print_notes, result

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
            result.print(f"[{colour}]{number} {words}[/]")
    for item in plan.attention[:_SHOWN]:
        result.print(f"  {item['state']}: {item['kind']} {plain(item['marker'])} “{plain(item['title'])}”")
        result.print(f"    {plain(item['cause'])}")
    if len(plan.attention) > _SHOWN:
        result.print(f"  … {len(plan.attention) - _SHOWN} more; `migrator status --failed` lists them all")
    for action, words in _REASONS.items():
        if number := counts(plan.planned(action)):
            result.print(f"  of these {number}: {words}")
    if remapped := counts(plan.planned("remap")):
        result.print(f"[yellow]{remapped} would be mapped otherwise by today's rules; `--remap` sends that[/]")
    _print_unmapped(plan)
    print_notes(plan.notes)
    _print_writes(plan)


def _print_unmapped(plan: Plan) -> None:
    if not plan.unmapped:
        return
    result.print("values and fields that no rule knows, the most frequent first:")
    for unmapped in plan.unmapped[:_SHOWN]:
        value = f" “{unmapped['value'][:80]}”" if unmapped["value"] else ""
        result.print(f"  {unmapped['count']:>6}  {plain(unmapped['field'] + value)}  ({unmapped['code']})")
    if len(plan.unmapped) > _SHOWN:
        result.print(f"  … {len(plan.unmapped) - _SHOWN} more; --json lists them all")


def _print_writes(plan: Plan) -> None:
    quiet = [f"{plan.count(fate)} {fate}" for fate in _QUIET if plan.count(fate)]
    if quiet:
        result.print(f"nothing to do for: {', '.join(quiet)}")
    if not plan.has_changes:
        result.print(f"[bold]plan {plan.plan_id}: nothing to write[/]")
        return
    parts = [f"{verb} {counts(plan.planned(verb))}" for verb in ("create", "update") if plan.planned(verb)]
    result.print(f"[bold]plan {plan.plan_id}: {'; '.join(parts)}[/]")
    cost = plan.cost
    result.print(f"cost: {cost.requests} requests, {_duration(cost.seconds)}; bottleneck: {cost.bottleneck}")
    result.print(f"nothing is written yet; next: migrator apply {plan.plan_id}")


def _duration(seconds: float) -> str:
    return f"about {seconds:.0f} s" if seconds < 120 else f"about {seconds / 60:.0f} min"
