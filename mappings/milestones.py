"""Releases, iterations and builds → milestones, which are nothing but titles."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from mappings.item_writer import ItemWriter, Writers, moment
from mappings.vocabulary import cut, single_line
from migrator.core.drafts import MILESTONE_LIMIT, MilestoneDraft
from migrator.core.model import Milestone
from migrator.core.notes import NoteCode
from migrator.core.ports.mapping import Mapped
from migrator.core.refs import with_source_id
from migrator.core.text import visible_text


def map_milestones(milestones: Sequence[Milestone], writers: Writers, *, paged: bool) -> Sequence[Mapped]:
    """Return every milestone under the path of its titles; where two are the same, the source id stands behind.

    ``paged``: what else the source says of them stands on pages.
    """
    by_marker = {milestone.ref.marker: milestone for milestone in milestones}
    paths = {marker: " / ".join(_names(milestone, by_marker)) for marker, milestone in by_marker.items()}
    often = Counter(cut(path, MILESTONE_LIMIT) for path in paths.values())
    return [_mapped(by_marker[marker], path, often, writers, paged=paged) for marker, path in paths.items()]


def _mapped(milestone: Milestone, path: str, often: Mapping[str, int], writers: Writers, *, paged: bool) -> Mapped:
    marker = milestone.ref.marker
    writer = writers.of(marker)
    title = cut(path, MILESTONE_LIMIT)
    if title != path:
        writer.note(NoteCode.MILESTONE_CUT, "title", path, f"cut to {MILESTONE_LIMIT} characters")
    if often[title] > 1:
        title = with_source_id(title, marker, MILESTONE_LIMIT)
        writer.note(NoteCode.MILESTONE_RENAMED, "title", path, f"another milestone has the title; became {title}")
    if not paged and (rest := "; ".join(_rest(milestone, writer))):
        writer.note(NoteCode.MILESTONE_TITLE_ONLY, "", rest, "QA Sphere keeps the title only")
    draft = MilestoneDraft(marker=marker, title=title)
    return Mapped(marker, "milestone", title, "draft", draft, notes=tuple(writer.notes))


def _names(milestone: Milestone, by_marker: Mapping[str, Milestone]) -> list[str]:
    """Return the titles from the top down; a circle ends where it closes."""
    names: list[str] = []
    seen: set[str] = set()
    current: Milestone | None = milestone
    while current is not None and current.ref.marker not in seen:
        seen.add(current.ref.marker)
        names.append(single_line(current.title) or f"#{current.ref.ids[-1]}")
        current = by_marker.get(current.parent.marker) if current.parent else None
    return names[::-1]


def _rest(milestone: Milestone, writer: ItemWriter) -> Iterator[str]:
    """Yield what no title says."""
    for name, value in (("starts", milestone.starts_at), ("ends", milestone.ends_at)):
        if value:
            yield f"{name}: {moment(value)}"
    if milestone.description and milestone.description.value.strip():
        yield f"description: {milestone.description.value}"
    for line in (*writer.facts_of(milestone), *writer.texts_of(milestone)):
        yield visible_text(line)
