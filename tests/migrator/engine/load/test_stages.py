"""How the loaders of all kinds end together, and that none sleeps through what it waits for."""

from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from migrator.core.drafts import FileDraft, FolderDraft, FromAttachment
from migrator.core.errors import TemporaryError
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Holding, LedgerEntry, PlannedItem
from migrator.core.text import file_link
from migrator.core.views import CaseView, Created, StoredFile
from migrator.engine.files.spool import FileRoute, Spool
from migrator.engine.load.cases.create import CaseLoader
from migrator.engine.load.stages import Stages
from migrator.engine.references import Addresses
from state.workspace import Workspace, open_workspace
from tests.support.drafts import case_draft, planned_case, ref
from tests.support.memory_cases import FakeQASphere, LoadRig


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(tmp_path) as opened:
        yield opened


def stages(rig: LoadRig, folder: Path) -> Stages:
    route = FileRoute(None, Spool(folder / "spool", 1024, folder / "files"), 1)
    return Stages(rig.context, Addresses(rig.workspace.store, "12", "https://qas.example"), route, rig.others)


@pytest.mark.parametrize("kind", ["_runs", "_results"])
async def test_what_stops_one_kind_lets_nothing_be_written_without_what_it_waits_for(
    kind: str, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise TemporaryError("QA Sphere is away")

    rig = LoadRig(workspace, FakeQASphere({}), [])
    loading = stages(rig, tmp_path)
    monkeypatch.setattr(getattr(loading, kind), "load", fail)
    with pytest.raises(TemporaryError):
        await loading.load(rig.round)
    assert loading._closes.needs.gave_up
    assert loading._closes.needs.hold("a close", lambda: "a result")


async def test_no_run_is_closed_before_the_last_is_made_though_all_results_are_there(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = LoadRig(workspace, FakeQASphere({}), [])
    loading = stages(rig, tmp_path)
    ended: list[str] = []
    results_ended = anyio.Event()

    async def load_runs() -> None:
        loading._runs.begun.set()
        await results_ended.wait()
        await anyio.wait_all_tasks_blocked()
        ended.append("runs")

    async def load_results() -> None:
        ended.append("results")
        results_ended.set()

    async def load_closes() -> None:
        while await loading._closes.needs.next():
            pass
        ended.append("closes")

    for loader, load in ((loading._runs, load_runs), (loading._results, load_results), (loading._closes, load_closes)):
        monkeypatch.setattr(loader, "load", load)
    with anyio.fail_after(20):
        assert await loading.load(rig.round)
    assert ended == ["results", "runs", "closes"]


class FakeThatTellsMeanwhile(FakeQASphere):
    """Lets a file arrive while the first case is looked at."""

    loader: CaseLoader
    file: str
    workspace: Workspace

    async def case(self, code: str, case_id: str) -> CaseView:
        store = self.workspace.store
        operation = store.history.operation(self.file, "create")
        if operation and operation.state == "planned":
            store.journal.done(operation, Created("1"), "migrated")
            store.files.put_stored("12", self.file, StoredFile(id="1", name="a file", media_type="text/plain", size=1))
            self.loader.needs.ended([self.file])
        return await super().case(code, case_id)


async def test_what_comes_while_the_first_is_compared_wakes_who_waits_for_it(workspace: Workspace) -> None:
    fake = FakeThatTellsMeanwhile({})
    rig = LoadRig(workspace, fake, [])
    folder = FolderDraft(marker=ref("folder", "12", "8").marker, path=("B",))
    holding = Holding(LedgerEntry(folder.marker, "folder", "80", None, folder.digest), folder, None)
    fake.workspace, fake.file = workspace, ref("attachment", "12", "1").marker
    waits = case_draft(1, folder="8").model_copy(update={"precondition": file_link(fake.file, "a file")})
    file = FileDraft(marker=fake.file, owner=waits.marker, name="a file", content=FromAttachment(marker=fake.file))
    workspace.store.planning.put_items(
        rig.round,
        [
            PlannedItem(Mapped(folder.marker, "folder", "B"), "migrated", holding=holding),
            PlannedItem(Mapped(waits.marker, "case", waits.title, "draft", waits), "pending", need=waits.folder),
            PlannedItem(Mapped(fake.file, "file", "a file", "draft", file), "pending"),
            planned_case(2),
        ],
    )
    fake.loader = rig.loader()
    with anyio.fail_after(20):
        await fake.loader.load()
    assert fake.titles() == ["Case 1", "Case 2"]
