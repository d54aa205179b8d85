"""The config's ``source`` block for QAComplete."""

from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors import SourceSettings
from connectors.places import checked_address, checked_service, parts_of
from connectors.qacomplete.convert.cases import REQUIREMENT_URL

SAAS_BASE_URL = "https://rest.qacomplete.smartbear.com/rest-api/service/api"
SAAS_HOST = ".smartbear.com"
SAAS_ZONE = "America/Denver"
SAAS_SOAP_URL = "https://soap.qacomplete.smartbear.com/psWS.asmx"
_SAAS_WEB_URL = "https://app.qacomplete.smartbear.com"
_SOAP_PATH = "/psws/psws.asmx"
_ITEM_PLACES = ("base_url", "project", "id")
_FILE_PLACES = ("base_url", "project", "entity_code", "entity_id", "file_id", "file_name")
Skippable = Literal[
    "releases",
    "configurations",
    "requirements",
    "defects",
    "test_sets",
    "runs",
    "results",
    "notes",
    "links",
    "attachments",
]
FINAL_STATUSES = ("Passed", "Failed")


class QACompleteSettings(BaseModel):
    """Where QAComplete is and how to read it (``qacomplete-api.md`` §1, §2, §3.4).

    ``instance`` names this QAComplete in every marker; default: the host of ``base_url``.

    Args:
        timezone: the zone of the server's dates; SaaS runs in the Mountain zone, elsewhere it must be given.
        item_url: the address to link to, with ``{base_url}``, ``{project}`` and ``{id}``; default the REST address;
            ``requirement_url`` likewise.
        web_url: the web application, whose pictures stand in texts.
        attachments: where their bytes come from (§7.2): the SOAP service at ``soap_url``, with the application code
            that it wants; the address ``attachments_url``, with ``{base_url}``, ``{project}``, ``{entity_code}``,
            ``{entity_id}``, ``{file_id}`` and ``{file_name}``, which gets the credentials; files ``<entity code>/<item
            id>/<file name>`` in ``attachments_folder``; or from nowhere.
        test_links: links between two tests are read, too, which takes a request for each test (§12).
        skip: what not to read, because the user has no right to it or the server is too old to give it; without runs
            there are no results.
        final_statuses: a run with one of these is closed in QA Sphere, which cannot be undone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    connector: Literal["qacomplete"] = "qacomplete"
    instance: str = Field(default="", pattern=r"^[A-Za-z0-9._:-]{0,64}$")
    base_url: str = SAAS_BASE_URL
    username: str = Field(min_length=1)
    password: SecretStr
    timezone: str = ""
    item_url: str = "{base_url}/v1/projects/{project}/tests/{id}"
    requirement_url: str = REQUIREMENT_URL
    attachments: Literal["soap", "rest", "folder", "none"] = "soap"
    attachments_url: str = "{base_url}/v1/projects/{project}/{entity_code}/{entity_id}/files/{file_id}/content"
    attachments_folder: Path | None = None
    soap_url: str = SAAS_SOAP_URL
    soap_app_code: str = "agSP"
    web_url: str = ""
    test_links: bool = False
    skip: tuple[Skippable, ...] = ()
    final_statuses: tuple[str, ...] = FINAL_STATUSES
    concurrency: int = Field(default=4, ge=1, le=16)
    page_size: int = Field(default=200, ge=25, le=1000)

    @property
    def hosts(self) -> frozenset[str]:
        """The servers that are this QAComplete, by name: files of its items lie there."""
        places = dict.fromkeys(_ITEM_PLACES, "1") | {"base_url": self.base_url}
        opened = (address.format_map(places) for address in (self.item_url, self.requirement_url))
        found = (urlsplit(address).hostname for address in (self.base_url, self.web_url, *opened))
        return frozenset(filter(None, found))

    @model_validator(mode="before")
    @classmethod
    def _derived(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        base_url = str(values.get("base_url") or SAAS_BASE_URL).rstrip("/")
        parts = parts_of(base_url)
        filled = {**values, "base_url": base_url}
        if not filled.get("instance"):
            # in lower case and without credentials: one server has one name in markers, however it is written
            filled["instance"] = f"{parts.hostname or ''}:{parts.port or ''}".removesuffix(":")
        if (parts.hostname or "").endswith(SAAS_HOST):
            usual = {"timezone": SAAS_ZONE, "soap_url": SAAS_SOAP_URL, "web_url": _SAAS_WEB_URL}
        else:
            home = f"{parts.scheme}://{parts.netloc}"
            usual = {"soap_url": home + _SOAP_PATH, "soap_app_code": "agSPEnt", "web_url": home}
        return {**filled, **{name: value for name, value in usual.items() if not filled.get(name)}}

    @field_validator("base_url", "soap_url", "web_url")
    @classmethod
    def _address_of_a_service(cls, value: str) -> str:
        # only the base URL has to be there: the other two are asked for some things
        return checked_service(value, "source.username and source.password") if value else value

    @field_validator("item_url", "requirement_url")
    @classmethod
    def _address_of_items(cls, value: str) -> str:
        return checked_address(value, _ITEM_PLACES)

    @field_validator("attachments_url")
    @classmethod
    def _address_of_files(cls, value: str) -> str:
        return checked_address(value, _FILE_PLACES)

    @model_validator(mode="after")
    def _known_folder(self) -> "QACompleteSettings":
        if self.attachments == "folder" and self.attachments_folder is None:
            raise ValueError("attachments is folder, so attachments_folder must name it")
        return self

    @model_validator(mode="after")
    def _known_zone(self) -> "QACompleteSettings":
        if not self.timezone:
            raise ValueError("timezone is missing: give the IANA name of the server's zone, such as Europe/Berlin")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a region such as "America" is a folder
            raise ValueError(f"timezone {self.timezone!r} is not an IANA name such as America/Denver") from error
        return self


SETTINGS = SourceSettings(QACompleteSettings, Path(__file__).with_name("defaults.yaml"))
