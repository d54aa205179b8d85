"""What every part of the engine works with, in one hand."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from migrator.core.events import Listener
from migrator.core.ports.destination import DestinationReader
from migrator.engine.job import Job
from migrator.engine.stop import Stop
from state.store import Store

D_co = TypeVar("D_co", bound=DestinationReader, covariant=True)


@dataclass(frozen=True, slots=True)
class Context(Generic[D_co]):
    """One job at work: the workspace, QA Sphere, what to migrate where, who listens, and who may ask to stop.

    Parts that only read take a ``Context[DestinationReader]``, so that nothing in them can write to QA Sphere; parts
    that write take a ``Context[Destination]``, which is one of the former, too.
    """

    store: Store
    destination: D_co
    job: Job
    listener: Listener
    stop: Stop

    @property
    def project(self) -> str:
        """The id of the project at the source."""
        return self.job.source_id
