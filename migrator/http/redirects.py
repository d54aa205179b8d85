"""Where a download may be sent on to. Pure."""

from collections.abc import Collection
from fnmatch import fnmatchcase
from urllib.parse import SplitResult, urljoin, urlsplit

_MOST = 5
REDIRECTS = {301, 302, 303, 307, 308}


class RedirectChain:
    """The way of one request. ``url``: what to ask now; ``gets_credentials``: credentials may go there.

    They go to the origin that they belong to (``home``, by default that of the first address) and to ``trusted`` host
    names, such as ``*.example.com``, and never again once the way has led elsewhere.
    """

    def __init__(self, url: str, *, home: str | None = None, trusted: Collection[str] = ()) -> None:
        self.url = url
        self._home = urlsplit(home or url)[:2]
        self._trusted = tuple(trusted)
        self._count = 0
        self.gets_credentials = self._may_know(urlsplit(url))

    def follow(self, location: str) -> str:
        """Go on to ``location``, absolute or relative; return why not, or nothing. From https only to https."""
        target = urljoin(self.url, location)
        parts = urlsplit(target)
        self._count += 1
        if self._count > _MOST:
            return f"there are more than {_MOST} redirects"
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            return "the redirect leads to no usable web address"
        if parts.scheme == "http" and self._home[0] == "https":
            return f"the redirect leaves https for {parts.hostname}"
        self.url = target
        self.gets_credentials = self.gets_credentials and self._may_know(parts)
        return ""

    def _may_know(self, parts: SplitResult) -> bool:
        host = (parts.hostname or "").lower()
        is_trusted = parts.scheme == self._home[0] and any(fnmatchcase(host, name.lower()) for name in self._trusted)
        return parts[:2] == self._home or is_trusted
