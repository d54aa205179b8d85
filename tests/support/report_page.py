"""What stands in the blocks of a report file, read without a browser; and a report to look at."""

import base64
import re
import zlib
from collections.abc import Iterable
from typing import Any

import orjson

from migrator.report.html import html_report
from migrator.report.values import Change, FolderNode, Loss, News, Overview, Row
from state.questions.books import Cause
from state.questions.notes import KeptNote, NotedItem

ATTACK = "<img src=x onerror=alert(1)>"
_BLOCK = re.compile(r'<script type="text/plain" data-block="(\w+)">([^<]*)</script>')


def blocks_in(page: str) -> dict[str, list[Any]]:
    """Return kind of block → what each of them holds."""
    found: dict[str, list[Any]] = {}
    for kind, text in _BLOCK.findall(page):
        found.setdefault(kind, []).append(orjson.loads(zlib.decompress(base64.b64decode(text))))
    return found


def page_of(overview: Overview, rows: Iterable[Row]) -> str:
    return "".join(html_report(overview, rows))


def sample_rows(count: int) -> list[Row]:
    """Two conflicts, one of them with an attack for a title, and ``count`` cases that are pending."""
    change = Change("title", "Sign in with a <b>password</b>", "Sign in with a <b>pass phrase</b>", "Sign in")
    attack = KeptNote("title_cleaned", ATTACK, f"{ATTACK}</script><script>alert(2)</script>", ATTACK)
    rows = [
        Row(
            "12", "case", ATTACK, "m:1", "conflict", folder=1, code="SHOP-001", reason=ATTACK,
            address="javascript:alert(3)", notes=(attack,), changes=(change, Change(ATTACK, ATTACK, "</td>" + ATTACK)),
        ),
        Row("12", "case", "Sign in", "m:2", "conflict", folder=0, code="SHOP-002", changes=(change,)),
    ]  # fmt: skip
    return rows + [
        Row("12", "case", f"Pay invoice {number}", f"m:{number}", "pending", "create", folder=number % 2)
        for number in range(3, 3 + count)
    ]


def sample_overview() -> Overview:
    """An overview with an attack wherever data can stand."""
    child = FolderNode(1, 1, ATTACK, f"Checkout / {ATTACK}", {"conflict": 1}, 1)
    example = NotedItem("12", "case", "m:1", ATTACK, ATTACK, ATTACK, ATTACK)
    return Overview(
        title=f"Plan {ATTACK}",
        made_at=0,
        facts=(("from", ATTACK),),
        news=(News("bad", f"2 cases in conflict {ATTACK}", "conflict"),),
        fates={"case": {"conflict": 2, "pending": 10}},
        problems=(Cause("conflict", "case", f"`{ATTACK}`", 2, ATTACK, "m:1"),),
        losses=(
            Loss("title_cleaned", "cosmetic", 1, {"case": 1}, (example,), ATTACK, "mapping.x", "", f"line: {ATTACK}"),
        ),
        folders=(FolderNode(0, 1, "Checkout", "Checkout", {}, 2, (child,)),),
    )
