"""Where a download may be sent on to. Pure."""

from migrator.http.origins import AddressRules, resolved

_MOST = 5
REDIRECTS = {301, 302, 303, 307, 308}


class RedirectChain:
    """The way of one request. ``url``: what to ask now; ``gets_credentials``: they may go there, and never again once
    the way has led elsewhere."""

    def __init__(self, url: str, rules: AddressRules) -> None:
        self.url = url
        self._rules = rules
        self._count = 0
        self.gets_credentials = rules.gets_credentials(url)

    @property
    def must_be_public(self) -> bool:
        """Whether ``url`` must not lead into this network."""
        return self._rules.must_be_public(self.url)

    def follow(self, location: str) -> str:
        """Go on to ``location``, absolute or relative; return why not, or nothing. From https only to https."""
        self._count += 1
        if self._count > _MOST:
            return f"there are more than {_MOST} redirects"
        target = resolved(self.url, location)
        if refusal := self._rules.refusal(target):
            return f"the redirect is not followed: {refusal}"
        self.url = target
        self.gets_credentials = self.gets_credentials and self._rules.gets_credentials(target)
        return ""
