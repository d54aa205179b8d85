"""A receipt: one small page without scripts, for people who look an item up in the system that it has left."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """An item: its title and ``marker`` at the source; where it went: ``number`` such as ``SHOP-12``, ``id`` and
    ``url``; ``at`` in epoch seconds."""

    title: str
    marker: str
    number: str
    id: str
    url: str
    at: float


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """A receipt. ``project``: title and code in QA Sphere; ``server``: its address there. ``earlier``: names of other
    receipts beside it. ``owner``: the marker of what it hangs on, ``level`` its kind."""

    level: str
    owner: str
    project: str
    server: str
    lines: Sequence[ReceiptLine]
    earlier: Sequence[str]

    @property
    def is_of_owner(self) -> bool:
        """Whether it tells of what it hangs on itself, not of what lies in there."""
        return [line.marker for line in self.lines] == [self.owner]


def receipt_html(page: ReceiptPage) -> bytes:
    """Return the file."""
    style = (files("migrator.report") / "page" / "receipt.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _environment()
        .get_template("receipt.html.j2")
        .render(
            page=page,
            # our own file, not data: everything else on the page is escaped
            style=Markup(style),  # noqa: S704 - our own file
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        )
        .encode()
    )


@cache
def _environment() -> Environment:
    loader = PackageLoader("migrator.report", "page")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["day"] = _day
    return environment


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
