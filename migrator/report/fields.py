"""A case as named texts, and what differs between two of them: what people compare in a report. And names of others."""

import re
from collections.abc import Mapping

from migrator.core.drafts import AnyDraft, CaseDraft, FolderDraft, MilestoneDraft, RunDraft
from migrator.core.plural import plural
from migrator.core.text import markup, visible_text
from migrator.core.views import CaseView
from migrator.report.values import Change

_LINE_END = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|pre|tr|ul|ol|blockquote)>", re.IGNORECASE)
_LONGEST = 4000
_CONTEXT = 200
_LISTS = ("tags", "links")
FORMATTING = "(same words, other formatting)"


def changes(before: AnyDraft | None, found: CaseView | None, wanted: AnyDraft | None) -> tuple[Change, ...]:
    """Return the fields in which an item at the source differs from what QA Sphere holds.

    ``found`` says what it holds; where that was not seen, ``before`` does, what it was made to hold. Without
    ``before`` nobody knows who changed what.
    """
    if not isinstance(wanted, CaseDraft):
        return _renamed(before, wanted)
    old = _of_draft(before) if isinstance(before, CaseDraft) else {}
    held = (old | _of_view(found)) if found else old
    if not held:
        return ()
    new = _of_draft(wanted)
    rows = []
    for name in [*new, *(name for name in held if name not in new)]:
        # a custom field that no draft names is none of ours
        if name not in new and name not in old:
            continue
        left, right, was = held.get(name, ""), new.get(name, ""), old.get(name, "")
        if old and name in _LISTS:
            right = _merged(left, right, was)
        if not _same(left, right):
            theirs = bool(old) and _same(was, right)
            rows.append(_change(name, left, right, "" if _same(was, left) else was, theirs=theirs))
        elif name in ("precondition", "steps") and isinstance(before, CaseDraft) and _reformatted(name, before, wanted):
            rows.append(Change(name, FORMATTING, FORMATTING))
    return tuple(rows)


def _renamed(before: AnyDraft | None, wanted: AnyDraft | None) -> tuple[Change, ...]:
    """Return the name of what has nothing else that people compare."""
    if isinstance(before, FolderDraft) and isinstance(wanted, FolderDraft):
        name, left, right = "path", " / ".join(before.path), " / ".join(wanted.path)
    elif isinstance(before, RunDraft | MilestoneDraft) and isinstance(wanted, RunDraft | MilestoneDraft):
        name, left, right = "title", before.title, wanted.title
    else:
        return ()
    return (Change(name, left, right),) if left != right else ()


def _same(one: str, other: str) -> bool:
    """Whether two texts have the same words; a server may break lines elsewhere."""
    return one.split() == other.split()


def _merged(held: str, new: str, old: str) -> str:
    """Return the elements that a list will have: what people added stays, what the source removed goes."""
    ours, theirs, before = new.splitlines(), held.splitlines(), old.splitlines()
    kept = [element for element in theirs if element not in before or element in ours]
    return "\n".join(sorted({*kept, *(element for element in ours if element not in before)}))


def _of(case: CaseDraft | CaseView) -> dict[str, str]:
    """Return its own fields; the custom ones apart."""
    links = case.links if isinstance(case, CaseView) else [(link.text, link.url) for link in case.links]
    return {
        "title": case.title,
        "priority": case.priority,
        "precondition": _lines(case.precondition),
        "steps": _steps([(step.description, step.expected) for step in case.steps]),
        "tags": "\n".join(sorted(case.tags)),
        "links": "\n".join(sorted(f"{text} → {url}" for text, url in links)),
        "draft": "yes" if case.is_draft else "no",
    }


def _of_draft(draft: CaseDraft) -> dict[str, str]:
    return _of(draft) | _custom(draft.custom_fields)


def _of_view(view: CaseView) -> dict[str, str]:
    unseen = {"draft" if name == "is_draft" else name for name in view.unseen}
    custom = {} if "custom_fields" in unseen else _custom(view.custom_fields)
    return {name: value for name, value in _of(view).items() if name not in unseen} | custom


def _lines(html: str) -> str:
    """Return the visible words of HTML, a line for each paragraph, heading or list item."""
    return "\n".join(line for line in map(visible_text, _LINE_END.split(html)) if line)


def _steps(steps: list[tuple[str, str]]) -> str:
    lines = []
    for number, (description, expected) in enumerate(steps, start=1):
        lines.append(f"{number}. {visible_text(description)}")
        if expected:
            lines.append(f"   ⇒ {visible_text(expected)}")
    return "\n".join(lines)


def _custom(values: Mapping[str, str]) -> dict[str, str]:
    return {f"custom field {name}": " ".join(visible_text(value).split()) for name, value in values.items() if value}


def _reformatted(name: str, before: CaseDraft, wanted: CaseDraft) -> bool:
    if name == "precondition":
        return markup(before.precondition) != markup(wanted.precondition)
    return before.steps != wanted.steps


def _change(name: str, left: str, right: str, was: str, *, theirs: bool) -> Change:
    """Return the change; of long texts, the part around it."""
    was = "" if theirs else _cut(was)
    if max(len(left), len(right)) <= _LONGEST:
        return Change(name, left, right, was, theirs)
    same = 0
    while same < min(len(left), len(right)) and left[same] == right[same]:
        same += 1
    start = max(0, same - _CONTEXT)
    return Change(name, _cut(left, start), _cut(right, start), was, theirs)


def _cut(text: str, start: int = 0) -> str:
    end = start + _LONGEST
    left_out = len(text) - end
    return (
        ("…" if start else "")
        + text[start:end]
        + (f"… ({left_out} more {plural(left_out, 'character')})" if left_out > 0 else "")
    )
