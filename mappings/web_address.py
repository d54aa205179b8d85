"""Web addresses in fields that hold nothing else: the links and requirements of a case."""

import re
from urllib.parse import quote, urlsplit

from mappings.vocabulary import address_in

_WEB = re.compile(r"(https?://[^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
_ESCAPED = re.compile(r"""[\s\x00-\x1f\x7f-\x9f<>"\\^`{|}]""")
"""What no address holds as it is (RFC 3986, appendix A), and what nobody sees."""
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")


def web_address(written: str | None) -> str:
    """Return an address of the web as QA Sphere takes it; empty for what is none. QA Sphere refuses the whole item for
    one that is not absolute. Signs that no address holds are escaped, as browsers do; in the host they would name
    another one, so that there is no link then."""
    found = _WEB.fullmatch(address_in(written))
    if found is None or _ESCAPED.search(found[1]) or _HALF_A_PAIR.search(found[0]):
        return ""
    try:
        parts = urlsplit(found[1])
        if not parts.hostname or parts.port == 0:
            return ""
    except ValueError:
        return ""
    return found[1] + _ESCAPED.sub(lambda sign: quote(sign[0], safe=""), found[2])
