"""Where the next page is: pure decisions for offset paging and for next links."""

from urllib.parse import urljoin, urlsplit

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import TemporaryError


def next_offset(offset: int, got: int, total: int | None) -> int | None:
    """Return the offset of the next page, or None at the end. ``got``: rows of this page; an empty one ends it."""
    if got == 0 or (total is not None and offset + got >= total):
        return None
    return offset + got


class NextLinks:
    """Follows the next links of one list: same origin only, and never the same one twice.

    ``base_url`` is what the transport puts in front of a path.
    """

    def __init__(self, base_url: str, name: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._name = name
        self._seen: set[str] = set()

    def path(self, link: str | None) -> str | None:
        """Return path and query below the base URL for a link, absolute or relative; None at the end.

        Raises ``TemporaryError`` naming the link when it leads to another origin or was followed before.
        """
        if not link:
            return None
        target = urljoin(self._base_url + "/", link)
        if urlsplit(target)[:2] != urlsplit(self._base_url)[:2] or not target.startswith(self._base_url):
            raise TemporaryError(
                f"{self._name} answered with a page link to another place", code=ErrorCode.ANSWER_UNREADABLE, cause=link
            )
        if target in self._seen:
            raise TemporaryError(
                f"{self._name} answered with the same page link again", code=ErrorCode.ANSWER_UNREADABLE, cause=link
            )
        self._seen.add(target)
        return target[len(self._base_url) :]
