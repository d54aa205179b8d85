"""Pictures for the reviewer's walk in docs/workiva.md, and one for docs/text.md: what the demos leave in QA Sphere.

Usage: python -m tests.support.walk FOLDER. A stand-in has no pages for people, so that its JSON is shown as plain HTML.
"""

import asyncio
import sys
import tempfile
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from connectors.qacomplete.sandbox import demo_company
from connectors.qacomplete.sandbox.company import ITEM_URL
from connectors.workiva.sandbox.demo import COLUMNS
from tests.support.browser import find_chromium
from tests.support.rig import rig
from tests.support.workiva import WorkivaRig, stand_in, workiva_rig

WIDTH, HEIGHT = 760, 850
SAMPLE, PHASE = "JE-101902", "Manual journal entries \N{EN DASH} Interim"
FORM_URL = "https://app.acme.example/forms/{form}"
_STYLE = (
    "body{font:14px/1.45 sans-serif;margin:16px;color:#222;overflow-wrap:anywhere}h1{font-size:18px}"
    "h4{margin:.8em 0 .2em}p{margin:.2em 0}dt{color:#666;margin-top:.5em}dd{margin:0}li>p:first-child{margin-top:0}"
    ".tag{background:#e6eef8;padding:1px 6px}"
)


def page(title: str, facts: Mapping[str, str]) -> str:
    """Return what QA Sphere holds of an item as a page; ``facts`` are HTML by name."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in facts.items())
    return f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style><h1>{escape(title)}</h1><dl>{rows}</dl>'


def pages(walked: WorkivaRig) -> dict[str, str]:
    """Return the pages by name: the control, a sample that it was tested with, its result."""
    project = walked.destination.store.projects["SOX"]
    stored = walked.destination.store.files
    volume = next(case for case in project.cases if case.title.startswith("Requirements"))
    contents = [stored[file["id"]].content.decode() for file in volume.files if file["fileName"].endswith(".html")]
    control = next(content for content in contents if 'id="FIN-07"' in content)
    samples = {case.id: case for case in project.cases if SAMPLE in case.title}
    # both phases test it; which one is loaded first nobody knows
    run = next(run for run in project.runs.values() if PHASE in run.title)
    held = next(held for held in run.cases.values() if held.case_id in samples)
    case = samples[held.case_id]
    (result,) = held.results
    return {
        "control": control,
        "sample": page(f"SOX-{case.seq:03} {case.title}", _case(case)),
        "result": page(run.title, {"case": escape(case.title), "status": result.status, "comment": result.comment}),
    }


def _case(case: Any) -> dict[str, str]:
    steps = "".join(f"<li>{step['description']} → {step['expected']}</li>" for step in case.steps)
    return {
        "requirements": "<br>".join(escape(str(one["text"])) for one in case.requirements),
        "tags": " ".join(f'<span class="tag">{escape(tag)}</span>' for tag in case.tags),
        "precondition": case.precondition,
        "steps": f"<ol>{steps}</ol>",
        "files": "<br>".join(f"{escape(str(file['fileName']))}, {file['size']} bytes" for file in case.files),
        "link": "<br>".join(escape(link["text"]) for link in case.links),
    }


async def comment(place: Path) -> str:
    """Migrate QAComplete's demo; return the page of the result that shows a pasted picture and names another test."""
    async with rig(place, demo_company()) as running:
        running.settings = {"source": {"item_url": ITEM_URL}}
        await running.run()
        stored = running.destination.store.files
        title, result = next(
            (run.title, result)
            for run in running.shop.runs.values()
            for case in run.cases.values()
            for result in case.results
            if "a wrong sum" in result.comment
        )
        (file,) = (file for ident, file in stored.items() if ident in result.comment)
        picture = f'<img src="data:image/png;base64,{b64encode(file.content).decode()}">'
        behind = f"{picture}<br>{len(file.content)} bytes, SHA-256 {file.sha256}"
        return page(title, {"status": result.status, "comment": result.comment, "behind the link": behind})


async def draw(folder: Path) -> None:
    """Migrate the demos, and leave a picture of each page, as far as it fits on a screen."""
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryDirectory() as other:
        async with workiva_rig(Path(place), stand_in()) as walked:
            walked.settings = {"graph": True, "export_forms": True, "item_url": FORM_URL}
            walked.mapping = {"columns": COLUMNS}
            await walked.run()
            shown = pages(walked) | {"comment": await comment(Path(other))}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for name, html in shown.items():
            # one each: a page keeps the policy that its first content sets
            tab = await browser.new_page(viewport={"width": WIDTH, "height": 300})
            await tab.set_content(html)
            height = min(HEIGHT, await tab.evaluate("document.documentElement.scrollHeight"))
            await tab.set_viewport_size({"width": WIDTH, "height": height})
            await tab.screenshot(path=folder / f"{name}.png")
        await browser.close()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(draw(target))
