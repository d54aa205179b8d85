"""Foreign texts where they are shown: terminal, CSV, HTML in Chromium. ``python -m tests.torture.texts``.

Every text stands wherever data can stand. On the terminal nothing but visible letters may come out, in a spreadsheet no
cell may be a formula, and in the browser nothing may run, and nobody may be asked for anything.
"""

import csv
import io
import json
import re
import sys
import tempfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import orjson
from playwright.sync_api import Browser, Dialog, sync_playwright

from mappings.item_writer import Writers
from mappings.pages import PageMapper
from mappings.rules import MappingRules
from migrator.app.reports.documents import Status
from migrator.cli.output.common import print_error
from migrator.cli.output.progress import LineProgress, LiveProgress
from migrator.cli.output.status import print_status
from migrator.cli.output.terminal import print_json
from migrator.core.drafts import FromText
from migrator.core.errors import MigratorError
from migrator.core.events import ItemFailed, Progressed, Said
from migrator.core.model import Comment, Person, Requirement, RichText
from migrator.core.ports.mapping import Around, PageItem
from migrator.report.crosswalk import COLUMNS, as_csv, as_json
from migrator.report.html import html_report
from migrator.report.receipt import ReceiptLine, ReceiptPage, receipt_html
from migrator.report.sync import HEADINGS, UPDATED, Section, SyncPage, Told, sync_html
from migrator.report.values import Change, Crossing, FolderNode, Loss, News, Overview, Row
from state.questions.books import Cause
from state.questions.notes import KeptNote, NotedItem
from tests.support.browser import find_chromium
from tests.support.drafts import ref
from tests.support.hostile_company import pages_of_a_migration
from tests.support.hostile_texts import EVERY, HTML
from tests.torture.planted import run

