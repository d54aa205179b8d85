"""Texts of the cases that a template fills (§3.4): placeholders ``${name}`` in title, precondition and steps."""

import re
from collections.abc import Sequence
from typing import Any

from connectors.qasphere.sandbox.sanitise import escaped

_PLACE = re.compile(r"\$\{([^{}]+)\}")


def filled_title(title: str, values: dict[str, str], suffix: Sequence[str]) -> str:
    """Return the title of a filled case; a placeholder without a value stays as it is."""
    named = ", ".join(f"{name}={values[name]}" for name in suffix if name in values)
    return _filled(title, values) + (f" ({named})" if named else "")


def filled_html(html: str, values: dict[str, str]) -> str:
    """Return a text with values in place of the placeholders."""
    return _filled(html, {name: escaped(value) for name, value in values.items()})


def filled_step(step: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    """Return a step without its id, with its texts filled in; shared steps stay as they are."""
    own = {name: value for name, value in step.items() if name != "id"}
    return own | {name: filled_html(own[name], values) for name in ("description", "expected") if name in own}


def _filled(text: str, values: dict[str, str]) -> str:
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), text)
