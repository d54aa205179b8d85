"""Attachments of QAComplete as tests look at them: one file, all files, their bytes, their troubles."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.qacomplete.sandbox import File, QACompleteStandIn, SeedData, Switches, build, generate
from connectors.qacomplete.sandbox.sample_files import png
from connectors.qacomplete.source import QACompleteSource
from migrator.core.errors import ContentTrouble
from migrator.core.model import Attachment
from migrator.core.ports.source import Content
from migrator.standin.serve import serve
from tests.support.qacomplete import open_source, records_of

LIMIT = 50 * 1024 * 1024


class Forgetful:
    """A memory that is not needed."""

    def recall(self) -> str | None:
        return None

    def keep(self, text: str | None) -> None:
        raise AssertionError(f"nothing is to be remembered: {text}")


async def fetch(source: QACompleteSource, file: Attachment, target: Path, *, max_bytes: int = LIMIT) -> Content:
    return await source.fetch(file, target, max_bytes=max_bytes, memory=Forgetful())


async def files_of(source: QACompleteSource) -> dict[str, Attachment]:
    found = [record.entity for record in await records_of(source, "attachments")]
    files = {"/".join(entity.ref.ids[1:]): entity for entity in found if isinstance(entity, Attachment)}
    assert len(files) == len(found)
    return files


@asynccontextmanager
async def opened(
    data: SeedData, switches: Switches | None = None, **settings: Any
) -> AsyncIterator[tuple[QACompleteStandIn, QACompleteSource]]:
    stand_in = build(data=data, switches=switches)
    async with serve(stand_in.app) as url, open_source(url, **settings) as source:
        yield stand_in, source


def one_file(**more: Any) -> SeedData:
    """Return a project with one test and one file on it."""
    data = generate(1)
    given: dict[str, Any] = {"name": "a.png", "bytes_": png(4, 4, (1, 2, 3)), **more}
    data.files.append(File(1, 12, "Tests", data.tests[0].id, **given))
    return data


async def trouble_of(source: QACompleteSource, file: Attachment, target: Path, **more: int) -> ContentTrouble:
    with pytest.raises(ContentTrouble) as caught:
        await fetch(source, file, target, **more)
    nothing_there(target)
    return caught.value


def nothing_there(target: Path) -> None:
    assert list(target.parent.iterdir()) == []
