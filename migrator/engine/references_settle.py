"""A case draft that names files and other cases, as far as these are in QA Sphere. Pure.

What is not there yet, or will never be, is replaced: an address by the one at the source, and a file of the list by a
line in the precondition. Once it arrives, the case is settled anew and updated.
"""

import html
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from migrator.core.drafts import CaseDraft, StepDraft
from migrator.core.text import SymbolKind, resolved, symbol, symbols_in

Named = tuple[SymbolKind, str]
"""Kind and marker of something that a draft names."""
_HEADING = "Files that stay at the source"
_NOWHERE = "https://unknown.invalid/"


@dataclass(frozen=True, slots=True)
class Absent:
    """Where something is at the source, empty when nobody knows; ``remark`` says why it is not here, for people."""

    address: str = ""
    remark: str = ""


def names_in(draft: CaseDraft) -> frozenset[Named]:
    """Return everything that a draft names."""
    files: set[Named] = {("file", file.marker) for file in draft.files}
    return frozenset(files.union(*(symbols_in(text) for text in _texts(draft))))


def settled(draft: CaseDraft, absent: Mapping[Named, Absent]) -> CaseDraft:
    """Return the draft without what is absent."""
    if not absent:
        return draft

    def address(kind: SymbolKind, marker: str) -> str:
        if (kind, marker) not in absent:
            return symbol(kind, marker)
        return html.escape(absent[kind, marker].address or _NOWHERE)

    missing = [file for file in draft.files if ("file", file.marker) in absent]
    # where nobody knows better, the item that the file hangs on is the place to look for it
    home = draft.links[0].url if draft.links else ""
    lines = [_line(file.name, absent["file", file.marker], home) for file in missing]
    whole = with_texts(draft, lambda text: resolved(text, address))
    if not lines:
        return whole
    block = f"<h4>{_HEADING}</h4><ul>{''.join(lines)}</ul>"
    files = tuple(file for file in draft.files if file not in missing)
    return whole.model_copy(update={"files": files, "precondition": whole.precondition + block})


def with_texts(draft: CaseDraft, change: Callable[[str], str]) -> CaseDraft:
    """Return the draft with every HTML text changed."""
    steps = tuple(
        StepDraft(description=change(step.description), expected=change(step.expected)) for step in draft.steps
    )
    return draft.model_copy(update={"precondition": change(draft.precondition), "steps": steps})


def _texts(draft: CaseDraft) -> Iterator[str]:
    yield draft.precondition
    for step in draft.steps:
        yield step.description
        yield step.expected


def _line(name: str, absent: Absent, home: str) -> str:
    text = html.escape(f"{name} ({absent.remark})" if absent.remark else name, quote=False)
    return f'<li><a href="{html.escape(absent.address or home or _NOWHERE)}">{text}</a></li>'
