"""Questions about files, and about what texts keep (§1.8, §3.15)."""

import hashlib
import re
import tempfile
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from typing import Any

from connectors.qasphere.probe.asker import Stuck
from connectors.qasphere.probe.catalogue import SAFE_TAGS
from connectors.qasphere.probe.lab import Lab, needed
from migrator.http.multipart import FilePart, Multipart

# a picture of one transparent dot
_DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63000100000500010d0a2db40000"
    "000049454e44ae426082"
)
_TEXT = "probe \N{EURO SIGN} \N{LATIN SMALL LETTER E WITH ACUTE}\r\n".encode()
_BODIES = {"ul": "<ul><li>x</li></ul>", "ol": "<ol><li>x</li></ol>", "li": "<ul><li>x</li></ul>", "br": "x<br>x"}


async def ask_files(lab: Lab) -> list[dict[str, object]]:
    """Upload small files; return two as cases list them (A-21), a picture and a text; none if they are not taken."""
    with lab.asking("file.created"):
        single = await lab.ask.upload("/file", Multipart("file", [_part("probe.png", _DOT, "image/png")]))
        lab.status("file.created", single)
    with lab.asking("file.empty"):
        empty = await lab.ask.upload("/file", Multipart("file", [_part("empty.txt", b"", "text/plain")]))
        lab.found("file.empty", empty.is_good, empty.message)
    files: list[dict[str, object]] = []
    with lab.asking("file.same_bytes"):
        parts = [_part("one.png", _DOT, "image/png"), _part("two.txt", _TEXT, "text/plain")]
        batch = needed("the batch was not taken", await lab.ask.upload("/file/batch", Multipart("files", parts)))
        files = [_listed(part, batch.get("files", number)) for number, part in enumerate(parts)]
        digests = [await _digest(lab, str(file["id"])) for file in files]
        expected = [hashlib.sha256(content).hexdigest() for content in (_DOT, _TEXT)]
        swapped = " (in another order)" if digests == expected[::-1] else ""
        lab.found("file.same_bytes", digests == expected, "" if digests == expected else f"other bytes{swapped}")
    return files


def _listed(part: FilePart, row: Any) -> dict[str, object]:
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        raise Stuck("the batch was taken without an id for each file")
    url = row.get("url")
    return {"id": row["id"], "fileName": part.name, "mimeType": part.mime_type, "size": part.size, "url": url}


async def ask_texts(lab: Lab, picture: str | None) -> None:
    """Store texts with every tag, and read back which survive. ``picture``: address of an uploaded one."""
    with lab.asking("html.tags", "html.tables", "html.images", "html.style", "html.quote"):
        await _ask_tags(lab, picture)


async def _ask_tags(lab: Lab, picture: str | None) -> None:
    parts = {tag: _BODIES.get(tag, f"<{tag}>x</{tag}>") for tag in SAFE_TAGS}
    parts["a"] = '<a href="https://example.com/x">x</a>'
    more = {
        "table": "<table><tr><th>x</th></tr><tr><td>y</td></tr></table>",
        "style": '<p style="color: red">x</p>',
        "quote": '<p>say "x"</p>',
        "image": f'<p><img src="{picture}" alt="x"></p>',
    }
    texts = parts | more
    steps = [{"description": f"<p>{name}</p>{text}", "expected": ""} for name, text in texts.items()]
    created = await lab.prepared("the texts were refused", partial(lab.create_case, "texts", {"steps": steps}))
    read = await lab.case(created.get("id"))
    kept = [str(read.get("steps", number, "description") or "") for number in range(len(texts))]
    if not any(kept):
        raise Stuck("the texts could not be read back")
    stored = dict(zip(texts, kept, strict=True))
    survived = [tag for tag in parts if _has(tag, stored[tag])]
    lost = [tag for tag in parts if tag not in survived]
    lab.found("html.tags", list(survived), f"lost: {', '.join(lost)}" if lost else "")
    table = stored["table"]
    lab.found("html.tables", all(_has(tag, table) for tag in ("table", "tr", "td")), _shown(table))
    lab.found("html.style", "color" in stored["style"], _shown(stored["style"]))
    quoted = re.search(r"say (.*?)x", stored["quote"])
    lab.found("html.quote", quoted[1] if quoted else None, _shown(stored["quote"]))
    if picture is None:
        lab.skipped("html.images", "no picture could be uploaded")
    else:
        lab.found("html.images", _has("img", stored["image"]) and picture in stored["image"], _shown(stored["image"]))


def _has(tag: str, html: str) -> bool:
    return re.search(rf"<{tag}[\s/>]", html) is not None


def _shown(html: str) -> str:
    return f"stored: {html[:200]}"


def _part(name: str, content: bytes, mime_type: str) -> FilePart:
    async def chunks() -> AsyncGenerator[bytes, None]:
        yield content

    return FilePart(name, len(content), mime_type, chunks)


async def _digest(lab: Lab, ident: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "file"
        needed("a file could not be downloaded", await lab.ask.download(ident, target))
        return hashlib.sha256(target.read_bytes()).hexdigest()
