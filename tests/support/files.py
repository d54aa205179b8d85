"""A source of files whose every answer a test decides, and drafts of files."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from migrator.core.drafts import FileDraft, FromAttachment, FromPicture
from migrator.core.errors import MigratorError
from migrator.core.model import Attachment
from migrator.core.ports.source import Content, Memory
from tests.support.drafts import ref

Answer = bytes | MigratorError | Callable[[], bytes]


class ScriptedFiles:
    """Answers what ``answers`` says, by attachment marker or picture address; an error is raised."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def fetch(self, attachment: Attachment, target: Path, *, max_bytes: int, memory: Memory) -> Content:
        return self._give(attachment.ref.marker, target)

    async def fetch_picture(self, address: str, target: Path, *, max_bytes: int) -> Content:
        return self._give(address, target)

    def _give(self, name: str, target: Path) -> Content:
        self.asked.append(name)
        answer = self.answers[name]
        if isinstance(answer, MigratorError):
            raise answer
        content = answer if isinstance(answer, bytes) else answer()
        target.write_bytes(content)
        return Content(len(content), hashlib.sha256(content).hexdigest(), "")


def attachment(number: int, name: str | None = None, *, size: int | None = None) -> Attachment:
    return Attachment(
        ref=ref("attachment", "12", "test", "1", str(number)),
        title=name or f"file-{number}.bin",
        about=ref("test", "12", "1"),
        size=size,
        address=f"https://qa.example/files/{number}",
    )


def file_draft(entity: Attachment) -> FileDraft:
    marker = entity.ref.marker
    return FileDraft(marker=marker, owner=entity.about.marker, name=entity.title, content=FromAttachment(marker=marker))


def picture_draft(address: str, name: str) -> FileDraft:
    owner = ref("test", "12", "1").marker
    return FileDraft(marker=f"{owner}#img-{name}", owner=owner, name=name, content=FromPicture(address=address))
