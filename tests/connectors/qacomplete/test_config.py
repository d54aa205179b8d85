"""The ``source`` block: what it derives, and what it refuses."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.qacomplete.config import SAAS_BASE_URL, QACompleteSettings


def settings(**values: Any) -> QACompleteSettings:
    return QACompleteSettings.model_validate({"username": "me@acme.example", "password": "secret-word", **values})


def test_the_cloud_needs_only_credentials() -> None:
    found = settings()
    assert (found.base_url, found.instance) == (SAAS_BASE_URL, "rest.qacomplete.smartbear.com")
    assert found.timezone == "America/Denver"
    assert (found.concurrency, found.page_size) == (4, 200)


@pytest.mark.parametrize("host", ["app.qacomplete.smartbear.com", "QAComplete.SmartBear.com"])
def test_every_host_of_the_cloud_has_the_mountain_zone(host: str) -> None:
    assert settings(base_url=f"https://{host}/rest-api/service/api").timezone == "America/Denver"


def test_the_instance_is_host_and_port_unless_given() -> None:
    base_url = "http://localhost:8080/rest-api/service/api/"
    found = settings(base_url=base_url, timezone="UTC")
    assert (found.instance, found.base_url) == ("localhost:8080", base_url.rstrip("/"))
    assert settings(base_url=base_url, timezone="UTC", instance="acme").instance == "acme"
    assert settings(base_url="https://QA.Acme.example/api", timezone="UTC").instance == "qa.acme.example"
    assert settings(base_url="http://[::1]:8080/api", timezone="UTC").instance == "::1:8080"


@pytest.mark.parametrize("host", ["qa.acme.example", "smartbear.com.acme.example", "notsmartbear.com"])
def test_elsewhere_the_zone_must_be_given(host: str) -> None:
    with pytest.raises(ValidationError, match="timezone is missing: give the IANA name"):
        settings(base_url=f"https://{host}/rest-api/service/api")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "America", "../../etc/passwd", "/etc/localtime", "GMT-7h"])
def test_a_zone_is_an_iana_name(zone: str) -> None:
    with pytest.raises(ValidationError, match="is not an IANA name"):
        settings(timezone=zone)


@pytest.mark.parametrize(
    "template",
    ["{title}", "{0}", "{}", "{id", "{id.real}", "{id:s}", "{id!r}", "{base_url[0]}", "{base_url.__class__}"],
)
def test_an_address_template_holds_only_known_places(template: str) -> None:
    with pytest.raises(ValidationError, match=r"may hold only \{base_url\}, \{project\} and \{id\}"):
        settings(item_url=template)


@pytest.mark.parametrize(
    "template", ["https://qa.example/t/{id}?p={project}", "HTTP://qa.example:8080", "{base_url}{id}"]
)
def test_other_address_templates_are_taken(template: str) -> None:
    assert settings(item_url=template).item_url == template


@pytest.mark.parametrize("name", ["item_url", "requirement_url", "attachments_url"])
@pytest.mark.parametrize(
    "template",
    [
        "qa.example/{project}", "//qa.example/{project}", "https://", "https:///x", "ftp://qa.example/x", "{{}}",
        "x{base_url}", "https://qa.example/a b", "https://qa.example/\n", " https://qa.example/", "", "http://[::1",
        "https://qa.example:http/", "https://qa\u00a0.example/", "https://qa.example/\u0000", "https://me@q.example/",
    ],
)  # fmt: skip
def test_what_can_be_no_address_is_refused_before_anything_is_read(name: str, template: str) -> None:
    # a link that QA Sphere refuses takes its case with it
    with pytest.raises(ValidationError, match=r"must be a web address|must not hold"):
        settings(**{name: template})


@pytest.mark.parametrize("base_url", ["https://me:secret-word@qa.example/api", "https://me@qa.example/api"])
def test_credentials_do_not_belong_into_the_base_url(base_url: str) -> None:
    # the instance would carry them into every marker
    with pytest.raises(ValidationError, match=r"source\.username and source\.password") as caught:
        settings(base_url=base_url, timezone="UTC")
    assert "secret-word" not in str(caught.value.errors(include_input=False, include_url=False))


def test_the_password_is_not_shown() -> None:
    assert "secret-word" not in repr(settings())


@pytest.mark.parametrize(
    "wrong",
    [
        {"concurrency": 0},
        {"page_size": 24},
        {"page_size": 1001},
        {"username": ""},
        {"pasword": "x"},
        {"skip": ["tests"]},
    ],
)
def test_other_mistakes_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        settings(**wrong)


def test_attachments_come_from_the_clouds_soap_service_or_the_servers_own() -> None:
    cloud = settings()
    assert (cloud.attachments, cloud.soap_url) == ("soap", "https://soap.qacomplete.smartbear.com/psWS.asmx")
    assert (cloud.soap_app_code, cloud.web_url) == ("agSP", "https://app.qacomplete.smartbear.com")
    own = settings(base_url="https://qa.acme.example:8443/rest-api/service/api", timezone="UTC")
    assert own.soap_url == "https://qa.acme.example:8443/psws/psws.asmx"
    assert (own.soap_app_code, own.web_url) == ("agSPEnt", "https://qa.acme.example:8443")
    given = settings(soap_url="https://other.example/x.asmx", soap_app_code="x", web_url="https://web.example")
    assert (given.soap_url, given.soap_app_code, given.web_url) == (
        "https://other.example/x.asmx",
        "x",
        "https://web.example",
    )


@pytest.mark.parametrize(
    "template", ["/files/{file_id}", "ftp://x/{file_id}", "{base_url}/{id}", "{base_url}/{file_id!r}"]
)
def test_an_address_of_files_is_one_with_known_places(template: str) -> None:
    with pytest.raises(ValidationError, match=r"attachments_url"):
        settings(attachments_url=template)


def test_a_folder_of_attachments_is_named(tmp_path: Path) -> None:
    found = settings(attachments="folder", attachments_folder=str(tmp_path))
    assert found.attachments_folder == tmp_path
    with pytest.raises(ValidationError, match="attachments_folder must name it"):
        settings(attachments="folder")


@pytest.mark.parametrize("key", ["soap_url", "web_url", "attachments_url"])
def test_credentials_do_not_belong_into_other_addresses_either(key: str) -> None:
    with pytest.raises(ValidationError, match="must not hold a user name or password"):
        settings(**{key: "https://me:secret-word@qa.example/api"})


def test_its_hosts_are_those_of_its_addresses() -> None:
    assert settings().hosts == {"rest.qacomplete.smartbear.com", "app.qacomplete.smartbear.com"}
    base_url = "https://QA.Acme.example:8443/rest-api/service/api"
    found = settings(base_url=base_url, timezone="UTC", item_url="https://tests.acme.example/{id}")
    assert found.hosts == {"qa.acme.example", "tests.acme.example"}
