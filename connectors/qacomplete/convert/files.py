"""Attachments as QAComplete lists them, and where their bytes are asked for; pure, and never fails for any row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.qacomplete.convert.cases import Converter, stripped
from connectors.qacomplete.convert.relations import shown
from connectors.qacomplete.wire.items import WireFile
from migrator.core.base import digest_of
from migrator.core.model import Attachment, RichText
from migrator.core.refs import PREFIX, UNREAD, Ref

Row = dict[str, Any]
_WEB = ("http://", "https://")
_ELSEWHERE = (*_WEB, "\\\\", "file:")


@dataclass(frozen=True, slots=True)
class FileAddress:
    """Where a file hangs, in QAComplete's words (§5). ``file_id`` None: the list has none (§7.1).

    ``occurrence``: how many files of this name stand before it on the item.
    """

    project: str
    code: str
    item: int
    name: str
    file_id: int | None
    occurrence: int


def attachments(
    convert: Converter, about: Ref, step: int | None, code: str, item: int, rows: Sequence[Row]
) -> list[tuple[Attachment, Row]]:
    """Return the files of an item, or of one of its steps, without our own receipts.

    ``code`` and ``item``: what was asked for; the rows may say otherwise (§7.1).
    """
    found = []
    names: dict[str, int] = {}
    for row in rows:
        wire = WireFile.model_validate(row)
        name = (stripped(wire.file_name) or stripped(wire.title) or "").strip()
        if name.lower().startswith(PREFIX):
            continue
        place = FileAddress(about.ids[0], code, item, name, wire.id or wire.attachment_id, names.get(name, 0))
        names[name] = place.occurrence + 1
        found.append((_attachment(convert, about, step, place, row), row))
    return found


def _attachment(convert: Converter, about: Ref, step: int | None, place: FileAddress, row: Row) -> Attachment:
    wire = WireFile.model_validate(row)
    # names and date tell files of one item apart (§7.1); a row without them is known by all it says
    natural = [wire.file_name, wire.title, wire.date_created] if place.name else row
    own = (place.file_id,) if place.file_id else (place.code.lower(), place.item, digest_of(natural)[:16])
    texts = {"title": stripped(wire.title), "comments": stripped(wire.comments)}
    updated = stripped(wire.date_updated)
    return Attachment(
        ref=convert.ref("file", place.project, *own),
        title=place.name or f"File of {shown(about)}",
        about=about,
        step=step,
        texts={name: RichText(value=text) for name, text in texts.items() if text and text != place.name},
        author=convert.person(place.project, wire.update_user_id, wire.user_name),
        created_at=convert.date(wire.date_created),
        address=place.name if place.name.lower().startswith(_WEB) else None,
        extra={
            **({"updated": updated} if updated else {}),
            "entity_code": place.code,
            "entity_id": place.item,
            "file_id": place.file_id,
            "occurrence": place.occurrence,
        },
    )


def unread(convert: Converter, about: Ref, code: str, item: int) -> Attachment:
    """Return what stands for the files that the source would not list."""
    ref = convert.ref("file", about.ids[0], code.lower(), item, UNREAD)
    return Attachment(ref=ref, title=f"Unread files of {shown(about)}", about=about)


def lies_elsewhere(attachment: Attachment) -> bool:
    """Return whether QAComplete keeps only an address, or a path on a file server, of this file (§7.1)."""
    return attachment.title.lower().startswith(_ELSEWHERE)


def address_of(attachment: Attachment) -> FileAddress | None:
    """Return where to ask for the bytes; None for what stands for an unread list."""
    match attachment.extra:
        case {
            "entity_code": str(code),
            "entity_id": int(item),
            "file_id": int() | None as file_id,
            "occurrence": int(n),
        }:
            return FileAddress(attachment.ref.ids[0], code, item, attachment.title, file_id, n)
    return None
