"""What a draft names, in QA Sphere: the files and cases that are there, where they are, and what is missing.

What is not there yet, or will never be, is replaced: an address by the one at the source, and a file of the list by a
line in the precondition. Once it arrives, the case is written anew.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urljoin, urlsplit

from migrator.core.drafts import CaseDraft, FileRef, StepDraft
from migrator.core.file_records import Verdict
from migrator.core.refs import editions_of
from migrator.core.text import SCHEME, SymbolKind, resolved, symbol, symbols_in, visible_text
from migrator.core.views import CaseView, StoredFile
from state.store import Store

Named = tuple[SymbolKind, str]
"""Kind and marker of something that a draft names."""
_HEADING = "Files that stay at the source"
_ITEM = re.compile(r"<li\b[^>]*>(.*?)</li>", re.DOTALL)
_TARGET = re.compile(r'\bhref="([^"]*)"')
_NOWHERE = "https://unknown.invalid/"
_NO_LINK = re.compile(rf'<a href="{re.escape(_NOWHERE)}">(.*?)</a>', re.DOTALL)
"""To something that is nowhere, neither in QA Sphere nor at the source: its words stay."""
Resolve = Callable[[str], str]
"""Returns HTML with every symbolic address replaced by the address of the day."""
_COMING = ("planned", "sending", "unknown")


@dataclass(frozen=True, slots=True)
class Absent:
    """Where something is at the source, empty when nobody knows; ``remark`` says why it is not here, for people."""

    address: str = ""
    remark: str = ""


class Addresses:
    """Answers from the books of one project. ``project_address``: the URL of the project in QA Sphere's web UI."""

    def __init__(self, store: Store, project: str, project_address: str) -> None:
        self._store = store
        self._project = project
        self._address = project_address

    def attainable(self, draft: CaseDraft, *, planned: bool = False) -> CaseDraft:
        """Return the draft without what is not in QA Sphere. ``planned``: what is to be written counts as there. Of
        a file that the source makes anew the edition stays that the case lists, until the new one is whole."""
        absent = self._absent(names_in(draft), planned=planned)
        return without(self._with_earlier(draft, absent), absent)

    def as_seen(self, draft: CaseDraft, view: CaseView) -> CaseDraft:
        """Return the draft as a case holds it that was made from it: without the files that it does not list, and
        without the cases whose address at the source it shows. Where a file stayed, and why, is what the case says of
        it: nobody else knows that before the file was asked for."""
        names = names_in(draft)
        if not names:
            return draft
        listed = {file.name for file in view.files}
        absent: set[Named] = {
            ("file", file.marker) for file in draft.files if "files" not in view.unseen and file.name not in listed
        }
        shown = "".join((view.precondition, *(f"{step.description}{step.expected}" for step in view.steps)))
        at_source = self._store.archive.addresses([marker for kind, marker in names if kind == "case"])
        absent |= {("case", marker) for marker, address in at_source.items() if html.escape(address) in shown}
        away = self._absent_of(absent)
        return without(
            draft, away | _told(draft, [file for file in draft.files if ("file", file.marker) in away], view)
        )

    def sendable(self, draft: CaseDraft) -> CaseDraft:
        """Return an attainable draft with real addresses."""
        if not any(kind for kind, _ in names_in(draft)):
            return draft
        return with_texts(draft, self.html)

    def html(self, text: str) -> str:
        """Return a text that names only what is there with real addresses."""
        if SCHEME not in text:
            return text
        return resolved(text, lambda kind, marker: html.escape(self._address_of(kind, marker)))

    def html_of_what_is_there(self, text: str) -> str:
        """Return a text of a run or result with real addresses: that at the source for a case that is not there."""
        if SCHEME not in text:
            return text
        absent = self._absent(frozenset(symbols_in(text)), planned=False)

        def address_of(kind: SymbolKind, marker: str) -> str:
            missing = absent.get((kind, marker))
            if missing is None:
                return html.escape(self._address_of(kind, marker))
            return html.escape(missing.address) or symbol(kind, marker)

        return resolved(text, address_of)

    def files(self, draft: CaseDraft) -> list[StoredFile]:
        """Return the files of an attainable draft, in order."""
        found = self.stored(draft)
        return [found[file.marker] for file in draft.files]

    def stored(self, draft: CaseDraft) -> Mapping[str, StoredFile]:
        """Return the files of a draft that are in QA Sphere, by marker, under the names that the draft gives them. QA
        Sphere shows the name that a case declares, so one that was renamed at the source needs no second upload."""
        names = {file.marker: file.name for file in draft.files}
        found = self._store.files.stored(list(names)) if names else {}
        return {marker: file.model_copy(update={"name": names[marker]}) for marker, file in found.items()}

    def _with_earlier(self, draft: CaseDraft, absent: Mapping[Named, Absent]) -> CaseDraft:
        """Return the draft with the editions that its case lists in place of those that are absent."""
        wanted = {editions_of(marker): marker for kind, marker in absent if kind == "file" and editions_of(marker)}
        holding = self._store.ledger.holdings([draft.marker]).get(draft.marker) if wanted else None
        listed = {file.marker for file in draft.files}
        earlier = {
            wanted[stem]: file.marker
            for file in (cast(CaseDraft, holding.draft).files if holding else ())
            if (stem := editions_of(file.marker)) in wanted and file.marker not in listed
        }
        files = tuple(file.model_copy(update={"marker": earlier.get(file.marker, file.marker)}) for file in draft.files)
        return draft.model_copy(update={"files": files}) if earlier else draft

    def _address_of(self, kind: SymbolKind, marker: str) -> str:
        if kind == "file":
            return self._store.files.stored([marker])[marker].url
        return f"{self._address}/tcase/{self._store.ledger.entries([marker])[marker].seq}"

    def _absent(self, names: frozenset[Named], *, planned: bool) -> dict[Named, Absent]:
        files = [marker for kind, marker in names if kind == "file"]
        cases = [marker for kind, marker in names if kind == "case"]
        there: set[Named] = {("file", marker) for marker in self._store.files.stored(files)}
        there |= {("case", marker) for marker in self._store.ledger.entries(cases)}
        if planned:
            there |= {("file", marker) for marker in self._coming(files)}
            there |= {("case", marker) for marker in self._coming(cases)}
        return self._absent_of(names - there)

    def _absent_of(self, missing: frozenset[Named] | set[Named]) -> dict[Named, Absent]:
        if not missing:
            return {}
        addresses = self._store.archive.addresses([marker for _, marker in missing])
        verdicts = self._store.files.verdicts([marker for kind, marker in missing if kind == "file"])
        found: dict[Named, Absent] = {}
        for kind, marker in missing:
            verdict = verdicts.get(marker, Verdict(""))
            found[kind, marker] = Absent(verdict.address or addresses.get(marker, ""), verdict.remark)
        return found

    def _coming(self, markers: list[str]) -> set[str]:
        states = self._store.journal.operation_states(markers, "create")
        return {marker for marker, (state, _) in states.items() if state in _COMING}


