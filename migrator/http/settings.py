"""The config's ``http`` block, and the rule for plain http."""

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError


class HttpSettings(BaseModel):
    """How to reach the services.

    Args:
        proxy: None: the environment's, empty: none.
        timeout: seconds for one whole call; None: the connector's own default.
        client_cert_password: of the key in ``client_cert``, if that is encrypted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    proxy: SecretStr | None = None
    ca_bundle: Path | None = None
    client_cert: Path | None = None
    client_cert_password: SecretStr | None = None
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


def proxy_for(address: str, settings: HttpSettings) -> str | None:
    """Return the proxy that leads to an address: that of the config, else that of ``HTTPS_PROXY``, ``HTTP_PROXY`` and
    ``NO_PROXY`` in the environment. This machine is reached without one.

    ``ConfigError`` for one that is no http proxy.
    """
    proxy, setting = _proxy_of(address, settings)
    return _checked_proxy(proxy, setting)


def proxy_text(address: str, settings: HttpSettings) -> str:
    """Say which proxy leads to an address, and who says so, without its credentials; empty without one."""
    proxy, setting = _proxy_of(address, settings)
    parts = urlsplit(_checked_proxy(proxy, setting) or "")
    return f"{parts.netloc.rpartition('@')[2]}, as {setting} says" if parts.netloc else ""


def _proxy_of(address: str, settings: HttpSettings) -> tuple[str, str]:
    """Return a proxy as it is written, and where; an empty one without any."""
    parts = urlsplit(address)
    if is_loopback(parts.hostname or ""):
        return "", ""
    if settings.proxy is not None:
        return settings.proxy.get_secret_value(), "http.proxy"
    if proxy_bypass(parts.netloc.rpartition("@")[2]):
        return "", ""
    return getproxies_environment().get(parts.scheme, ""), f"{parts.scheme.upper()}_PROXY"


def _checked_proxy(proxy: str, setting: str) -> str | None:
    if not proxy:
        return None
    whole = proxy if "://" in proxy else f"http://{proxy}"
    if urlsplit(whole).scheme not in ("http", "https"):
        raise ConfigError(
            f"{setting} names a proxy that is no http proxy",
            code=ErrorCode.ADDRESS_INVALID,
            next_step=f"set {setting} to http://HOST:PORT, or http.proxy to an empty text for none",
        )
    return whole


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
