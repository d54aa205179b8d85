"""The config's ``source`` block for Workiva."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors import SourceSettings
from connectors.places import checked_address, checked_service, parts_of

_HOSTS = {f"api.{place}.wdesk.com": place for place in ("app", "eu", "apac")}
"""The API's host in each of the vendor's regions, and how its web app is called there."""
Generation = Literal["2026-01-01", "2022-01-01"]
_PLACES = ("base_url", "form", "path")
_VENDOR = ".wdesk.com"
_API_ADDRESS = "{base_url}{path}"
_WEB_ADDRESS = "https://{place}.wdesk.com/?item={{path}}"
"""What people can open: no address of a form is documented, and the web app passes over what it does not know."""


class Verdicts(BaseModel):
    """More words for result cells, beside the built-in ones. Compared without regard to case and outer blanks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    failed: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


class WorkivaSettings(BaseModel):
    """Where Workiva is and how to read it (``workiva-api.md`` §1, §2, §8, §10).

    ``region`` or ``base_url`` is needed. ``instance`` names this workspace in every marker; default: the host of the
    base URL.

    Args:
        item_url: the address to link to, with ``{base_url}``, ``{form}`` and ``{path}``, the item's path in the API;
            default in the vendor's regions the web app, elsewhere the REST address, which nobody can open.
        skip: ids of test forms to leave out.
        graph: ask the graph for the control of each test form and what else is known of it, a call for each record.
        control_type: how controls are called there.
        trusted_hosts: hosts that may get the token when files lie there, beside the API's own; default for the vendor's
            regions all of the vendor's.
        polls_per_second: how often operations may be asked about, all together.
        downloads: operations at the same time.
        operation_seconds: how long to wait for one.
        export_forms: each test form's XLSX export becomes a file of its overview case; it holds what the API does not
            show, such as narrative and sign-offs, and is taken again when the form has changed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    connector: Literal["workiva"] = "workiva"
    instance: str = Field(default="", pattern=r"^[A-Za-z0-9._:-]{0,64}$")
    region: Literal["us", "eu", "apac"] | None = None
    base_url: str = ""
    api_version: Generation = "2026-01-01"
    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    item_url: str = _API_ADDRESS
    skip: tuple[str, ...] = ()
    graph: bool = True
    control_type: str = Field(default="Control", min_length=1)
    export_forms: bool = True
    trusted_hosts: tuple[str, ...] = ()
    verdicts: Verdicts = Verdicts()
    concurrency: int = Field(default=4, ge=1, le=16)
    requests_per_second: float = Field(default=5.0, gt=0)
    polls_per_second: float = Field(default=1.0, gt=0)
    downloads: int = Field(default=8, ge=1, le=64)
    operation_seconds: float = Field(default=300.0, gt=0)

    @property
    def links_to_api(self) -> bool:
        """Whether links lead to the API, which asks for a token."""
        return "{base_url}" in self.item_url

    @property
    def prefix(self) -> str:
        """What stands before every path of this generation (§1)."""
        return "/platform/v1" if self.api_version == "2022-01-01" else ""

    @property
    def token_path(self) -> str:
        """Where tokens are given (§1); below the origin, whatever the prefix."""
        return "/iam/v1/oauth2/token" if self.api_version == "2022-01-01" else "/oauth2/token"

    @model_validator(mode="before")
    @classmethod
    def _derived(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        filled = dict(values)
        region = filled.get("region")
        if not filled.get("base_url") and region in ("us", "eu", "apac"):
            filled["base_url"] = f"https://api.{'app' if region == 'us' else region}{_VENDOR}"
        filled["base_url"] = str(filled.get("base_url") or "").rstrip("/")
        parts = parts_of(filled["base_url"])
        if not filled.get("instance"):
            filled["instance"] = f"{parts.hostname or ''}:{parts.port or ''}".removesuffix(":")
        host = parts.hostname or ""
        if not filled.get("item_url") and host in _HOSTS:
            filled["item_url"] = _WEB_ADDRESS.format(place=_HOSTS[host])
        if "trusted_hosts" not in filled and (parts.hostname or "").endswith(_VENDOR):
            filled["trusted_hosts"] = (f"*{_VENDOR}",)
        return filled

    @field_validator("base_url")
    @classmethod
    def _a_clean_address(cls, value: str) -> str:
        if not value:
            raise ValueError("is missing: give source.region (us, eu or apac) or source.base_url")
        return checked_service(value, "source.client_id and source.client_secret")

    @field_validator("item_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        return checked_address(value, _PLACES)

    @model_validator(mode="after")
    def _one_way_to_say_where(self) -> "WorkivaSettings":
        if self.region and not self.base_url.endswith(f".{'app' if self.region == 'us' else self.region}{_VENDOR}"):
            raise ValueError("region and base_url name different places; give one of them")
        return self


SETTINGS = SourceSettings(WorkivaSettings, Path(__file__).with_name("defaults.yaml"))
