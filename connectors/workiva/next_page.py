"""Where the next page of a list is (``workiva-api.md`` §4). Pure but for what it remembers."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import TemporaryError
from migrator.http.origins import origin_of, resolved

_NEXT = "$next"
_MOST_PAGES = 10_000


def _address(link: str, current: str) -> str:
    """Return the whole address of a link: absolute, a path or query, or else a bare token for ``$next``."""
    if link.startswith(("http://", "https://", "/", "?")):
        return resolved(current, link)
    parts = urlsplit(current)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != _NEXT]
    return parts._replace(query=urlencode([*query, (_NEXT, link)])).geturl()


class NextPages:
    """Follows the links of all lists of one service: to its own origin only, and never in circles.

    A list that is read again from its beginning may follow the same links again.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin_of(origin)
        self._places: dict[str, dict[str, int]] = {}

    def follow(self, name: str, link: str | None, current: str, *, is_first: bool) -> str | None:
        """Return path and query of the page after ``current`` (a whole address) of the list ``name``; None at the end.

        Raises ``TemporaryError`` naming a link that leads to another origin or back.
        """
        if is_first:
            self._places.pop(name, None)
        if not link:
            self._places.pop(name, None)
            return None
        whole = _address(link, current)
        if origin_of(whole) != self._origin:
            raise _wrong("leads to another place", link)
        path = urlsplit(whole)._replace(scheme="", netloc="", fragment="").geturl()
        places = self._places.setdefault(name, {})
        # a page may be read again when another one beside it failed, so its place is kept
        place = places.setdefault(urlsplit(current)._replace(scheme="", netloc="").geturl(), 0)
        if places.get(path, _MOST_PAGES) <= place or place >= _MOST_PAGES:
            raise _wrong("goes round in circles", link)
        places[path] = place + 1
        return path


def _wrong(what: str, link: str) -> TemporaryError:
    return TemporaryError(
        f"Workiva answered with a page link that {what}",
        code=ErrorCode.ANSWER_UNREADABLE,
        cause=link.partition("?")[0] or link,
        next_step="run the same command again; if it stays, report the link to Workiva's support",
    )
