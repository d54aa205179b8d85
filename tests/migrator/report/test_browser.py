"""A report in a real browser, with the keyboard alone, and with hostile data."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

from tests.support.browser import chromium
from tests.support.report_page import ATTACK, page_of, sample_overview, sample_rows

_ROWS = 3000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        # the sandbox of chromium needs rights that a container does not give
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "plan.html"
    path.write_text(page_of(sample_overview(), sample_rows(_ROWS)), encoding="utf-8")
    return path.as_uri()


class Opened:
    """A page with everything that it asked for and complained about."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.requests: list[str] = []
        self.troubles: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", self._alerted)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda message: self.troubles.append(message.text))
        page.goto(address)
        page.wait_for_selector("html[data-ready]")

    def _alerted(self, dialog: Dialog) -> None:
        self.troubles.append(dialog.message)
        dialog.dismiss()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)


@pytest.fixture
def opened(browser: Browser, report: str) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    found = Opened(context.new_page(), report)
    yield found
    # whatever a test does: nothing runs that is not ours, and nothing is asked of anybody
    assert found.troubles == []
    assert found.requests == [report]
    context.close()


def shown(opened: Opened) -> list[str]:
    return opened.page.locator("#list .title").all_inner_texts()


def test_only_rows_in_view_are_drawn_and_the_last_can_be_reached(opened: Opened) -> None:
    expect(opened.page.locator("#count")).to_have_text(f"{_ROWS + 2:,} of {_ROWS + 2:,} items")
    assert len(shown(opened)) < 30
    opened.page.focus("#list")
    opened.press("End")
    assert shown(opened)[-1] == f"Pay invoice {_ROWS + 2}"
    opened.press("Home", "PageDown", "ArrowDown")
    assert opened.page.locator("[aria-selected=true]").count() == 1


def test_conflicts_are_found_and_compared_with_the_keyboard_alone(opened: Opened) -> None:
    opened.press("/")
    opened.press("Tab")
    expect(opened.page.locator("[name=fate]")).to_be_focused()
    opened.page.keyboard.type("conflict")
    expect(opened.page.locator("#count")).to_have_text(f"2 of {_ROWS + 2:,} items")
    for _ in range(5):
        opened.press("Tab")
    expect(opened.page.locator("#list")).to_be_focused()
    opened.press("ArrowDown", "Enter")
    dialog = opened.page.locator("#item")
    expect(dialog).to_be_visible()
    expect(dialog.locator("h2")).to_have_text("Sign in")
    assert dialog.locator("del").all_inner_texts() == ["password"]
    assert dialog.locator("ins").all_inner_texts() == ["pass phrase"]
    assert dialog.locator("td").first.inner_text() == "Sign in with a <b>password</b>"
    expect(dialog.locator("small")).to_have_text("as migrated: Sign in")
    opened.press("ArrowLeft")
    expect(dialog.locator("h2")).to_have_text(ATTACK)
    opened.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opened.page.locator("#list")).to_be_focused()


def test_a_title_is_searched_and_filters_add_up(opened: Opened) -> None:
    opened.press("/")
    opened.page.keyboard.type("invoice 77 PAY")
    expect(opened.page.locator("#count")).to_contain_text(" of 3,002 items")
    expect(opened.page.locator("#list .title").first).to_have_text("Pay invoice 77")
    opened.page.fill("[name=search]", "")
    opened.page.select_option("[name=folder]", label=f"Checkout / {ATTACK}")
    expect(opened.page.locator("#count")).to_have_text(f"{_ROWS // 2 + 1:,} of {_ROWS + 2:,} items")
    opened.page.select_option("[name=code]", "title_cleaned")
    expect(opened.page.locator("#count")).to_have_text(f"1 of {_ROWS + 2:,} items")
    opened.page.select_option("[name=kind]", "case")
    opened.page.get_by_role("button", name="Clear").click()
    expect(opened.page.locator("#count")).to_contain_text("3,002 of")


def test_on_a_phone_no_count_is_cut_off(opened: Opened) -> None:
    opened.page.set_viewport_size({"width": 390, "height": 800})
    wide = "tables => tables.filter(table => table.scrollWidth > table.parentElement.clientWidth).length"
    assert opened.page.locator("table.stacked").evaluate_all(wide) == 0
    expect(opened.page.locator("table.stacked td:not(:empty)").first).to_be_visible()


def test_hostile_data_stays_text(opened: Opened) -> None:
    page = opened.page
    for details in page.locator("details:not([open]) > summary").all():
        details.click()
    page.locator("#list .row").first.click()
    expect(page.locator("#item h2")).to_have_text(ATTACK)
    assert page.locator("#item a").count() == 0  # its address is no web address
    expect(page.locator("#item blockquote")).to_have_text(f"{ATTACK}</script><script>alert(2)</script>")
    assert page.locator("img").count() == 0


def test_figures_lead_to_their_items(opened: Opened) -> None:
    opened.page.locator(".figures a", has_text="10").click()
    expect(opened.page.locator("#count")).to_have_text(f"{_ROWS:,} of {_ROWS + 2:,} items")
    opened.page.locator(".news a").first.click()
    expect(opened.page.locator("#count")).to_have_text(f"2 of {_ROWS + 2:,} items")


def test_printing_shows_rows_that_no_screen_holds(opened: Opened) -> None:
    page = opened.page
    page.evaluate("() => { window.dispatchEvent(new Event('beforeprint')) }")
    assert len(shown(opened)) == 1000
    expect(page.locator("#list p")).to_have_text("… and 2,002 more")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("() => { window.dispatchEvent(new Event('afterprint')) }")
    assert len(shown(opened)) < 30


def test_paper_shows_every_loss_without_scripts(browser: Browser, report: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report)
    folded = page.locator("details.loss:not([open]) ul")
    expect(folded).to_have_count(1)
    expect(folded).to_be_hidden()
    page.emulate_media(media="print")
    expect(folded).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_is_wider_than_the_screen(browser: Browser, report: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700}, color_scheme="dark")
    found = Opened(context.new_page(), report)
    assert found.page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_an_old_browser_reads_the_same(browser: Browser, report: str) -> None:
    context = browser.new_context()
    context.add_init_script("delete window.DecompressionStream")
    found = Opened(context.new_page(), report)
    expect(found.page.locator("#count")).to_have_text(f"{_ROWS + 2:,} of {_ROWS + 2:,} items")
    found.page.locator("#list .row").nth(1).click()
    expect(found.page.locator("#item del")).to_have_text("password")
    assert found.troubles == []
    context.close()


def test_without_javascript_the_summary_is_there(browser: Browser, report: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report)
    expect(page.locator(".news")).to_contain_text("2 cases in conflict")
    expect(page.locator("#count")).to_contain_text("the viewer forbids scripts")
    context.close()


def test_the_file_opens_from_a_folder_with_a_strange_name(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "Ünïcode #1 %20" / "plan report.html"
    path.parent.mkdir()
    path.write_text(page_of(sample_overview(), sample_rows(0)), encoding="utf-8")
    found = Opened(browser.new_page(), path.as_uri())
    expect(found.page.locator("#count")).to_have_text("2 of 2 items")
    found.page.close()
