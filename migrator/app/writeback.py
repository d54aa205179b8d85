"""``writeback``: receipts in the source, for everything that is in QA Sphere."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from pydantic import BaseModel

from connectors import load_source
from mappings.rules import ProjectRules
from migrator.app.runtime.session import locked, refuse_while_loading
from migrator.config import Config
from migrator.core.base import digest_of
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.events import Listener
from migrator.core.ports.receipts import ReceiptTarget
from migrator.core.receipt_records import Moved
from migrator.core.refs import PREFIX, Ref
from migrator.engine.receipts.send import ReceiptPages, ReceiptSender, SendTerms
from migrator.engine.receipts.writeback import Writeback
from migrator.engine.stop import Stop
from migrator.report.receipt import ReceiptLine, ReceiptPage, receipt_html
from state.workspace import DATABASE, Workspace

_DIGITS = 8
_NAMED = 40


class WritebackResult(BaseModel):
    """What came of it.

    Args:
        receipts: ``written``, ``found`` hanging there, ``kept`` since an earlier time, ``to_write`` in a dry run,
            ``failed``, ``unknown``.
        items: receipts tell of so many.
        nowhere: so many lie where nothing takes files.
        beside: receipts beside earlier ones that say something else.
        troubles: what went wrong.
    """

    dry_run: bool
    level: str
    receipts: dict[str, int]
    items: int
    nowhere: int
    beside: list[dict[str, str]]
    troubles: list[dict[str, str]]

    @property
    def has_failures(self) -> bool:
        """Whether any receipt failed, or may or may not hang there."""
        return bool(self.troubles)


async def writeback(config: Config, listener: Listener, *, dry_run: bool, level: str | None) -> WritebackResult:
    """Leave receipts, the only thing that is ever written to a source; ``dry_run``: list what would be left.

    ``level``: what they hang on, None for what is usual at the source.
    """
    if not (config.workspace / DATABASE).exists():
        raise ConfigError(
            f"there is no workspace in {config.workspace}",
            code=ErrorCode.WORKSPACE_MISSING,
            next_step="run `migrator run` first; receipts say where it has put things",
        )
    return await locked(config, listener, "writeback", partial(_work, config, dry_run=dry_run, level=level))


async def _work(
    config: Config, workspace: Workspace, listener: Listener, stop: Stop, *, dry_run: bool, level: str | None
) -> WritebackResult:
    connector = load_source(config.connector)
    if connector.open_receipts is None:
        raise ConfigError(f"the source {config.connector} takes no receipts", code=ErrorCode.NO_RECEIPTS)
    refuse_while_loading(
        config,
        workspace,
        "; no receipt was left",
        cause="receipts cannot be taken away, so they are left once everything is where it will be",
        next_step="end it with `migrator run`, then run `migrator writeback` again",
    )
    async with connector.open_receipts(config.source, config.http, dry_run) as target:
        chosen = _level(target, level)
        folder = config.workspace / "spool"
        folder.mkdir(exist_ok=True)
        for left in folder.glob("receipt-*"):  # by a process that was killed
            left.unlink()
        if not dry_run:
            workspace.receipts.wake(time.time())
        terms = SendTerms(config.destination.settle_seconds, time.time, dry_run)
        sender = ReceiptSender(target, workspace.receipts, folder, terms, stop)
        work = Writeback(target, workspace.receipts, sender, listener, stop)
        for project in config.projects:
            await work.project(project.source, chosen, _pages(config.destination.base_url, project))
        tally = sender.tally
        return WritebackResult(
            dry_run=dry_run,
            level=chosen,
            receipts=dict(tally.counts),
            items=tally.items,
            nowhere=tally.nowhere,
            beside=[{"marker": marker, "name": name} for marker, name in tally.beside],
            troubles=[asdict(trouble) for trouble in tally.troubles],
        )


def _level(target: ReceiptTarget, level: str | None) -> str:
    if level is not None and level not in target.levels:
        raise ConfigError(
            f"receipts cannot hang on a {level} at this source",
            code=ErrorCode.NO_RECEIPTS,
            next_step=f"use --level {' or '.join(target.levels)}",
        )
    return level or target.levels[0]


# --- pages ------------------------------------------------------------------------------------------------------------


def _pages(base_url: str, project: ProjectRules) -> ReceiptPages:
    server, code = base_url.rstrip("/"), project.destination

    def name(owner: Ref, items: Sequence[Moved]) -> str:
        """Name a receipt after its owner and what it says: where things are, not what they are called or when."""
        held = [server, code, [[item.ref.marker, item.id, item.seq] for item in items]]
        own = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in owner.ids[-1])[:_NAMED]
        return f"{PREFIX}{owner.kind}-{own}-{digest_of(held)[:_DIGITS]}.html"

    def html(owner: Ref, items: Sequence[Moved], earlier: Sequence[str]) -> bytes:
        lines = [
            ReceiptLine(
                title=item.title,
                marker=item.ref.marker,
                # three digits at least (``qasphere-api.md`` §1.5)
                number=f"{code}-{item.seq:03}",
                id=item.id,
                url=f"{server}/project/{code}/tcase/{item.seq}",
                at=item.at,
            )
            for item in items
        ]
        title = f"{project.title} ({code})" if project.title else code
        return receipt_html(ReceiptPage(owner.kind, owner.marker, title, f"{server}/project/{code}", lines, earlier))

    return ReceiptPages(name, html)
