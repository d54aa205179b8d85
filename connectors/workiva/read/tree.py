"""The way through forms, phases and matrices, in their order, without holding more than what is near."""

from collections.abc import Collection

from connectors.workiva.api import Path, Row, WorkivaApi, is_refusal, row_id
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import AuthenticationError, MigratorError, Rejected

ALL = "*"
"""The project that takes every test form."""


class Moved(Exception):
    """What a cursor names, or what a list held a moment ago, is not there any more."""


class Tree:
    """Lists what lies below an item, and finds the way on.

    Keeps one list per level: the forms, the phases of one form, the matrices of one phase.

    Args:
        wanted: the ids of the test forms to take, None for all.
        skip: those to leave out.
        has_moved: something that was listed was not there any more.
        sizes: how many rows the lists below items gave since it was cleared.
    """

    def __init__(self, api: WorkivaApi, skip: Collection[str]) -> None:
        self._api = api
        self._skip = frozenset(skip)
        self._kept: dict[int, tuple[Path, dict[str, Row]]] = {}
        self.sizes: dict[Path, int] = {}
        self.wanted: frozenset[str] | None = None
        self.has_moved = False

    def forget(self, wanted: frozenset[str] | None) -> None:
        """Read every list anew, and take these forms only."""
        self._kept.clear()
        self.wanted = wanted

    def takes(self, form: str) -> bool:
        """Return whether a test form is among those to take."""
        return form not in self._skip and (self.wanted is None or form in self.wanted)

    def size_of(self, parent: Path, rows: Collection[Row]) -> int:
        """Return how many rows of a list below an item count: of the forms, those that are named."""
        return len(rows) if parent or self.wanted is None else sum(row_id(row) in self.wanted for row in rows)

    async def first(self, depth: int, above: Path = ()) -> Path | None:
        """Return the first item so many levels deep, below ``above``."""
        for ident in await self._children_of(above):
            ids = (*above, ident)
            if len(ids) == depth:
                return ids
            if found := await self.first(depth, ids):
                return found
        return None

    async def from_here(self, ids: Path, most: int) -> list[tuple[Path, Row]]:
        """Return the item and the siblings after it, ``most`` in all. ``Moved`` when the item is not there."""
        siblings = await self._children_of(ids[:-1])
        if ids[-1] not in siblings:
            raise Moved
        place = list(siblings).index(ids[-1])
        return [((*ids[:-1], ident), row) for ident, row in list(siblings.items())[place : place + most]]

    async def after(self, ids: Path) -> Path | None:
        """Return the next item of the same depth; the next branch may have to be opened for it."""
        if not ids:
            return None
        siblings = list(await self._children_of(ids[:-1]))
        place = siblings.index(ids[-1]) + 1
        if place < len(siblings):
            return (*ids[:-1], siblings[place])
        above = await self.after(ids[:-1])
        while above is not None:
            if found := await self.first(len(ids), above):
                return found
            above = await self.after(above)
        return None

    async def _children_of(self, parent: Path) -> dict[str, Row]:
        kept = self._kept.get(len(parent))
        if kept and kept[0] == parent:
            return kept[1]
        try:
            rows = await self._api.whole(self._api.children(parent))
            self.sizes[parent] = self.size_of(parent, rows)
        except Rejected as error:
            if parent and is_refusal(error, 404, 410):
                rows = []  # it was removed meanwhile; another sweep will not list it
                self.has_moved = True
            else:
                raise refused(error, parent) from error
        found = {row_id(row): row for row in rows if parent or self.takes(row_id(row))}
        self._kept[len(parent)] = (parent, found)
        return found


def wanted_forms(project: str) -> frozenset[str] | None:
    """Return the ids of the test forms that a project names; None for all."""
    return None if project.strip() == ALL else frozenset(part.strip() for part in project.split(",") if part.strip())


def refused(error: MigratorError, ids: Path) -> MigratorError:
    """Return what a refused list means, with the way out."""
    if not ids:
        return AuthenticationError(
            "Workiva does not let this API grant read test forms",
            code=ErrorCode.PERMISSION,
            cause=error.cause,
            next_step="give the grant the scope graph:read and its user access to test forms; check source.client_id",
        )
    if is_refusal(error, 403):
        return AuthenticationError(
            f"Workiva does not let this API grant read the test form {ids[0]}",
            code=ErrorCode.PERMISSION,
            cause=error.cause,
            next_step=f"give the grant's user access to it; or add {ids[0]} to source.skip",
        )
    return error
