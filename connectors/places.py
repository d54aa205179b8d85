"""Addresses in settings: of services, and templates such as that of the address of an item."""

import re
from string import Formatter
from urllib.parse import SplitResult, urlsplit

_BASE = "{base_url}"
_WEB = ("http://", "https://")
_NEVER = re.compile(r"""[<>"\\^`{|}]""")
"""What no address holds as it is (RFC 3986, appendix A): QA Sphere refuses links with it."""
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*", re.IGNORECASE)


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
    _refuse_blanks(value)
    filled = value.format_map({place: "https://base.example" if place == "base_url" else "1" for place in places})
    _refuse_never(filled)
    parts = _with_host(filled)
    if not value.lower().startswith((_BASE, *_WEB)) or parts is None:
        begins = "{base_url}, http:// or https://" if "base_url" in places else "http:// or https://"
        raise ValueError(f"must be a web address that begins with {begins} and a host")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password; they stand under keys of their own")
    return value


def checked_service(value: str, instead: str) -> str:
    """Return the web address of a service without a slash at its end; ``ValueError`` when it is none, or holds blanks
    or credentials, which would stand in links, markers and messages. ``instead``: the settings for those."""
    _refuse_blanks(value)
    _refuse_never(value)
    parts = _with_host(value)
    if not value.lower().startswith(_WEB) or parts is None:
        raise ValueError("must be a web address that begins with http:// or https:// and a host")
    if "@" in parts.netloc:
        raise ValueError(f"must not hold a user name or password; use {instead}")
    return value.rstrip("/")


def parts_of(address: str) -> SplitResult:
    """Return the parts of an address that nobody has checked yet; empty ones where it is none."""
    return _with_host(address) or urlsplit("")


def _refuse_blanks(value: str) -> None:
    if any(character.isspace() or not character.isprintable() for character in value):
        raise ValueError("must not hold blanks or line ends; write %20 for a blank")


def _refuse_never(value: str) -> None:
    if found := _NEVER.search(value):
        raise ValueError(f"must not hold {found[0]} as it is; in a path, write %{ord(found[0]):02X}")


def _with_host(address: str) -> SplitResult | None:
    """Return the parts of an address; None without a host that can be one, or with a port that is none."""
    try:
        parts = urlsplit(address)
        can_be = _HOST.fullmatch(parts.hostname or "") and (parts.port is None or parts.port > 0)
        return parts if can_be else None
    except ValueError:
        return None