SHOWN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What may not come out on a terminal, beside line feeds at the end of lines."""


def on_terminal(text: str) -> Iterator[str]:
    """Show a text wherever commands show one; yield what is wrong."""
    out, err = io.StringIO(), io.StringIO()
    failure = {"kind": text, "marker": text, "title": text, "state": "failed", "cause": text}
    note = {"harm": "lost", "code": text, "kind": text, "count": 1, "examples": [text]}
    status = Status(
        items={text: {"failed": 1}}, operations={}, balanced=True, failures=[failure], notes=[note],
        waiting=[text], imbalance={text: text},
    )  # fmt: skip
    with redirect_stdout(out), redirect_stderr(err):
        print_status(status, failures_hint=text)
        print_error(MigratorError(text, cause=text, next_step=text), as_json=False)
        for listener in (LineProgress(), LiveProgress()):
            with listener:
                listener(Said(text))
                listener(ItemFailed(text, text, text, "failed", text))
                listener(Progressed(text, text, 1, 2, text))
    said = out.getvalue() + err.getvalue()
    if found := SHOWN.search(said):
        yield f"{found[0]!r} comes out"
    if "\N{LINK SYMBOL}" in said or "\N{COLLISION SYMBOL}" in said:
        yield "an emoji code is one"
    # the status, the error and both listeners, two of which end in a table or a bar
    if said.count("\n") > 40:
        yield "lines break"
    document = io.StringIO()
    with redirect_stdout(document):
        print_json({"title": text})
    if json.loads(document.getvalue()) != {"title": text}:
        yield "JSON does not give it back"


def in_spreadsheet(text: str, folder: Path) -> Iterator[str]:
    """Put a text into every column; yield what is wrong."""
    crossing = Crossing(**dict.fromkeys(Crossing.__dataclass_fields__, text))
    path = folder / "crosswalk.csv"
    path.write_text("".join(as_csv([crossing])), encoding="utf-8", newline="")
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    if [len(row) for row in rows] != [len(header)] or tuple(header) != tuple(COLUMNS):
        yield f"{len(rows)} lines"
    cells = [cell for row in rows for cell in row]
    yield from (f"a formula: {cell!r}" for cell in cells if cell[:1] in tuple("=+-@\t\r\n"))
    yield from (f"a control character: {cell!r}" for cell in cells if re.search("[\0-\x08\x0e-\x1f\x7f-\x9f]", cell))
    if [row["title"] for row in orjson.loads("".join(as_json([crossing])))] != [text]:
        yield "JSON does not give it back"


def report(text: str) -> str:
    change = Change(text, text, text, text)
    note = KeptNote("title_cleaned", text, text, text)
    row = Row(
        "12",
        "case",
        text,
        text,
        "conflict",
        folder=0,
        code=text,
        reason=text,
        address=text,
        notes=(note,),
        changes=(change,),
    )
    example = NotedItem("12", "case", text, text, text, text, text)
    overview = Overview(
        title=text, made_at=0, facts=((text, text),), news=(News("bad", text, "conflict"),),
        fates={"case": {"conflict": 1}}, problems=(Cause("conflict", "case", text, 1, text, text),),
        losses=(Loss("title_cleaned", "cosmetic", 1, {"case": 1}, (example,), text, text, text, text),),
        folders=(FolderNode(0, 1, text, text, {}, 1),),
    )  # fmt: skip
    return "".join(html_report(overview, [row]))


def receipt(text: str) -> str:
    ours = "https://acme.example/project/SHOP"  # made of the config, by us
    lines = [ReceiptLine(title=text, marker=text, number=text, id=text, url=ours, at=1.0)] * 2
    return receipt_html(ReceiptPage("test", text, text, ours, lines, (text,))).decode()


def round_of_sync(text: str) -> str:
    told = Told(
        text, text, text, text, text, text, text, text, text, text, text, (Change(text, text, text, text),), is_new=True
    )
    sections = tuple(Section(name, heading, (told,), more=1) for name, heading in HEADINGS.items())
    page = SyncPage(
        0.0, 1.0, True, ((text, text),), {"case": {"migrated": 1}}, Section("updated", UPDATED, (told,), text, text),
        (told,), 1, ((text, 1),), sections, is_balanced=False,
    )  # fmt: skip
    return "".join(sync_html(page))


def migrated_page(text: str) -> str:
    """Return the page of a requirement, as it is uploaded to QA Sphere."""
    person = Person(name=text)
    item = Requirement(
        ref=ref("requirement", "12", "501"), title=text, description=RichText(value=text), address=text,
        author=person, state=text,
        attributes={text[:40]: text},
    )  # fmt: skip
    words = RichText(value=text)
    comment = Comment(ref=ref("note", "12", "801"), title=text, about=item.ref, text=words, author=person)
    mapped = PageMapper(MappingRules(), Writers(destination=None)).map(
        ref("pages", "12"), [PageItem(item, Around(comments=(comment,)))], {}
    )
    content = mapped.files[0].content
    assert isinstance(content, FromText)
    return b64decode(content.base64).decode()


PAGES: dict[str, Callable[[str], str]] = {
    "report": report, "receipt": receipt, "round of sync": round_of_sync, "migrated page": migrated_page,
}  # fmt: skip


def in_browser(path: Path, browser: Browser) -> Iterator[str]:
    """Open a page, every part of it; yield what ran, and who was asked."""
    context = browser.new_context()
    opened = context.new_page()
    seen: list[str] = []

    def take(dialog: Dialog) -> None:
        seen.append(f"ran: {dialog.message}")
        dialog.dismiss()

    opened.on("dialog", take)
    opened.on("pageerror", lambda error: seen.append(str(error)))
    opened.on("request", lambda request: seen.append(f"asked: {request.url}"))
    opened.goto(path.as_uri())
    seen.remove(f"asked: {path.as_uri()}")
    opened.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    if row := opened.query_selector("#list .row"):
        row.click()
    opened.evaluate(_TOUCH)
    seen += [f"leads to {link}" for link in opened.eval_on_selector_all("a[href]", _LINKS) if _acts(link)]
    if opened.url.partition("#")[0] != path.as_uri():
        seen.append(f"went to {opened.url}")
    context.close()
    yield from seen


_TOUCH = """for (const part of document.querySelectorAll('body *'))
  for (const name of ['mouseover', 'focus', 'toggle', 'load', 'error']) part.dispatchEvent(new Event(name))"""
_LINKS = "links => links.map(link => link.getAttribute('href'))"


def _acts(link: str) -> bool:
    return re.match(r"\s*(javascript|data|vbscript):", link, re.IGNORECASE) is not None


def said(where: str, count: int, wrong: list[str]) -> int:
    """Print the count of a place and what is wrong there; return how much that is."""
    sys.stdout.write(
        f"{where}: {count} tried, {len(wrong)} wrong\n" + "".join(f"  {line[:200]}\n" for line in wrong[:20])
    )
    return len(wrong)


def main() -> int:
    """Show every text everywhere; return the exit code."""
    wrong = said(
        "terminal", len(EVERY), [f"{name}: {one}" for name, text in EVERY.items() for one in on_terminal(text)]
    )
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        # half a character is in no database
        stored = {name: text for name, text in EVERY.items() if text.encode(errors="ignore").decode() == text}
        lines = [f"{name}: {one}" for name, text in stored.items() for one in in_spreadsheet(text, place)]
        wrong += said("CSV and JSON of the crosswalk", len(stored), lines)
        if (chromium := find_chromium()) is None:
            sys.stdout.write("HTML: skipped, there is no chromium on this machine\n")
            return 1 if wrong else 0
        left = pages_of_a_migration(place / "migration", run)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for kind, page in PAGES.items():
                lines = []
                for name, text in HTML.items():
                    path = place / "page.html"
                    path.write_text(page(text), encoding="utf-8")
                    lines += [f"{name}: {one}" for one in in_browser(path, browser)]
                wrong += said(f"HTML in Chromium, {kind}", len(HTML), lines)
            lines = [f"{path.name}: {one}" for path in left for one in in_browser(path, browser)]
            wrong += said("HTML in Chromium, pages that a migration of all of them leaves", len(left), lines)
            browser.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
