"""Templates in settings, such as that of the address of an item."""

from string import Formatter
from urllib.parse import urlsplit

_BASE = "{base_url}"


def checked_places(value: str, places: tuple[str, ...]) -> str:
    """Return a template of a setting; ``ValueError`` when it holds other places than these, or in another form."""
    *others, last = [f"{{{place}}}" for place in places]
    message = f"may hold only {', '.join(others)} and {last}, as they are"
    try:
        parts = list(Formatter().parse(value))
    except ValueError as error:
        raise ValueError(message) from error
    for _, place, spec, conversion in parts:
        if place is not None and (place not in places or spec or conversion):
            raise ValueError(message)
    return value


def checked_address(value: str, places: tuple[str, ...]) -> str:
    """Return the template of a web address; ``ValueError`` when it holds other places than these, or when what comes of
    it cannot be an address: QA Sphere refuses every item that links there."""
    checked_places(value, places)
    if any(character.isspace() or not character.isprintable() for character in value):
        raise ValueError("must not hold blanks or line ends; write %20 for a blank")
    filled = value.format_map({place: "https://base.example" if place == "base_url" else "1" for place in places})
    try:
        parts = urlsplit(filled)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        has_host = False
    if not value.lower().startswith((_BASE, "http://", "https://")) or not has_host:
        begins = "{base_url}, http:// or https://" if "base_url" in places else "http:// or https://"
        raise ValueError(f"must be a web address that begins with {begins} and a host")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password; they stand under keys of their own")
    return value
