"""Where a download may be sent on to. Pure."""

from urllib.parse import urljoin, urlsplit

_MOST = 5
REDIRECTS = {301, 302, 303, 307, 308}


class Hops:
    """The way of one download. ``url``: what to ask now; ``is_home``: credentials may go there.

    They go to the origin that they belong to, and never again once the way has led elsewhere.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_home = True
        self._home = urlsplit(url)[:2]
        self._count = 0

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
        self.is_home = self.is_home and parts[:2] == self._home
        return ""
