"""Attachments: an expansion shows who has some; what they are says the owner's own list, because no source says whether
an expansion is whole (§4)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from connectors.workiva.api import EXPANDED, NO_EXPANSION, Path, Row, WorkivaApi, is_refusal, row_id
from connectors.workiva.read.tree import refused
from connectors.workiva.wire import WireAttachment, rows_of
from migrator.core.base import digest_of
from migrator.core.errors import Rejected
from migrator.core.refs import PREFIX
from migrator.core.side_by_side import side_by_side

_DEEPEST_WITHOUT_LIST = 1


@dataclass(slots=True)
class _Level:
    """What is known about one level's expansions.

    Args:
        shows: some had attachments in them.
        hides: one had none although its list had.
    """

    shows: bool = False
    hides: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Attachments of an owner. ``whole``: the source has said that these are all."""

    rows: Sequence[Row]
    whole: bool = True


class AttachmentReader:
    """Reads the attachments of the rows of one page, several owners at a time."""

    def __init__(self, api: WorkivaApi) -> None:
        self._api = api
        self._levels: dict[int, _Level] = {}

    async def of(
        self, owners: Sequence[tuple[Path, Row]], *, expanded: bool, unchanged: Collection[Path] = ()
    ) -> list[Found]:
        """Return the attachments of each owner. ``expanded``: their rows come from a list
        that was to show them; ``unchanged``: owners that are not asked, for whom none are returned."""
        asked = [(ids, row) for ids, row in owners if ids not in unchanged]
        read = await side_by_side([partial(self._of_one, ids, row, expanded) for ids, row in asked])
        by_ids = {ids: found for (ids, _), found in zip(asked, read, strict=True)}
        return [by_ids.get(ids, Found(())) for ids, _ in owners]

    async def _of_one(self, ids: Path, row: Row, is_expanded: bool) -> Found:
        shown = [one for one in rows_of(row.get("attachments")) if not is_receipt(one)]
        rows = await self._rows(ids, row, is_expanded)
        if rows is None:
            return Found(shown, whole=False)
        listed = [one for one in rows if not is_receipt(one)]
        # what is shown is there, whatever the list says
        beyond = _beyond(shown, listed)
        return Found([*listed, *beyond], whole=not beyond)

    async def _rows(self, ids: Path, row: Row, is_expanded: bool) -> list[Row] | None:
        expanded = rows_of(row.get("attachments"))
        if len(ids) <= _DEEPEST_WITHOUT_LIST:  # forms have no list of their own (§5)
            return expanded if is_expanded else await self._of_form(ids)
        if not is_expanded:
            return await self._listed(ids)
        level = self._levels.setdefault(len(ids), _Level())
        if expanded:
            level.shows = True
            return await self._listed(ids)
        if isinstance(row.get("attachments"), list) and not level.hides:
            return []
        if level.shows and not level.hides:
            return []  # absent and null mean none where others are shown (§3)
        listed = await self._listed(ids)
        level.hides = level.hides or bool(listed)
        return listed

    async def _of_form(self, ids: Path) -> list[Row] | None:
        try:
            return rows_of((await self._api.item(ids, EXPANDED)).get("attachments"))
        except Rejected as error:
            if is_refusal(error, *NO_EXPANSION):
                return None
            if is_refusal(error, 404, 410):
                return []
            raise refused(error, ids) from error

    async def _listed(self, ids: Path) -> list[Row] | None:
        try:
            return await self._api.whole(self._api.attachments(ids), needs_ids=False)
        except Rejected as error:
            if is_refusal(error, 403, 404, 410):
                return None  # nothing is concluded about an owner that was listed a moment ago
            raise refused(error, ids) from error


def _beyond(shown: Sequence[Row], listed: Sequence[Row]) -> list[Row]:
    """Return what is shown and not listed. Rows within others may have no ids (§6): those are known by their names."""
    ids = {row_id(row) for row in listed}
    names = {WireAttachment.model_validate(row).file_name for row in listed}
    return [
        row
        for row in shown
        if (row_id(row) not in ids if row_id(row) else WireAttachment.model_validate(row).file_name not in names)
    ]


def fingerprint(row: Row) -> str:
    """Return a digest of the attachments that an expanded row shows."""
    return digest_of(row.get("attachments"))


def is_receipt(row: Row) -> bool:
    """Return whether an attachment is one of our own receipts; they are no evidence."""
    return WireAttachment.model_validate(row).file_name.lower().startswith(PREFIX)
