"""Receipts as files: small, without scripts, readable by day and by night, whatever stands in a title."""

import html
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import sync_playwright

from migrator.report.receipt import ReceiptLine, ReceiptPage, receipt_html
from tests.support.browser import chromium

ATTACK = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)>"
Scheme = Literal["light", "dark"]


def line(number: int, title: str = "Guests can order") -> ReceiptLine:
    return ReceiptLine(
        title=title,
        marker=f"qacomplete@acme:test:12/{number}",
        number=f"SHOP-{number:03}",
        id=f"1CKp{number}",
        url=f"https://acme.eu1.qasphere.com/project/SHOP/tcase/{number}",
        at=1_790_000_000.0,
    )


def page_of(lines: list[ReceiptLine], earlier: tuple[str, ...] = (), level: str = "test") -> str:
    server = "https://acme.eu1.qasphere.com/project/SHOP"
    owner = lines[0].marker if level == "test" and len(lines) == 1 else f"x@acme:{level}:12"
    return receipt_html(ReceiptPage(level, owner, "Web shop (SHOP)", server, lines, earlier)).decode()


def test_a_receipt_says_where_when_and_what_from() -> None:
    page = page_of([line(7)])
    for said in ("SHOP-007", "1CKp7", "Web shop (SHOP)", "2026-09-21 14:13 UTC", "qacomplete@acme:test:12/7"):
        assert said in page
    assert 'href="https://acme.eu1.qasphere.com/project/SHOP/tcase/7"' in page
    assert "Other receipts" not in page
    assert len(page) < 5_000


def test_many_items_are_a_table_and_earlier_receipts_are_named() -> None:
    page = page_of([line(n) for n in range(1, 301)], ("qasphere-receipt-a.html", "qasphere-receipt-b.html"), "phase")
    assert page.count('<th scope="row">') == 300
    assert page.count("/tcase/") == 300
    assert "300 items of this phase" in page
    assert "<code>qasphere-receipt-a.html</code>, <code>qasphere-receipt-b.html</code>" in page


def test_one_item_of_a_phase_is_not_the_phase() -> None:
    page = page_of([line(1)], level="phase")
    assert "1 item of this phase has moved to QA Sphere" in page
    assert "This phase has moved" not in page


@pytest.mark.parametrize("count", [1, 2])
def test_titles_are_text_whatever_they_hold(count: int) -> None:
    page = page_of([line(n, ATTACK) for n in range(count)], (ATTACK,))
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;") == count + 1


def test_nothing_is_asked_of_anybody() -> None:
    page = page_of([line(1)])
    assert "default-src 'none'" in html.unescape(page)
    assert re.findall(r"\b(?:src|action|srcset|data|poster)=", page) == []
    assert re.findall(r"<link|@import|url\(|javascript:", page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_browser_shows_it_by_day_and_by_night(tmp_path: Path, scheme: Scheme, count: int) -> None:
    path = tmp_path / "receipt.html"
    path.write_text(page_of([line(n, ATTACK) for n in range(1, count + 1)]), encoding="utf-8")
    with sync_playwright() as playwright:
        # the sandbox of chromium needs rights that a container does not give
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(color_scheme=scheme, viewport={"width": 360, "height": 640})
        troubles: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: troubles.append(message.text))
        page.on("dialog", lambda dialog: troubles.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        background, ink = (
            page.evaluate(f"getComputedStyle(document.body).{name}") for name in ("backgroundColor", "color")
        )
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        links = page.locator("a").count()
        browser.close()
    assert (troubles, asked) == ([], [path.as_uri()])
    assert links == (1 if count == 1 else count + 1)
    assert overflow == 0, "a narrow window scrolls sideways"
    assert (sum(map(int, re.findall(r"\d+", background))) > 382) == (scheme == "light")
    assert (sum(map(int, re.findall(r"\d+", ink))) < 382) == (scheme == "light")
