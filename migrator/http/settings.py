"""The config's ``http`` block, and the rule for plain http."""

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError


class HttpSettings(BaseModel):
    """How to reach the services. ``timeout``: seconds for one whole call; None: the connector's own default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    proxy: str | None = None
    ca_bundle: Path | None = None
    client_cert: Path | None = None
    timeout: float | None = Field(default=None, gt=0)
    allow_plain_http: bool = False


def checked_base_url(base_url: str, settings: HttpSettings, name: str) -> str:
    """Return the base URL without a trailing slash; ``ConfigError`` when it is no http(s) URL, or is plain http to
    another machine without leave."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(
            f"the base URL of {name} is not a web address: {base_url!r}",
            code=ErrorCode.ADDRESS_INVALID,
            next_step="write it with https:// and the host name",
        )
    if parts.scheme == "http" and not settings.allow_plain_http and not is_loopback(parts.hostname):
        raise ConfigError(
            f"the base URL of {name} is plain http: {base_url}",
            code=ErrorCode.ADDRESS_INVALID,
            cause="credentials would travel unencrypted",
            next_step="use https, or set `http: {allow_plain_http: true}` for a server in your own network",
        )
    return base_url.rstrip("/")


def proxy_for(base_url: str, settings: HttpSettings) -> str | None:
    """Return the proxy that leads to a service; this machine is reached without one."""
    return None if is_loopback(urlsplit(base_url).hostname or "") else settings.proxy


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
