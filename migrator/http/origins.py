"""Which addresses get the credentials, and which are not asked at all: one set of rules for all services
(``docs/security.md``). Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from urllib.parse import urljoin, urlsplit

_PORTS = {"http": 80, "https": 443}
_PATTERN = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[^:/@]+)(?::(?P<port>\d+|\*))?")


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port: what an address has in common with others that the same server answers."""

    scheme: str
    host: str
    port: int


@lru_cache(maxsize=256)  # most requests of a migration go to a handful of addresses
def origin_of(address: str) -> Origin | None:
    """Return the origin of an address; None for what is no web address, or names a user."""
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if port is None or parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        return None
    return Origin(parts.scheme, parts.hostname.rstrip("."), port)


def resolved(base: str, link: str) -> str:
    """Return the whole address of a link on a page; empty for what is no address."""
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return ""


def is_internal(host: str) -> bool:
    """Return whether a host name or IP address leads into this machine or its network, as far as the text tells."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return not found.is_global or found.is_multicast


class AddressRules:
    """What may be asked on behalf of one service, and with what.

    Args:
        home: The base URL from the config. Its origin gets the credentials.
        trusted: More hosts that get them, by the scheme of ``home``: ``host``, ``host:port`` or ``host:*``, where
            ``host`` may be a pattern such as ``*.example.com``. Without a port only the scheme's own counts.
        anonymous: Nobody gets them, because it is not this program's own wish that something is asked.
    """

    def __init__(self, home: str, trusted: Collection[str] = (), *, anonymous: bool = False) -> None:
        self._home = origin_of(home)
        self._trusted = tuple(trusted)
        self._anonymous = anonymous

    def gets_credentials(self, address: str) -> bool:
        """Return whether the credentials may go to an address."""
        origin = origin_of(address)
        return not self._anonymous and origin is not None and self._is_ours(origin)

    def refusal(self, address: str) -> str:
        """Return why an address that a service or a text gives is not asked; empty when it may be."""
        origin = origin_of(address)
        if origin is None:
            return "it is no usable web address"
        if origin.scheme == "http" and self._home is not None and self._home.scheme == "https":
            return f"it leaves https for {origin.host}"
        if self.must_be_public(address) and is_internal(origin.host):
            return f"{origin.host} is an internal address"
        return ""

    def must_be_public(self, address: str) -> bool:
        """Return whether an address may be asked only if its host is none of this network. That holds for plain http to
        other hosts: behind https a certificate proves that the server wants to be known by that name."""
        origin = origin_of(address)
        if origin is None or origin.scheme == "https" or self._is_ours(origin):
            return False
        return self._home is None or origin.host != self._home.host

    def _is_ours(self, origin: Origin) -> bool:
        if origin == self._home:
            return True
        same_scheme = self._home is not None and origin.scheme == self._home.scheme
        return same_scheme and any(_matches(origin, pattern) for pattern in self._trusted)


def _matches(origin: Origin, pattern: str) -> bool:
    parts = _PATTERN.fullmatch(pattern.lower())
    if parts is None:
        return False
    port = parts["port"] or str(_PORTS[origin.scheme])
    return fnmatchcase(origin.host, parts["host"].strip("[]")) and port in ("*", str(origin.port))
