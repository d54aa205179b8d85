"""A report as one HTML file that opens offline: no address outside the file is ever asked for."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache, partial
from importlib.resources import files
from itertools import islice
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from migrator.core.note_texts import config_line
from migrator.core.plural import number, plural
from migrator.report import chart
from migrator.report.acceptance import Acceptance
from migrator.report.marks import marked
from migrator.report.news import LEFT_BEHIND, next_step
from migrator.report.packing import blocks
from migrator.report.rate import duration
from migrator.report.values import Overview, Row

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
            csp=_csp(style, script),
            **more,
        )
    )


def _csp(style: str, script: str) -> str:
    """Return the Content-Security-Policy: exactly this script and this style, and nothing from anywhere."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; base-uri 'none';"
        " form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def scriptless(
    name: str, styles: str = "style.css", *, images: str = " img-src data:;", **values: Any
) -> Iterator[str]:
    """Yield a page without scripts piece by piece: the template of this name, with ``styles`` and those of its own.

    ``images``: which it may show, for its Content-Security-Policy; ``values``: for the template.
    """
    style = (page_file(styles) if styles else "") + page_file(f"{name}.css")
    csp = f"default-src 'none'; style-src {_hash(style)};{images} base-uri 'none'; form-action 'none'"
    # our own file, not data: everything else on the page is escaped
    values |= {"style": Markup(style), "csp": csp}  # noqa: S704 - our own file
    return environment().get_template(f"{name}.html.j2").generate(**values)


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
        "coded": _coded, "moment": moment, "clock": partial(moment, form="%H:%M:%S UTC"), "duration": duration,
        "number": "{:,}".format, "size": _size, "marked": marked, "next_step": next_step,
        "rule": lambda value: config_line(value.code, value.field, value.value),
        "left_behind": lambda what: _coded(LEFT_BEHIND[what]), "plural": plural,
        "day": partial(moment, form="%Y-%m-%d %H:%M UTC"),
    }  # fmt: skip
    # whether an address of the source may be a link: others could run something
    made.tests["web"] = lambda address: address.startswith(("https://", "http://"))
    return made


@cache
def _script() -> str:
    parts = [page_file(name) for name in _SCRIPTS]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


def page_file(name: str) -> str:
    """Return one of our own files, which pages carry whole."""
    return (files("migrator.report") / "page" / name).read_text(encoding="utf-8")


def _coded(text: str) -> Markup:
    """Return a text with what stands between backticks as code, escaped."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def moment(seconds: float, form: str = "%d %b %Y %H:%M UTC") -> str:
    """Return seconds since the epoch as date and time, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime(form)


def _size(count: int) -> str:
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{number(count, 'byte')}"
