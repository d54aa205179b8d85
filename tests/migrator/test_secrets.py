"""Where secrets come from, and who else can read them there."""

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web
from typer.testing import CliRunner

from migrator.cli.main import app
from migrator.config import exposed_files, load_config, merged
from migrator.core.errors import ConfigError
from migrator.http.session import new_session
from migrator.http.settings import HttpSettings
from tests.support.rig import ROOT

ENVIRONMENT = {"QACOMPLETE_USER": "me@acme.example", "QACOMPLETE_PASSWORD": "p4ss-word", "QASPHERE_API_KEY": "a.b.c"}


def written(folder: Path, change: dict[str, Any]) -> Path:
    path = folder / "config.yaml"
    example = yaml.safe_load((ROOT / "config.example.yaml").read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(merged(example, change)), encoding="utf-8")
    return path


# --- the keyring ------------------------------------------------------------------------------------------------------

KEYRING = """
def get_password(service, name):
    if service == "locked":
        raise RuntimeError("the collection is locked")
    return {("https://acme.example/qa", "me@acme.example"): " from-the-keyring\\n"}.get((service, name))
"""


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "keyring.py").write_text(KEYRING, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("keyring", None)


def with_key(folder: Path, place: str) -> Path:
    return written(folder, {"destination": {"api_key": f"${{keyring:{place}}}"}})


@pytest.mark.usefixtures("keyring")
def test_a_secret_comes_from_the_keyring(tmp_path: Path) -> None:
    config = load_config(with_key(tmp_path, "https://acme.example/qa/me@acme.example"), ENVIRONMENT)
    assert config.destination.api_key.get_secret_value() == "from-the-keyring"


@pytest.mark.usefixtures("keyring")
@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("acme/nobody", "the keyring holds no password nobody of acme"),
        ("locked/me", "RuntimeError: the collection is locked"),
        ("no-name", "keyring:SERVICE/NAME"),
    ],
)
def test_a_keyring_that_does_not_help_is_one_clear_sentence(place: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"destination\.api_key") as caught:
        load_config(with_key(tmp_path, place), ENVIRONMENT)
    assert said in str(caught.value)


def test_without_the_package_the_keyring_is_one_clear_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError, match=r"destination\.api_key is in the keyring") as caught:
        load_config(with_key(tmp_path, "acme/me"), ENVIRONMENT)
    assert "qasphere-migrator[keyring]" in caught.value.next_step


@pytest.mark.usefixtures("keyring")
@pytest.mark.parametrize(
    "command", ["config validate", "config show", "status", "report --html x.html", "explain QM101"]
)
def test_commands_that_ask_nobody_ask_no_keyring_and_need_no_secrets(command: str, tmp_path: Path) -> None:
    path = with_key(tmp_path, "locked/me")
    ended = CliRunner().invoke(app, ["--config", str(path), *command.split()], env={})
    said = ended.stdout + ended.stderr
    assert "keyring" not in said
    assert "QACOMPLETE" not in said
    # nothing has been migrated yet
    assert ended.exit_code == (2 if command.startswith(("status", "report")) else 0), said


# --- who can read or change it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "rights", "found"),
    [
        ({}, 0o644, []),
        ({"destination": {"api_key": "literal"}}, 0o600, []),
        ({"destination": {"api_key": "literal"}}, 0o640, ["destination.api_key"]),
        ({"destination": {"api_key": "acme.${QASPHERE_API_KEY}.x"}}, 0o604, ["destination.api_key"]),
        ({"http": {"proxy": "http://proxy:8080"}}, 0o644, []),
        ({"http": {"proxy": "http://me:word@proxy:8080"}}, 0o644, ["http.proxy"]),
        ({"notify": {"url": "https://chat.example/hooks/T0/B0"}}, 0o644, ["notify.url"]),
        ({"source": {"password": None}}, 0o644, []),
    ],
)
def test_a_config_that_others_can_read_and_that_holds_secrets(
    change: dict[str, Any], rights: int, found: list[str], tmp_path: Path
) -> None:
    path = written(tmp_path, change)
    path.chmod(rights)
    assert [(one.file, one.words.split(",")[0]) for one in exposed_files(path)] == [
        (path, f"holds {name}") for name in found
    ]


