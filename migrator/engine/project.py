"""The destination project: there already, or created once."""

import time
from dataclasses import replace
from typing import cast

from migrator.core.drafts import ProjectDraft
from migrator.core.errors import ConfigError, MigratorError, OutcomeUnknown, Rejected
from migrator.core.events import Listener, Said
from migrator.core.ports import Created, Destination, Hooks, Mapped, ProjectView
from migrator.core.store import Fate, Journal, LedgerEntry, Operation, PlannedItem, Round
from migrator.engine.crash import reach
from migrator.engine.job import Job
from migrator.engine.stop import Stop


class ProjectStage:
    """Finds or creates the destination project of one source project."""

    def __init__(self, journal: Journal, destination: Destination, job: Job, listener: Listener, stop: Stop) -> None:
        self._journal = journal
        self._destination = destination
        self._code = job.code
        self._create = job.create
        self._settle_seconds = job.settle_seconds
        self._listener = listener
        self._stop = stop

    async def ensure(self, current: Round, mapped: Mapped) -> ProjectView | None:
        """Return the project; None when a stop was requested before it existed.

        Raises ``ConfigError`` when it is archived, refused, or missing and not to be created.
        """
        view = await self._find(current)
        if view is None:
            view = await self._make(current, mapped)
        elif mapped.marker not in self._journal.ledger([mapped.marker]):
            self._adopt(current, mapped, view)
        else:
            self._journal.put_items(current, [_item(mapped, view, "unchanged")])
        return view

    async def _find(self, current: Round) -> ProjectView | None:
        view = await self._destination.project(self._code)
        for operation in self._journal.unknown(current.project, "project"):
            view = view or await self._settle(operation)
            if view:
                self._journal.done(operation, Created(view.id), "migrated")
            else:
                self._journal.planned_again(operation)
        if view and view.archived:
            raise ConfigError(
                f"project {self._code} in QA Sphere is archived",
                cause="an archived project refuses every write",
                next_step="take it out of the archive in QA Sphere, or choose another `destination` code",
            )
        return view

    async def _settle(self, operation: Operation) -> ProjectView | None:
        """Look a second time, when a lost create cannot arrive any more."""
        wait = operation.alive_at + self._settle_seconds - time.time()
        self._listener(Said(f"waiting {max(0, wait):.0f} s to see whether project {self._code} was created"))
        await self._stop.sleep(max(0.0, wait))
        return await self._destination.project(self._code)

    def _adopt(self, current: Round, mapped: Mapped, view: ProjectView) -> None:
        digest = mapped.draft.digest if mapped.draft else ""
        self._journal.adopt(current.project, LedgerEntry(mapped.marker, "project", view.id, None, digest))
        self._journal.put_items(current, [_item(mapped, view, "adopted")])

    async def _make(self, current: Round, mapped: Mapped) -> ProjectView | None:
        if not self._create or mapped.draft is None:
            raise ConfigError(
                f"there is no project {self._code} in QA Sphere",
                cause=mapped.reason,
                next_step="create it there, or set `create: true` for it in the config",
            )
        item = PlannedItem(mapped.marker, "project", mapped.title, "pending", draft=mapped.draft, notes=mapped.notes)
        self._journal.put_items(current, [item])
        for operation in self._journal.planned(current.project, "project", 1):
            await self._send(operation)
        return None if self._stop.requested() else await self._destination.project(self._code)

    async def _send(self, operation: Operation) -> None:
        draft = cast(ProjectDraft, operation.draft)
        hooks = Hooks(before_send=lambda: self._intend(operation), sent=lambda: reach("sent"))
        try:
            created = await self._destination.create_project(draft, hooks)
        except OutcomeUnknown as error:
            now = time.time()
            self._journal.in_doubt(operation, now, str(error))
            await self._resolve(operation, now)
        except Rejected as error:
            self._journal.failed(operation, str(error))
            raise ConfigError(
                f"QA Sphere refused to create project {self._code}",
                cause=str(error),
                next_step="correct `destination` or `title` of the project in the config, then run `migrator retry`",
            ) from error
        except MigratorError:
            self._journal.planned_again(operation)
            raise
        else:
            reach("answered")
            with self._journal.atomic():
                self._journal.done(operation, created, "migrated")
                reach("before_ledger_commit")
            reach("after_ledger_commit")

    async def _resolve(self, operation: Operation, alive_at: float) -> None:
        view = await self._destination.project(self._code) or await self._settle(replace(operation, alive_at=alive_at))
        if view:
            self._journal.done(operation, Created(view.id), "migrated")
        elif not self._stop.requested():
            self._journal.planned_again(operation)
            await self._send(operation)

    async def _intend(self, operation: Operation) -> None:
        reach("before_intent")
        self._journal.sending([operation], time.time())
        reach("after_intent")


def _item(mapped: Mapped, view: ProjectView, fate: Fate) -> PlannedItem:
    reason = f"project {view.code} was there already" if fate == "adopted" else ""
    return PlannedItem(mapped.marker, "project", mapped.title, fate, reason=reason, notes=mapped.notes)
