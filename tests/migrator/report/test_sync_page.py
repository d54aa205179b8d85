"""The page of a round of sync: nothing runs in it, nothing is asked of anybody, and it fits every screen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, sync_playwright
from selectolax.lexbor import LexborHTMLParser

from migrator.report.sync import HEADINGS, UPDATED, Section, SyncPage, Told, sync_html
from migrator.report.values import Change
from tests.support.browser import chromium
from tests.support.report_page import ATTACK

LONG = "LongWordWithoutAnyBlank" * 20


def told(number: int) -> Told:
    """An item with an attack, and with words that no screen is wide enough for, wherever data can stand."""
    return Told(
        f"case{ATTACK}", f"{ATTACK}{LONG}", f"m:{number}{LONG}", f"failed{ATTACK}", f"{ATTACK}`{LONG}`", ATTACK, ATTACK,
        f"</blockquote>{ATTACK}{LONG}", f"SHOP-{number}{ATTACK}", "javascript:alert(1)", "data:text/html,<script>",
        (Change(ATTACK, f"{LONG} {ATTACK}", f"{LONG}</td>{ATTACK}", f"{ATTACK}{LONG}"),
         Change("title", "", "b", "", theirs=True)),
        is_new=number == 1,
    )  # fmt: skip


def page(*, finished: bool = True) -> SyncPage:
    sections = tuple(Section(name, heading, (told(1), told(2)), more=7) for name, heading in HEADINGS.items())
    return SyncPage(
        0.0, 61.0, finished, (("from", ATTACK), ("to", LONG)),
        {"case": {"migrated": 2, "updated": 1, "adopted": 1}, "result": {"migrated": 10}},
        Section("updated", UPDATED, (told(3),), "before", "now"), (told(4),), 12, ((f"{ATTACK}{LONG}", 3),), sections,
        is_balanced=finished,
    )  # fmt: skip


def rendered(found: SyncPage) -> LexborHTMLParser:
    return LexborHTMLParser("".join(sync_html(found)))


def test_data_stays_text_and_only_web_addresses_are_links() -> None:
    found = rendered(page())
    assert found.css("img, script, iframe, link[href^=http]") == []
    addresses = {link.attributes["href"] or "" for link in found.css("a")}
    assert all(address.startswith("#") for address in addresses)
    # every line of the summary leads to a place that is there
    assert all(found.css_first(f"[id={address[1:]}]") is not None for address in addresses)


def test_the_worst_is_said_first_and_what_is_not_listed_is_counted() -> None:
    lines = [line.text(strip=True) for line in rendered(page()).css(".news li")]
    assert lines == [
        "9 projects left alone: too much has left the source at once",
        "9 items failed, in doubt or blocked",
        "9 items in conflict: nothing is sent until that is resolved",
        "9 values lost by the policy for conflicts",
        "9 deletions at the source",
        "9 changes to bring over by hand",
        "9 items deleted in QA Sphere",
        "1 case updated",
        "2 cases, 10 results created",
        "1 case found and adopted",
    ]
    assert rendered(page()).css(".figures tr")[-1].text(strip=True) == "… in other runs7"
    unfinished = [line.text(strip=True) for line in rendered(page(finished=False)).css(".news li")][:2]
    assert "do not balance" in unfinished[0]
    assert "was not over" in unfinished[1]


def test_a_quiet_page_has_no_empty_sections() -> None:
    updated = Section("updated", UPDATED, ())
    empty = SyncPage(0.0, 1.0, True, (), {}, updated, (), sections=(Section("gone", HEADINGS["gone"], ()),))
    assert [section.attributes.get("aria-labelledby") for section in rendered(empty).css("section")] == ["h-summary"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        # the sandbox of chromium needs rights that a container does not give
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1200, "light")])
def test_it_opens_from_a_folder_without_a_complaint_and_is_no_wider_than_the_screen(
    browser: Browser, tmp_path: Path, width: int, scheme: Literal["dark", "light"]
) -> None:
    path = tmp_path / "sync-20260101T000000Z.html"
    path.write_text("".join(sync_html(page())), encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 700}, color_scheme=scheme)
    opened = context.new_page()
    troubles: list[str] = []
    requests: list[str] = []
    opened.on("console", lambda message: troubles.append(message.text))
    opened.on("dialog", lambda dialog: troubles.append(dialog.message))
    opened.on("request", lambda request: requests.append(request.url))
    opened.goto(path.as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    background = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
    assert (troubles, requests) == ([], [path.as_uri()])
    context.close()