@pytest.mark.parametrize("name", ["config.yaml", "hooks.py"])
@pytest.mark.parametrize("rights", [0o620, 0o602])
def test_a_file_that_others_can_change_and_that_runs_or_decides(name: str, rights: int, tmp_path: Path) -> None:
    path = written(tmp_path, {"mapping": {"hooks": "hooks.py"}})
    (tmp_path / "hooks.py").touch()
    for one in (path, tmp_path / "hooks.py"):
        one.chmod(0o644)
    assert exposed_files(path) == []
    (tmp_path / name).chmod(rights)
    [found] = exposed_files(path)
    assert (found.file.name, found.words.endswith("can change it")) == (name, True)


def test_a_file_with_a_secret_that_others_can_read(tmp_path: Path) -> None:
    path = written(tmp_path, {"source": {"password_file": "word"}, "destination": {"api_key": "${file:key}"}})
    for name, rights in (("word", 0o644), ("key", 0o600)):
        (tmp_path / name).write_text("secret", encoding="utf-8")
        (tmp_path / name).chmod(rights)
    [found] = exposed_files(path)
    assert (found.file.name, found.words.split(",")[0]) == ("word", "holds source.password")


# --- a client's key ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a certificate of this machine, and its key, plain and encrypted."""
    folder = tmp_path_factory.mktemp("tls")
    openssl = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", "encrypted.pem", "-out", "cert.pem", "-passout", "pass:the phrase"]
    try:
        subprocess.run([*openssl, *names, *files], cwd=folder, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl to make a key with")
    plain = ["openssl", "pkey", "-in", "encrypted.pem", "-passin", "pass:the phrase", "-out", "plain.pem"]
    subprocess.run(plain, cwd=folder, check=True, capture_output=True)
    both = (folder / "encrypted.pem").read_text() + (folder / "cert.pem").read_text()
    (folder / "client.pem").write_text(both, encoding="utf-8")
    return folder


async def test_an_encrypted_client_key_opens_with_its_pass_phrase(certificate: Path) -> None:
    settings = HttpSettings.model_validate(
        {
            "ca_bundle": certificate / "cert.pem",
            "client_cert": certificate / "client.pem",
            "client_cert_password": "the phrase",
        }
    )
    trusts = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificate / "cert.pem")
    trusts.load_cert_chain(certificate / "cert.pem", certificate / "plain.pem")
    trusts.verify_mode = ssl.CERT_REQUIRED

    async def name(request: web.Request) -> web.Response:
        assert request.transport
        return web.json_response(request.transport.get_extra_info("peercert")["subject"][0][0][1])

    served = web.Application()
    served.router.add_get("/", name)
    runner = web.AppRunner(served)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=trusts)
    await site.start()
    try:
        address = f"https://127.0.0.1:{runner.addresses[0][1]}/"
        async with new_session(settings) as session, session.get(address) as answer:
            assert await answer.json() == "localhost"
        with pytest.raises(aiohttp.ClientError):
            async with new_session(HttpSettings(ca_bundle=certificate / "cert.pem")) as session, session.get(address):
                pass
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("phrase", [None, "another"])
async def test_a_client_key_that_does_not_open_is_said_and_nobody_is_asked(
    phrase: str | None, certificate: Path
) -> None:
    settings = HttpSettings.model_validate({"client_cert": certificate / "client.pem", "client_cert_password": phrase})
    with pytest.raises(ConfigError, match="cannot read the certificates") as caught:
        new_session(settings)
    assert "http.client_cert_password" in caught.value.next_step


@pytest.mark.skipif(sys.platform == "win32", reason="rights and pipes of POSIX")
def test_a_pipe_a_device_and_a_large_file_hold_no_secret(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * (64 * 1024 + 1))
    cases = {"pipe": "no ordinary file", "/dev/zero": "no ordinary file", "large": "larger than 65536 bytes"}
    for file, words in cases.items():
        path = written(tmp_path, {"source": {"password": f"${{file:{file}}}"}})
        with pytest.raises(ConfigError) as raised:
            load_config(path, ENVIRONMENT)
        assert words in raised.value.cause


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
def test_a_config_in_a_folder_of_others_can_be_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    path = written(folder, {})
    path.chmod(0o600)
    folder.chmod(0o777)
    [found] = exposed_files(path)
    assert "lies in a folder that others can change" in found.words
    folder.chmod(0o1777)  # as /tmp is: only the owner replaces a file
    assert exposed_files(path) == []
