"""A report as one HTML file that opens offline: no address outside the file is ever asked for."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from itertools import islice

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from migrator.core.note_texts import config_line
from migrator.report import chart
from migrator.report.acceptance import Acceptance
from migrator.report.marks import marked
from migrator.report.news import LEFT_BEHIND, next_step
from migrator.report.packing import blocks
from migrator.report.values import Overview, Row
from state.questions.notes import Unmapped

_SCRIPTS = ("inflate.js", "data.js", "words.js", "list.js", "dialog.js", "main.js")
_CODE = re.compile(r"`([^`]+)`")


def html_report(overview: Overview, rows: Iterable[Row]) -> Iterator[str]:
    """Yield the file piece by piece; memory does not grow with the number of rows."""
    return _rendered("report.html.j2", page_file("style.css"), overview, rows)


def acceptance_html(overview: Overview, rows: Iterable[Row], acceptance: Acceptance) -> Iterator[str]:
    """Yield the page that is signed: the same report, led by a verdict and what that rests on."""
    style = page_file("style.css") + page_file("acceptance.css")
    return _rendered("acceptance.html.j2", style, overview, rows, acceptance=acceptance)


def _rendered(template: str, style: str, overview: Overview, rows: Iterable[Row], **more: Acceptance) -> Iterator[str]:
    script = _script()
    return (
        environment()
        .get_template(template)
        .generate(
            overview=overview,
            blocks=blocks(islice(rows, overview.most_rows)),
            drawing=chart.chart_of(overview.pace) if overview.pace else None,
            size=(chart.WIDTH, chart.HEIGHT),
            # our own files, not data: everything else on the page is escaped
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=_policy(style, script),
            **more,
        )
    )


def _policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy: exactly this script and this style, and nothing from anywhere."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; base-uri 'none';"
        " form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def style_policy(style: str, *, images: str = " img-src data:;") -> str:
    """Return the Content-Security-Policy of a page without scripts. ``images``: which it may show."""
    return f"default-src 'none'; style-src {_hash(style)};{images} base-uri 'none'; form-action 'none'"


@cache
def environment() -> Environment:
    """Return what renders the templates of this package; everything is escaped."""
    made = Environment(
        loader=PackageLoader("migrator.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "coded": _coded, "moment": moment, "clock": _clock, "duration": _duration, "number": _number,
        "size": _size, "marked": marked, "next_step": next_step, "rule": _rule, "left_behind": _left_behind,
        "day": _day,
    }  # fmt: skip
    made.tests["web"] = _is_web
    return made


def _left_behind(what: str) -> Markup:
    return _coded(LEFT_BEHIND[what])


def _rule(value: Unmapped) -> str:
    return config_line(value.code, value.field, value.value)


@cache
def _script() -> str:
    parts = [page_file(name) for name in _SCRIPTS]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


def page_file(name: str) -> str:
    """Return one of our own files, which pages carry whole."""
    return (files("migrator.report") / "page" / name).read_text(encoding="utf-8")


def _is_web(address: str) -> bool:
    """Whether an address of the source may be a link: others could run something."""
    return address.startswith(("https://", "http://"))


def _coded(text: str) -> Markup:
    """Return a text with what stands between backticks as code, escaped."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def moment(seconds: float) -> str:
    """Return seconds since the epoch as date and time, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%d %b %Y %H:%M UTC")


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S UTC")


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _duration(seconds: float) -> str:
    if seconds < 0.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def _number(value: float) -> str:
    return f"{value:,}"


def _size(count: int) -> str:
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
