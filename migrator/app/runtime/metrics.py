"""``metrics.prom`` in the workspace: what monitoring reads while a command works and after it has ended."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import anyio

from migrator import __version__
from migrator.app.runtime.whole_file import whole_file
from migrator.core.errors import Interrupted, MigratorError
from migrator.core.observe import observing
from migrator.core.redact import hidden
from migrator.report.metrics import Sample, prometheus_text
from state.rows import DatabaseError
from state.workspace import Workspace

log = logging.getLogger("migrator.metrics")
METRICS = "metrics.prom"
_SECONDS = 15.0
# the sums of a large workspace take a while, in which nothing else is done: at most a fiftieth of the time
_REST = 50


@dataclass(frozen=True, slots=True)
class Sides:
    """Between what a workspace migrates: ``connector@instance``, and the address of QA Sphere."""

    source: str
    destination: str


class MetricsFile:
    """Keeps the file of one command up to date. What cannot be written stops nothing."""

    def __init__(
        self, workspace: Workspace, command: str, sides: Sides, listener: Callable[[list[Sample]], None]
    ) -> None:
        self._workspace = workspace
        self._command = command
        self._sides = sides
        self._listener = listener

    async def keep_up(self) -> None:
        """Write the file every now and then, until cancelled."""
        while True:
            began = time.perf_counter()
            self.write(running=True)
            await anyio.sleep(max(_SECONDS, (time.perf_counter() - began) * _REST))

    @contextmanager
    def around(self, is_whole: Callable[[], bool]) -> Iterator[None]:
        """Count while the block runs, then tell how it ended. ``is_whole``: whether it did all that it should."""
        with observing(self._workspace.totals.count):
            try:
                yield
            except Interrupted:
                self._end(None)
                raise
            except Exception:
                self._end(False)
                raise
            self._end(True if is_whole() else None)

    def write(self, *, running: bool) -> None:
        """Replace the file in one step."""
        self._workspace.totals.flush()
        samples = list(_samples(self._workspace, self._command, self._sides, running=running))
        self._listener(samples)
        path = self._workspace.folder / METRICS
        try:
            with whole_file(path) as file:
                file.writelines(line.encode() for line in prometheus_text(str(path.parent.absolute()), samples))
        except MigratorError as error:
            log.warning("%s could not be written: %s", path, error)

    def _end(self, well: bool | None) -> None:
        """Tell how the command ended; None: it was interrupted, which is neither."""
        try:
            if well is not None:
                self._workspace.totals.ended(self._command, time.time(), well=well)
            self.write(running=False)
        except (DatabaseError, MigratorError) as error:  # which must not hide what ended the command
            log.warning("the metrics could not be kept: %s", error)


def _samples(workspace: Workspace, command: str, sides: Sides, *, running: bool) -> Iterator[Sample]:
    yield Sample("info", 1, {"version": __version__, "source": sides.source, "destination": sides.destination})
    for project in workspace.books.projects():
        for kind, fates in workspace.books.fates(project).items():
            for fate, count in fates.items():
                yield Sample("items", count, {"project": project, "kind": kind, "fate": fate})
    for state, count in workspace.books.operations().items():
        yield Sample("operations", count, {"state": state})
    files, size = workspace.outcomes.file_sums()
    yield Sample("stored_files", files)
    yield Sample("stored_file_bytes", size)
    yield from _traffic(workspace)
    yield Sample("running", int(running), {"command": command})
    for end in workspace.totals.ends():
        if end.succeeded_at:
            yield Sample("last_success_timestamp_seconds", end.succeeded_at, {"command": end.command})
        if end.failed_at:
            yield Sample("last_failure_timestamp_seconds", end.failed_at, {"command": end.command})
    yield Sample("written_timestamp_seconds", time.time())


def _traffic(workspace: Workspace) -> Iterator[Sample]:
    sent: dict[str, int] = {}
    received: dict[str, int] = {}
    for total in workspace.totals.requests():
        labels = {"service": total.service, "status": total.status}
        yield Sample("requests_total", total.requests, labels)
        yield Sample("request_seconds_total", total.seconds, labels)
        sent[total.service] = sent.get(total.service, 0) + total.sent_bytes
        received[total.service] = received.get(total.service, 0) + total.received_bytes
    for name, sums in (("sent_bytes_total", sent), ("received_bytes_total", received)):
        for service, size in sums.items():
            yield Sample(name, size, {"service": service})
    for reason, seconds in workspace.totals.waits().items():
        yield Sample("waited_seconds_total", seconds, {"reason": hidden(reason)})
