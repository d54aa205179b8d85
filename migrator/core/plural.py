"""Words after a number."""


def plural(count: int, thing: str, things: str = "") -> str:
    """Return the word alone: ``thing`` for exactly one, else ``things``, which is with an s when left out."""
    return thing if count == 1 else things or f"{thing}s"
