"""What a command of a tenant came to: its exit code and its JSON, as a flow tells them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from migrator.core.plural import number

Verdict = Literal["done", "warnings", "again", "failed"]

_AGAIN = {5, 130}
"""Temporary trouble, and a command that was interrupted: the same command continues."""
_WARNINGS = {3}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended. ``document``: what it printed as JSON; ``code`` is negative for a signal."""

    command: str
    code: int
    document: Mapping[str, Any] = field(default_factory=dict)
    talk: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What follows from it (``docs/fleet.md``)."""
        if self.code == 0:
            return "done"
        if self.code in _WARNINGS:
            return "warnings"
        return "again" if self.code in _AGAIN or self.code < 0 else "failed"

    @property
    def message(self) -> str:
        """What a person has to know, with the next step; empty when all is well."""
        error = self.document.get("error")
        if isinstance(error, Mapping):
            parts = [error.get("message"), error.get("cause"), error.get("next_step")]
            return f"{self.command}: {'; '.join(str(part) for part in parts if part)} (exit {self.code})"
        if self.verdict == "done":
            return ""
        if problems := [line for line in self.document.get("lines") or () if line.get("state") == "problem"]:
            shown = "; ".join(f"{line.get('text')}; {line.get('next_step')}" for line in problems)
            return f"{self.command}: {shown} (exit {self.code})"
        if self.code < 0:
            return f"{self.command} was killed by signal {-self.code}"
        return f"{self.command}: {_REMARKS.get(self.code, 'see the log')} (exit {self.code})"


_REMARKS = {
    3: "some items failed, are blocked or unknown; `migrator status --failed` lists them",
    6: "differences were found; `migrator verify` lists them",
}


def plan_markdown(tenant: str, plan: Mapping[str, Any]) -> str:
    """Return what somebody has to see who is to approve a plan."""
    cost = plan.get("cost") or {}
    lines = [f"# Plan {plan.get('plan_id', '')} of {tenant}", "", "| Kind | Fate | Items |", "| --- | --- | ---: |"]
    lines += [f"| {kind} | {fate} | {count} |" for kind, fates in _items(plan) for fate, count in fates.items()]
    requests = cost.get("requests", 0)
    lines += ["", f"{number(requests, 'request')}, about {cost.get('seconds', 0):.0f} s.", ""]
    notes = plan.get("notes") or []
    if notes:
        lines += ["| Note | Harm | Items |", "| --- | --- | ---: |"]
        lines += [f"| {note.get('code')} | {note.get('harm')} | {note.get('count')} |" for note in notes]
    return "\n".join(lines) + "\n"


def result_markdown(tenant: str, outcome: Outcome) -> str:
    """Return what became of a command, with the reports that it left."""
    lines = [
        f"# `{outcome.command}` of {tenant}: {outcome.verdict}",
        "",
        outcome.message or "Everything is in order.",
        "",
    ]
    rows = [(kind, fate, count) for kind, fates in _items(outcome.document) for fate, count in fates.items()]
    rows += [(kind, "compared", count) for kind, count in (outcome.document.get("checked") or {}).items()]
    if rows:
        lines += ["| Kind | Fate | Items |", "| --- | --- | ---: |"]
        lines += [f"| {kind} | {fate} | {count} |" for kind, fate, count in rows]
    lines += ["", *(f"- {line}" for line in outcome.talk if "report" in line)]
    return "\n".join(lines) + "\n"


def _items(document: Mapping[str, Any]) -> list[tuple[str, Mapping[str, int]]]:
    items = document.get("items")
    return list(items.items()) if isinstance(items, Mapping) else []
