"""The property graph that test forms hang in (``workiva-api.md`` §11): controls, risks, people, as related records.

Whether a form is a record under its own id no source says, so the first forms are asked; where none is, nobody asks on.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from connectors.workiva.api import WorkivaApi, is_refusal
from connectors.workiva.wire import WireRecord
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import AuthenticationError, MigratorError, Rejected, TemporaryError
from migrator.core.side_by_side import side_by_side

CONTROL = "control"
TESTS = "tests"
"""The kinds of a control, whose first id is its record's, and of its links to cases, whose first id is the form's."""
MOST_RELATED = 50
"""Records that are asked for by name, of one record's relations: some lead to thousands."""
_TRIES = 3
_REMEMBERED = 2000


@dataclass(frozen=True, slots=True)
class Related:
    """The other end of a relation: what it is called, the record's id and type, and the record if it was asked for."""

    relation: str
    id: str
    type: str
    record: WireRecord | None


@dataclass(frozen=True, slots=True)
class FormGraph:
    """A form's own record, what it is related to, and the controls among that, each with its own relations."""

    record: WireRecord
    related: Sequence[Related]
    controls: Sequence[tuple[WireRecord, Sequence[Related]]]


class GraphReader:
    """Reads what the graph knows of test forms, each record once. ``wanted`` False: nobody is asked; ``control_type``:
    how this customer calls controls. ``had``: whether an earlier reading has an item of this kind and first id."""

    had: Callable[[str, str], bool]

    def __init__(self, api: WorkivaApi, *, wanted: bool, control_type: str) -> None:
        self._api = api
        self._tries_left = _TRIES if wanted else 0
        self._is_there = False
        self.had = _nothing_known
        self._control_type = control_type.casefold()
        self._records: OrderedDict[str, WireRecord | None] = OrderedDict()
        self._forms: OrderedDict[str, FormGraph | None] = OrderedDict()

    async def form(self, form: str) -> FormGraph | None:
        """Return what is known of a form; None when its record is not there or may not be read."""
        if form in self._forms:
            return self._forms[form]
        if self._tries_left <= 0 and not self._is_there:
            return None
        record = await self._record(form)
        if record is None and self.had(TESTS, form):
            raise _lost(form, "test form")
        self._is_there = self._is_there or record is not None
        self._tries_left -= record is None
        found = None
        if record is not None:
            related = await self._related(record)
            others = [one.record for one in related if one.record]
            controls = [other for other in others if other.type.casefold() == self._control_type]
            beyond = await side_by_side([partial(self._related, control) for control in controls])
            found = FormGraph(record, related, list(zip(controls, beyond, strict=True)))
        self._forms[form] = found
        if len(self._forms) > _REMEMBERED:
            self._forms.popitem(last=False)
        return found

    async def _related(self, record: WireRecord) -> list[Related]:
        ends = [(one, *one.other_end(record.id)) for one in record.relationships]
        asked = list(dict.fromkeys(ident for _, ident, _ in ends if ident))[:MOST_RELATED]
        records = await side_by_side([partial(self._record, ident) for ident in asked])
        by_id = dict(zip(asked, records, strict=True))
        for ident, other in by_id.items():
            if other is None and self.had(CONTROL, ident):
                raise _lost(ident, "control")
        return [Related(one.name, ident, kind, by_id.get(ident)) for one, ident, kind in ends if ident]

    async def _record(self, ident: str) -> WireRecord | None:
        if ident not in self._records:
            self._records[ident] = await self._asked(ident)
            if len(self._records) > _REMEMBERED:
                self._records.popitem(last=False)
        return self._records[ident]

    async def _asked(self, ident: str) -> WireRecord | None:
        path = f"{self._api.path(())}/graph/records/{quote(ident, safe='')}"
        try:
            return WireRecord.model_validate(await self._api.at(path, {"$expand": "relationships"}))
        except Rejected as error:
            if is_refusal(error, 400, 403, 404, 405, 410, 501):
                return None
            raise
        except TemporaryError as error:
            error.next_step = f"{error.next_step}; or leave the graph out with source.graph: false"
            raise


def _nothing_known(_kind: str, _ident: str) -> bool:
    return False


def _lost(ident: str, what: str) -> MigratorError:
    return AuthenticationError(
        f"Workiva does not give the graph's record of the {what} {ident} any more",
        code=ErrorCode.PERMISSION,
        cause="earlier rounds had it: to go on without would take requirements, tags and facts from cases",
        next_step="give the grant's user access to it again, or remove the relation to it in Workiva if it was deleted;"
        " source.graph: false leaves all of the graph out, and takes what came from it away",
    )
