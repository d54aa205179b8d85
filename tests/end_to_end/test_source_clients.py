"""The clients of the sources: attachments are listed, added, and come back as they were."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.qacomplete import sandbox as qacomplete
from connectors.workiva import sandbox as workiva
from migrator.client import QAComplete, Rejected, Workiva
from migrator.standin.serve import serve
from tests.support.rig import ROOT
from tests.support.workiva import stand_in

BYTES = "moved to QA Sphere \N{CHECK MARK}\r\n".encode() * 20


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Prüfung.txt"
    path.write_bytes(BYTES)
    return path


def client(url: str) -> QAComplete:
    rest, soap = url + qacomplete.BASE_PATH, url + qacomplete.SOAP_PATHS[1]
    return QAComplete(qacomplete.USERNAME, qacomplete.PASSWORD, base_url=rest, soap_url=soap)


@pytest.mark.parametrize("code", ["Tests", "Bugs", "TestSets", "TestSteps"])
async def test_a_file_in_qacomplete_comes_back(code: str, file: Path, tmp_path: Path) -> None:
    built = qacomplete.build(data=qacomplete.demo_company())
    data = built.data
    items: dict[str, Sequence[Any]] = {"Tests": data.tests, "Bugs": data.defects, "TestSets": data.test_sets}
    item = next(iter(data.tests[0].all_steps())).id if code == "TestSteps" else items[code][0].id
    project = data.tests[0].project_id
    async with serve(built.app) as url, client(url) as q:
        before = len(await q.files(project, code, item))
        await q.add_file(project, code, item, file, title="Evidence", comments="<p>why</p>")
        *rest, added = sorted(await q.files(project, code, item), key=lambda row: row.id or 0)
        assert (len(rest), added.file_name, added.title) == (before, file.name, "Evidence")
        content = await q.download(project, code, item, added, tmp_path / "back")
        assert (content.size, (tmp_path / "back").read_bytes()) == (len(BYTES), BYTES)
        assert added.id is not None
        (other := tmp_path / "other.txt").write_bytes(b"other bytes")
        await q.replace_file(project, code, item, added.id, other, comments="<p>newer</p>")
        (replaced,) = [row for row in await q.files(project, code, item) if row.id == added.id]
        assert (replaced.file_name, replaced.title, replaced.comments) == ("other.txt", "other.txt", "<p>newer</p>")
        await q.download(project, code, item, replaced, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"other bytes"


@pytest.mark.parametrize("link", ["https://wiki.example.com/page", "\\\\server\\share\\plan.docx"])
async def test_a_link_is_attached_changed_and_removed(link: str) -> None:
    built = qacomplete.build(data=qacomplete.demo_company())
    test = built.data.tests[0]
    place = (test.project_id, "Tests", test.id)
    async with serve(built.app) as url, client(url) as q:
        await q.add_link(*place, link, title="Plan")
        (added,) = [row for row in await q.files(*place) if row.file_name == link]
        assert added.id is not None
        await q.change_file(*place, added.id, comments="<p>old</p>")
        (changed,) = [row for row in await q.files(*place) if row.id == added.id]
        assert (changed.title, changed.comments) == ("Plan", "<p>old</p>")
        await q.remove_file(*place, added.id)
        assert added.id not in [row.id for row in await q.files(*place)]
        with pytest.raises(Rejected):
            await q.remove_file(*place, added.id)


@pytest.mark.parametrize("depth", [2, 3, 4])
async def test_a_file_is_attached_in_workiva_once(depth: int, file: Path) -> None:
    built = stand_in(workiva.generate(1, phases=1, matrices=1, samples=1))
    form, phase, matrix = next(built.data.matrices())
    owner = (form.id, phase.id, matrix.id, matrix.samples[0].id)[:depth]
    async with (
        workiva.serving(built) as url,
        Workiva(workiva.CLIENT_ID, workiva.CLIENT_SECRET, base_url=url) as w,
    ):
        ident = await w.upload(owner, file)
        assert await w.upload(owner, file) == ident
        assert [row.file_name for row in await w.attachments(owner) if row.id == ident] == [file.name]


async def test_a_test_form_takes_no_files(file: Path) -> None:
    built = stand_in(workiva.generate(1, phases=1, matrices=1, samples=1))
    async with (
        workiva.serving(built) as url,
        Workiva(workiva.CLIENT_ID, workiva.CLIENT_SECRET, base_url=url) as w,
    ):
        with pytest.raises(ValueError, match="only phases"):
            await w.upload((next(built.data.matrices())[0].id,), file)


async def test_a_client_is_opened_first(file: Path) -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await Workiva("id", "secret", region="eu").upload(("a", "b"), file)


# --- the examples of docs/client.md -----------------------------------------------------------------------------------


def texts(folder: Path) -> list[str]:
    return [path.read_text(errors="replace") for path in folder.glob("*.bin")]


def program(name: str) -> Any:
    """Return the program of the document that opens this client."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "client.md").read_text(encoding="utf-8"), re.DOTALL)
    (text,) = [block for block in blocks if f"with {name}(" in block]
    names: dict[str, Any] = {}
    exec(compile(text, "client.md", "exec"), names)
    return names["main"]


async def test_the_example_of_qacomplete_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = qacomplete.build(data=qacomplete.demo_company())
    test = next(test for test in built.data.tests if test.project_id == 12)
    monkeypatch.chdir(tmp_path)
    async with serve(built.app) as url:
        given = {
            "QACOMPLETE_URL": url + qacomplete.BASE_PATH,
            "QACOMPLETE_SOAP_URL": url + qacomplete.SOAP_PATHS[1],
            "QACOMPLETE_USER": qacomplete.USERNAME,
            "QACOMPLETE_PASSWORD": qacomplete.PASSWORD,
            "TEST_ID": str(test.id),
        }
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        await program("QAComplete")()
    assert "moved" in texts(tmp_path)


async def test_the_example_of_workiva_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built = stand_in(workiva.generate(1, phases=1, matrices=1, samples=1))
    form, phase, _ = next(built.data.matrices())
    monkeypatch.chdir(tmp_path)
    async with workiva.serving(built) as url:
        given = {"URL": url, "CLIENT_ID": workiva.CLIENT_ID, "CLIENT_SECRET": workiva.CLIENT_SECRET}
        for name, value in given.items():
            monkeypatch.setenv(f"WORKIVA_{name}", value)
        monkeypatch.setenv("FORM_ID", form.id)
        monkeypatch.setenv("PHASE_ID", phase.id)
        await program("Workiva")()
    assert "receipt-7.txt" in capsys.readouterr().out
