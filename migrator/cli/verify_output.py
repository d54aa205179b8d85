"""What verify found, for people."""

from migrator.app.reports.documents import Verification
from migrator.cli.output import counts, plain, result

_SHOWN = 20
_CLASSES = ("missing", "doubled", "different", "extra", "in_doubt", "edited")
_MILD = ("in_doubt", "edited")


def print_verification(answer: Verification) -> None:
    """Print the findings, the worst class first, and the sum."""
    for name in _CLASSES:
        findings: list[dict[str, str]] = getattr(answer, name)
        colour = "yellow" if name in _MILD else "red"
        words = name.replace("_", " ")
        for finding in findings[:_SHOWN]:
            result.print(
                f"[{colour}]{words}[/] {finding['kind']} {plain(finding['marker'])} “{plain(finding['title'])}”"
            )
            if finding.get("field"):
                expected, found = plain(finding["expected"]), plain(finding["found"])
                result.print(f"    {finding['field']}: expected “{expected}”, found “{found}”")
        if len(findings) > _SHOWN:
            result.print(f"  … {len(findings) - _SHOWN} more {words}; --json lists them all")
    for kind, fates in sorted(answer.open.items()):
        result.print(
            f"[yellow]not there yet[/] {kind}: {', '.join(f'{count} {fate}' for fate, count in fates.items())}"
        )
    checked = counts(answer.checked)
    result.print(f"checked {checked}: {answer.wrong} wrong, {len(answer.edited)} edited in QA Sphere by somebody")
