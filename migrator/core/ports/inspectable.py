"""What ``check`` and ``init`` ask beyond reading: lines about what was examined, and what a source may offer."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal, Protocol, runtime_checkable

from pydantic import Field

from migrator.core.base import Frozen
from migrator.core.model import AnyEntity

State = Literal["ok", "warning", "problem"]


class Line(Frozen):
    """One thing that was examined.

    Args:
        next_step: what to do about it, when it is not ok.
        is_permission: the problem is one of credentials or permissions.
    """

    subject: str
    state: State
    text: str
    next_step: str = ""
    is_permission: bool = Field(default=False, exclude=True)


class SeenProject(Frozen):
    """A project of the source that the account may open. ``active`` False: closed or retired there."""

    id: str
    title: str
    active: bool = True


class ProjectGroup(Frozen):
    """How projects of a source go into one project of QA Sphere.

    Args:
        source: what names all of them, those to come included.
        title: of the one project.
        what: one of them is called that.
        left_out_by: the key of the ``source`` block that lists those to leave out.
    """

    source: str
    title: str
    what: str
    left_out_by: str


@runtime_checkable
class Inspectable(Protocol):
    """A source that can be looked over cheaply. Optional; raises what the methods of ``Source`` raise."""

    async def visible_projects(self) -> Sequence[SeenProject]:
        """Return every project that the account may see. One that it may not open makes ``counts`` raise
        ``AuthenticationError`` with the code of a missing permission."""
        ...

    async def counts(self, project_id: str) -> Mapping[str, int]:
        """Return how many rows there are in each stream that can be counted cheaply."""
        ...

    async def sample(self, project_id: str) -> Sequence[AnyEntity]:
        """Return some test cases, and results where there are any, as a few calls give them: possibly without what
        is read per item."""
        ...

    def preflight(self, project_ids: Sequence[str]) -> AsyncIterator[Line]:
        """Look at what only this connector knows of, such as a second log-in for attachments. Reads only, and so little
        that nobody minds waiting; lines come as they are found, so that those before an error are not lost."""
        ...


@runtime_checkable
class GroupsProjects(Protocol):
    """A source whose projects are too small to be one each in QA Sphere. Optional, beside ``Inspectable``."""

    def grouping(self) -> ProjectGroup:
        """Say how they go together."""
        ...


@runtime_checkable
class ProposesSettings(Protocol):
    """A source that can fill in its own block of the config by what it sees. Optional, beside ``Inspectable``."""

    async def proposed_settings(self) -> Mapping[str, Mapping[str, str]]:
        """Return key → value, for keys that the config does not have yet."""
        ...


@runtime_checkable
class Clocked(Protocol):
    """A side whose clock can be compared with ours. Optional."""

    def clock_skew(self) -> float | None:
        """Return by how many seconds its clock is ahead of ours, as of its last answer, to about a second; None when
        it has not said."""
        ...
