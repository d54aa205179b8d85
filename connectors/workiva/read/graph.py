"""The property graph that test forms hang in (``workiva-api.md`` §11): controls, risks, people, as related records.

Whether a form is a record under its own id no source says, so the first forms are asked; where none is, nobody asks on.
A record that is not given takes nothing away: what an earlier round has read of it stands in its place.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from connectors.workiva.api import WorkivaApi, is_refusal
from connectors.workiva.wire import WireRecord
from migrator.core.errors import Rejected, TemporaryError
from migrator.core.plural import plural
from migrator.core.side_by_side import side_by_side

CONTROL = "control"
TESTS = "tests"
"""The kinds of a control, whose first id is its record's, and of its links to cases, whose first id is the form's."""
MOST_RELATED = 50
"""Records that are asked for by name, of one record's relations: some lead to thousands."""
NOT_ASKED = 0
"""Stands where a record's answer has its status."""
_TRIES = 3
_REMEMBERED = 2000
_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class Related:
    """The other end of a relation: what it is called, the record's id and type, and the record if it was given."""

    relation: str
    id: str
    type: str
    record: WireRecord | None


@dataclass(frozen=True, slots=True)
class Gap:
    """What the graph does not give of a form: ``what``, in words, with the ``status`` of the answer. ``kept``: what an
    earlier round has read of it stays."""

    what: str
    status: int
    kept: bool = False


@dataclass(frozen=True, slots=True)
class FormGraph:
    """A form's own record, what it is related to, the controls among that, each with its own relations, and all these
    records as they were given."""

    record: WireRecord
    related: Sequence[Related]
    controls: Sequence[tuple[WireRecord, Sequence[Related]]]
    records: Sequence[WireRecord] = ()


@dataclass(slots=True)
class _Reading:
    """One form while its records are read. ``known``: those of an earlier round, by id."""

    known: Mapping[str, WireRecord]
    used: dict[str, WireRecord]
    gaps: list[Gap]


class GraphReader:
    """Reads what the graph knows of test forms, each record once.

    Args:
        wanted: False means nobody is asked.
        control_type: how this customer calls controls.
        earlier: the records that an earlier round has read for a form, by id.
    """

    earlier: Callable[[str], Mapping[str, WireRecord]]

    def __init__(self, api: WorkivaApi, *, wanted: bool, control_type: str) -> None:
        self._api = api
        self.wanted = wanted
        self._tries_left = _TRIES
        self._is_there = False
        self._is_forbidden = False
        self.earlier = _nothing_known
        self._control_type = control_type.casefold()
        self._records: OrderedDict[str, WireRecord | int] = OrderedDict()
        self._forms: OrderedDict[str, tuple[FormGraph | None, Sequence[Gap]]] = OrderedDict()

    async def form(self, form: str) -> tuple[FormGraph | None, Sequence[Gap]]:
        """Return what is known of a form, None when its record is not there or may not be read; and what is missing."""
        if form not in self._forms:
            self._forms[form] = await self._form(form)
            if len(self._forms) > _REMEMBERED:
                self._forms.popitem(last=False)
        return self._forms[form]

    async def _form(self, form: str) -> tuple[FormGraph | None, Sequence[Gap]]:
        reading = _Reading(self.earlier(form), {}, [])
        if not self.wanted and form not in reading.known:
            return None, ()
        if self._tries_left <= 0 and not self._is_there and form not in reading.known:
            return None, [Gap("the form's own record", NOT_ASKED)] if self._is_forbidden else ()
        answer = await self._record(form)
        self._is_there = self._is_there or isinstance(answer, WireRecord)
        self._tries_left -= not isinstance(answer, WireRecord)
        self._is_forbidden = self._is_forbidden or answer == _FORBIDDEN
        record = _taken(reading, form, answer, "the form's own record")
        if record is None:
            # where no form is a record, none is missing
            return None, reading.gaps if answer == _FORBIDDEN else ()
        related = await self._related(record, reading)
        others = [one.record for one in related if one.record]
        controls = [other for other in others if other.type.casefold() == self._control_type]
        beyond = await side_by_side([partial(self._related, control, reading) for control in controls])
        pairs = list(zip(controls, beyond, strict=True))
        used = [reading.used[ident] for ident in sorted(reading.used)]
        gaps = list(dict.fromkeys(reading.gaps)) if self.wanted else [Gap("source.graph is off", NOT_ASKED, kept=True)]
        return FormGraph(record, related, pairs, used), gaps

    async def _related(self, record: WireRecord, reading: _Reading) -> list[Related]:
        ends = [(one, *one.other_end(record.id)) for one in record.relationships]
        called = {ident: f"{one.name}: {kind} {ident}".strip() for one, ident, kind in ends if ident}
        asked = list(called)[:MOST_RELATED]
        answers = await side_by_side([partial(self._record, ident) for ident in asked])
        by_id = {
            ident: _taken(reading, ident, answer, called[ident]) for ident, answer in zip(asked, answers, strict=True)
        }
        if beyond := len(called) - len(asked):
            reading.gaps.append(
                Gap(f"{beyond} more {plural(beyond, 'record')} that {record.type} {record.id} is related to", NOT_ASKED)
            )
        return [Related(one.name, ident, kind, by_id.get(ident)) for one, ident, kind in ends if ident]

    async def _record(self, ident: str) -> WireRecord | int:
        if ident not in self._records:
            self._records[ident] = await self._asked(ident)
            if len(self._records) > _REMEMBERED:
                self._records.popitem(last=False)
        return self._records[ident]

    async def _asked(self, ident: str) -> WireRecord | int:
        """Return the record, or the status of the answer that is none."""
        if not self.wanted:
            return NOT_ASKED
        path = f"{self._api.path(())}/graph/records/{quote(ident, safe='')}"
        try:
            return WireRecord.model_validate(await self._api.at(path, {"$expand": "relationships"}))
        except Rejected as error:
            if error.status is not None and is_refusal(error, 400, 403, 404, 405, 410, 501):
                return error.status
            raise
        except TemporaryError as error:
            error.next_step = f"{error.next_step}; or leave the graph out with source.graph: false"
            raise


def _taken(reading: _Reading, ident: str, answer: WireRecord | int, what: str) -> WireRecord | None:
    """Return a record, or what is known of it from before; note what is missing."""
    if isinstance(answer, int):
        known = reading.known.get(ident)
        reading.gaps.append(Gap(what, answer, kept=known is not None))
        if known is None:
            return None
        answer = known
    reading.used[ident] = answer
    return answer


def _nothing_known(_form: str) -> Mapping[str, WireRecord]:
    return {}
