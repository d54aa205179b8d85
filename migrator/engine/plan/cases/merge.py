"""The three-way merge of one case: what its source was, what it is now, and what QA Sphere holds. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from migrator.core.derived import renewed, without_derived
from migrator.core.drafts import CaseDraft, FileRef, LinkDraft, RequirementDraft
from migrator.core.records import Base
from migrator.core.views import CasePatch, CaseView, StoredFile
from migrator.engine.plan.cases.compare import (
    CUSTOM,
    LISTS,
    Difference,
    draft_values,
    fingerprint,
    found_value,
    is_edited,
    is_unseen,
    shown,
    view_values,
)


@dataclass(frozen=True, slots=True)
class Merge:
    """What becomes of each field that changed at the source.

    Args:
        send: to be written.
        agreed: changed on both sides to the same.
        conflicts: changed on both sides differently; expected is the source's value, found QA Sphere's.
        stuck: changed in a way that QA Sphere's API cannot follow.
        renewed: a colleague's precondition with our derived lines of today, where nothing else of it changed at the
            source; empty when that is nothing new.
        overwritten, kept: conflicts that a policy has decided, for the source (then they are in ``send``) or for
            QA Sphere.
    """

    send: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    conflicts: tuple[Difference, ...] = ()
    stuck: tuple[str, ...] = ()
    renewed: str = ""
    overwritten: tuple[Difference, ...] = ()
    kept: tuple[Difference, ...] = ()


def changed_fields(before: CaseDraft, now: CaseDraft) -> list[str]:
    """Return the fields whose drafts differ, formatting included."""
    names = [name for name in CaseDraft.model_fields if name not in ("kind", "marker", "custom_fields")]
    changed = [name for name in names if getattr(before, name) != getattr(now, name)]
    fields = sorted(before.custom_fields.keys() | now.custom_fields.keys())
    changed += [
        CUSTOM + name for name in fields if before.custom_fields.get(name, "") != now.custom_fields.get(name, "")
    ]
    return changed


def merge(before: CaseDraft, now: CaseDraft, base: Base, view: CaseView) -> Merge:
    """Decide field by field.

    Args:
        now: the draft of today.
        before: the draft as QA Sphere was made to hold it.
        base: how that looked there.
        view: what it holds now.
    """
    send: list[str] = []
    agreed: list[str] = []
    conflicts: list[Difference] = []
    stuck: list[str] = []
    text = ""
    found, wanted, today = view_values(view), draft_values(now, 0), fingerprint(view)
    for field in changed_fields(before, now):
        if field == "folder" or (field == "is_draft" and now.is_draft):
            stuck.append(field)
        elif field in LISTS and not is_unseen(view, field):
            (send if _elements(field, before, now, view) else agreed).append(field)
        elif not is_edited(base, today, view, field):
            send.append(field)
        elif field == "precondition" and without_derived(before.precondition) == without_derived(now.precondition):
            text = renewed(view.precondition, now.precondition)
        elif found_value(found, field) == wanted.get(field, ""):
            agreed.append(field)
        else:
            theirs = shown(found_value(found, field))
            conflicts.append(Difference(field, shown(wanted.get(field, "")), theirs))
    text = "" if text == view.precondition else text
    return Merge(tuple(send), tuple(agreed), tuple(conflicts), tuple(stuck), text)


def merged_draft(before: CaseDraft, now: CaseDraft, stuck: tuple[str, ...]) -> CaseDraft:
    """Return the draft that QA Sphere can be made to hold: the new one, but for what cannot be followed."""
    return now.model_copy(update={name: getattr(before, name) for name in stuck})


def patch_of(
    decision: Merge,
    before: CaseDraft,
    now: CaseDraft,
    view: CaseView,
    stored: Mapping[str, StoredFile] = MappingProxyType({}),
) -> CasePatch:
    """Return what to send. Lists hold what others put there as well, because a patch replaces them.

    ``stored``: the files of ``now`` by marker.
    """
    values: dict[str, object] = {"precondition": decision.renewed} if decision.renewed else {}
    for field in decision.send:
        if field.startswith(CUSTOM):
            continue
        if field == "files":
            kept, added = _files(before, now, view)
            values[field] = (*kept, *(stored[file.marker] for file in added))
        elif field in LISTS:
            values[field] = _union(field, before, now, view)
        else:
            values[field] = getattr(now, field)
    names = [field.removeprefix(CUSTOM) for field in decision.send if field.startswith(CUSTOM)]
    if names:
        values["custom_fields"] = {name: now.custom_fields.get(name, "") for name in names}
    return CasePatch.model_validate(values)


def merged_lists(decision: Merge, before: CaseDraft, now: CaseDraft, seen: CaseView, view: CaseView) -> list[str]:
    """Return the lists that hold today what the merge with ``seen`` gave, which is not what the source alone says:
    others had added or removed elements that the source did not touch."""
    found, wanted = view_values(view), draft_values(now, 0)
    return [
        field
        for field in (*decision.send, *decision.agreed)
        if field in LISTS
        and field in found
        and found[field] != wanted[field]
        and found[field] == _comparable(field, _result(field, before, now, seen))
    ]


def _result(field: str, before: CaseDraft, now: CaseDraft, view: CaseView) -> Sequence[Any]:
    if field == "files":
        kept, added = _files(before, now, view)
        return [*kept, *added]
    return _union(field, before, now, view)


def _comparable(field: str, elements: Sequence[Any]) -> list[Any]:
    """Return elements as ``view_values`` gives them."""
    if field == "tags":
        return sorted(elements)
    if field == "files":
        return sorted(file.name for file in elements)
    return sorted([element.text, element.url] for element in elements)


def _elements(field: str, before: CaseDraft, now: CaseDraft, view: CaseView) -> bool:
    """Whether an element that the source added is not there, or one that it removed is still there."""
    if field == "files":
        kept, added = _files(before, now, view)
        return bool(added) or len(kept) < len(view.files)
    return _union(field, before, now, view) != _present(field, view)


def _files(before: CaseDraft, now: CaseDraft, view: CaseView) -> tuple[list[StoredFile], list[FileRef]]:
    """Return the files that stay, and those to be added. A name may stand for another file than before."""
    same = {file.name for file in before.files} & {file.name for file in now.files if file in before.files}
    gone = {file.name for file in before.files} - same
    kept = [file for file in view.files if file.name not in gone]
    names = {file.name for file in kept}
    return kept, [file for file in now.files if file not in before.files and file.name not in names]


def _union(field: str, before: CaseDraft, now: CaseDraft, view: CaseView) -> tuple[object, ...]:
    old, new = getattr(before, field), getattr(now, field)
    kept = [element for element in _present(field, view) if element not in old or element in new]
    return (*kept, *(element for element in new if element not in old and element not in kept))


def _present(field: str, view: CaseView) -> tuple[object, ...]:
    if field == "tags":
        return view.tags
    if field == "requirements":
        return tuple(RequirementDraft.model_construct(text=text, url=url) for text, url in view.requirements)
    return tuple(LinkDraft.model_construct(text=text, url=url) for text, url in view.links)
