"""Words after a number."""


def number(count: float, thing: str, things: str = "") -> str:
    """Return e.g. ``1 case``, ``2 cases`` or ``0.5 requests``; the word as in ``plural``."""
    digits = f"{count:g}" if isinstance(count, float) else str(count)
    return f"{digits} {plural(count, thing, things)}"


def plural(count: float, thing: str, things: str = "") -> str:
    """Return the word alone: ``thing`` for exactly one, else ``things``, which is with an s when left out."""
    return thing if count == 1 else things or f"{thing}s"