def names_in(draft: CaseDraft) -> frozenset[Named]:
    """Return everything that a draft names."""
    files: set[Named] = {("file", file.marker) for file in draft.files}
    return frozenset(files.union(*(symbols_in(text) for text in _texts(draft))))


def without(draft: CaseDraft, absent: Mapping[Named, Absent]) -> CaseDraft:
    """Return the draft without what is absent."""
    if not absent:
        return draft

    # where nobody knows better, the item that the file hangs on is the place to look for it
    home = draft.links[0].url.removesuffix(_NOWHERE) if draft.links else ""

    def address(kind: SymbolKind, marker: str) -> str:
        if (kind, marker) not in absent:
            return symbol(kind, marker)
        return html.escape(absolute(absent[kind, marker].address, home) or _NOWHERE)

    missing = [file for file in draft.files if ("file", file.marker) in absent]
    lines = [_line(file.name, absent["file", file.marker], home) for file in missing]
    whole = with_texts(draft, lambda text: _NO_LINK.sub(r"\1", resolved(text, address)))
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
    target = absolute(absent.address, home) or home
    return f'<li><a href="{html.escape(target)}">{text}</a></li>' if target else f"<li>{text}</li>"


def _told(draft: CaseDraft, files: Sequence[FileRef], view: CaseView) -> dict[Named, Absent]:
    """Return what a case says of files that stayed at the source. A line is about the longest name that it begins
    with."""
    by_length = sorted(files, key=lambda file: -len(file.name))
    elsewhere = (_NOWHERE, *(link.url for link in draft.links[:1]))
    found: dict[Named, Absent] = {}
    for line in _ITEM.findall(view.precondition.rpartition(_HEADING)[2]) if files else ():
        words, link = visible_text(line), _TARGET.search(line)
        target = html.unescape(link[1]) if link else ""
        for file in by_length:
            remark = words.removeprefix(file.name)
            if remark != words and (not remark or (remark.startswith(" (") and remark.endswith(")"))):
                found["file", file.marker] = Absent("" if target in elsewhere else target, remark[2:-1])
                break
    return found


def absolute(address: str, home: str) -> str:
    """Return an address at the source; a relative one would lead to QA Sphere's own host.

    ``home``: where the item lies at the source. Empty when the address leads nowhere that people can open.
    """
    try:
        joined = urljoin(home, address) if address else ""
        return joined if urlsplit(joined).scheme in ("http", "https") else ""
    except ValueError:
        return ""
