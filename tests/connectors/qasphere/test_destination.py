"""The QA Sphere client against its stand-in, in every profile."""

import inspect
from pathlib import Path

import pytest

from connectors.qasphere import sandbox
from connectors.qasphere.destination import QASphereDestination
from connectors.qasphere.sandbox.handlers import Handlers
from migrator.core.drafts import FolderDraft, ProjectDraft, StepDraft
from migrator.core.errors import AuthenticationError, ConfigError, MigratorError, OutcomeUnknown, Rejected
from migrator.core.ports.destination import Destination, DestinationReader
from migrator.core.views import CasePatch, Upload
from migrator.engine.plan.cases.compare import case_differences
from migrator.engine.plan.destination_snapshot import folder_paths
from migrator.standin.options import FaultPlan, Profile, StandInOptions
from tests.support.drafts import case_draft
from tests.support.qasphere_calls import Calls
from tests.support.services import no_hooks, qa_sphere

PROFILES: tuple[Profile, ...] = ("strict", "lenient", "odd")
PROJECT = ProjectDraft(marker="m", code="SHOP", title="Shop")


async def with_folder(destination: Destination) -> int:
    await destination.create_project(PROJECT, no_hooks())
    (created,) = await destination.upsert_folders("SHOP", [FolderDraft(marker="f", path=("A", "B"))], no_hooks())
    return int(created.id)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("field", [True, False])
async def test_what_is_written_is_read_back_and_found_again(profile: Profile, field: bool) -> None:
    async with qa_sphere(StandInOptions(profile=profile)) as (stand_in, destination):
        if field:
            stand_in.store.add_custom_field("source_id", "Source ID")
        await destination.check()
        folder = await with_folder(destination)
        assert await destination.cases_above("SHOP", 0) == []
        drafts = [case_draft(number) for number in range(1, 6)]
        for draft in drafts:
            await destination.create_case("SHOP", folder, draft, [], no_hooks())
        page = await destination.cases("SHOP", None, whole=True)
        assert page.next_cursor is None
        assert [view.markers for view in page.cases] == [(draft.marker,) for draft in drafts]
        for draft, view in zip(drafts, page.cases, strict=True):
            assert case_differences(draft, folder, view) == []
            assert case_differences(draft, folder, await destination.case("SHOP", view.id)) == []
        found = await destination.find_cases(
            "SHOP", [drafts[4].marker, drafts[2].marker, "nobody"], floor=2, keyed=field
        )
        assert {marker: [view.seq for view in views] for marker, views in found.items()} == {
            drafts[4].marker: [5],
            drafts[2].marker: [3],
        }
        included = stand_in.log.parameters["include"]
        assert [case.seq for case in await destination.cases_above("SHOP", 2)] == [5, 4, 3]
        assert stand_in.log.parameters["include"] == included  # nothing but the rows: it is asked every 50 creates


async def test_a_look_up_newest_first_stops_at_the_floor() -> None:
    async with qa_sphere() as (stand_in, destination):
        folder = await with_folder(destination)
        for number in range(450):
            await destination.create_case("SHOP", folder, case_draft(number), [], no_hooks())
        before = sum(stand_in.log.counts.values())
        found = await destination.find_cases("SHOP", [case_draft(440).marker], floor=430, keyed=False)
        assert list(found) == [case_draft(440).marker]
        assert sum(stand_in.log.counts.values()) == before + 1


async def test_many_markers_share_requests() -> None:
    async with qa_sphere() as (stand_in, destination):
        stand_in.store.add_custom_field("source_id", "Source ID")
        folder = await with_folder(destination)
        for number in range(50):
            await destination.create_case("SHOP", folder, case_draft(number), [], no_hooks())
        found = await destination.find_cases(
            "SHOP", [case_draft(number).marker for number in range(50)], floor=0, keyed=True
        )
        assert len(found) == 50
        assert stand_in.log.parameters["cf_source_id"] == 3


async def test_folders_are_read_to_the_last_page() -> None:
    async with qa_sphere() as (_, destination):
        await destination.create_project(PROJECT, no_hooks())
        for start in range(0, 450, 90):
            drafts = [FolderDraft(marker=str(n), path=(f"F{n}",)) for n in range(start, start + 90)]
            await destination.upsert_folders("SHOP", drafts, no_hooks())
        assert len(await destination.folders("SHOP")) == 450


async def test_a_create_whose_answer_is_lost_is_unknown() -> None:
    async with qa_sphere(StandInOptions(faults=FaultPlan(share=1, kinds=("drop_after",)))) as (stand_in, destination):
        project = stand_in.store.add_project("SHOP", "Shop")
        folder = stand_in.store.upsert_folder(project, ["A"], None)[0]
        assert isinstance(destination, QASphereDestination)
        destination._has_marker_field["SHOP"] = False
        with pytest.raises(OutcomeUnknown):
            await destination.create_case("SHOP", folder, case_draft(1), [], no_hooks())
        assert len(project.cases) == 1


async def test_an_answer_without_an_id_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    async with qa_sphere() as (_, destination):
        folder = await with_folder(destination)
        monkeypatch.setattr(Handlers, "_created", lambda _self, _document: sandbox._error(201, "created"))
        with pytest.raises(OutcomeUnknown, match="no id"):
            await destination.create_case("SHOP", folder, case_draft(1), [], no_hooks())


@pytest.mark.parametrize("key", [sandbox.VIEWER_KEY, sandbox.RUNNER_KEY])
async def test_a_key_that_may_not_write_is_told_so_at_the_start(key: str) -> None:
    async with qa_sphere(key=key) as (_, destination):
        with pytest.raises(AuthenticationError, match="may not write"):
            await destination.check()


async def test_without_users_me_the_role_shows_at_the_first_write() -> None:
    async with qa_sphere(StandInOptions(profile="odd"), key=sandbox.VIEWER_KEY) as (stand_in, destination):
        stand_in.store.add_project("SHOP", "Shop")
        await destination.check()
        with pytest.raises(AuthenticationError, match="does not permit"):
            await destination.upsert_folders("SHOP", [FolderDraft(marker="f", path=("A",))], no_hooks())


async def test_a_write_into_an_archived_project_stops_everything() -> None:
    async with qa_sphere() as (stand_in, destination):
        stand_in.store.add_project("SHOP", "Shop", archived=True)
        view = await destination.project("SHOP")
        assert view is not None
        assert view.archived
        with pytest.raises(ConfigError, match="archived"):
            await destination.upsert_folders("SHOP", [FolderDraft(marker="f", path=("A",))], no_hooks())


async def test_a_refusal_of_one_case_names_the_servers_reason() -> None:
    async with qa_sphere() as (stand_in, destination):
        folder = await with_folder(destination)
        draft = case_draft(1).model_copy(update={"custom_fields": {"nope": "x"}})
        with pytest.raises(Rejected, match="nope does not exist"):
            await destination.create_case("SHOP", folder, draft, [], no_hooks())
        assert not stand_in.store.projects["SHOP"].cases


async def test_what_breaks_a_documented_limit_is_one_cases_trouble_and_is_not_sent() -> None:
    async with qa_sphere() as (stand_in, destination):
        folder = await with_folder(destination)
        stand_in.log.counts.clear()
        draft = case_draft(1).model_copy(update={"tags": ("t" * 256,)})
        with pytest.raises(Rejected, match="nothing was sent") as caught:
            await destination.create_case("SHOP", folder, draft, [], no_hooks())
        assert (caught.value.status, caught.value.body) == (400, "tags.0: String should have at most 255 characters")
        with pytest.raises(Rejected, match="nothing was sent"):
            await destination.update_case("SHOP", "1", CasePatch(title="t" * 512), no_hooks())
        assert not [call for call in stand_in.log.counts if not call.startswith("GET")]


async def test_the_old_scheme_works_too() -> None:
    async with qa_sphere(auth_scheme="apikey") as (_, destination):
        await destination.check()
        assert await destination.project("SHOP") is None


async def test_projects_tags_and_updates_through_the_endpoints() -> None:
    async with qa_sphere() as (stand_in, destination):
        assert isinstance(destination, QASphereDestination)
        folder = await with_folder(destination)
        created = await destination.create_case("SHOP", folder, case_draft(1), [], no_hooks())
        api = Calls(destination._api)
        assert await api.tags("SHOP") == ["smoke"]
        await api.update_case("SHOP", created.id, {"title": "Changed"}, no_hooks())
        assert (await api.case("SHOP", created.id)).title == "Changed"
        assert [project.code for project in await api.projects()] == ["SHOP"]
        assert stand_in.store.projects["SHOP"].cases[0].version == 2


async def test_a_folders_comment_is_read_overwritten_and_emptied() -> None:
    async with qa_sphere() as (_, destination):
        folder = await with_folder(destination)
        paths = folder_paths(await destination.folders("SHOP"))
        for comment in ("<p>words</p>", ""):
            await destination.comment_on_folder("SHOP", paths[folder], comment, no_hooks())
            found = await destination.folder("SHOP", folder)
            assert found is not None
            assert found.comment == comment
        assert len(await destination.folders("SHOP")) == len(paths)
        assert await destination.folder("SHOP", 999_999) is None


WRITES = sorted(name for name, member in vars(Destination).items() if inspect.iscoroutinefunction(member))


def test_every_write_is_known_by_its_hooks() -> None:
    """What takes ``hooks`` writes; the reader's methods take none."""
    assert WRITES == [
        "comment_on_folder",
        "create_case",
        "create_project",
        "update_case",
        "upload_files",
        "upsert_folders",
    ]
    assert all("hooks" in inspect.signature(getattr(Destination, name)).parameters for name in WRITES)
    readers = [member for name, member in vars(DestinationReader).items() if inspect.isfunction(member)]
    assert len(readers) > 8
    assert all("hooks" not in inspect.signature(member).parameters for member in readers)


@pytest.mark.parametrize("name", WRITES)
async def test_a_command_that_only_looks_cannot_write(name: str) -> None:
    draft = case_draft(1)
    arguments: dict[str, tuple[object, ...]] = {
        "create_project": (ProjectDraft(marker="p", code="NEW", title="New"),),
        "upsert_folders": ("SHOP", [FolderDraft(marker="f", path=("A",))]),
        "comment_on_folder": ("SHOP", ("A",), "words"),
        "create_case": ("SHOP", 1, draft, []),
        "update_case": ("SHOP", "1", CasePatch(title="New")),
        "upload_files": ([Upload(Path(__file__), "a.py", "text/x-python", 1)],),
    }
    async with qa_sphere(read_only=True) as (stand_in, destination):
        stand_in.store.add_project("SHOP", "Shop")
        with pytest.raises(MigratorError, match="must not write"):
            await getattr(destination, name)(*arguments[name], no_hooks())
        assert {call.partition(" ")[0] for call in stand_in.log.counts} <= {"GET"}


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_patch_changes_what_it_names_and_counts_a_version(profile: Profile) -> None:
    async with qa_sphere(StandInOptions(profile=profile)) as (stand_in, destination):
        stand_in.store.add_custom_field("team", "Team")
        folder = await with_folder(destination)
        draft = case_draft(1)
        created = await destination.create_case("SHOP", folder, draft, [], no_hooks())
        before = await destination.case("SHOP", created.id)
        patch = CasePatch(
            title="New", tags=("a", "b"), custom_fields={"team": "Red"}, steps=(StepDraft(description="x"),)
        )
        await destination.update_case("SHOP", created.id, patch, no_hooks())
        after = await destination.case("SHOP", created.id)
        assert (after.title, after.tags, after.custom_fields["team"]) == ("New", ("a", "b"), "Red")
        assert [step.description for step in after.steps] == ["x"]
        assert (after.precondition, after.links, after.priority) == (before.precondition, before.links, before.priority)
        assert (before.version, after.version) == (1, 2)
        page = await destination.cases("SHOP", None, whole=False, newest_first=True)
        assert [case.version for case in page.cases] == [2]


async def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases with screenshots pasted into their steps, whoever made them."""
    monkeypatch.setattr("migrator.http.transport.MOST_OF_AN_ANSWER", 12_000)
    async with qa_sphere() as (stand_in, destination):
        stand_in.store.add_custom_field("source_id", "Source ID")
        folder = await with_folder(destination)
        drafts = [case_draft(n).model_copy(update={"precondition": f"<p>{'x' * 1500}</p>"}) for n in range(1, 31)]
        for draft in drafts:
            await destination.create_case("SHOP", folder, draft, [], no_hooks())
        await destination.upsert_folders(
            "SHOP", [FolderDraft(marker=f"f{n}", path=("y" * 255, "z" * 200 + str(n))) for n in range(60)], no_hooks()
        )
        cases: list[str] = []
        cursor = None
        while True:
            page = await destination.cases("SHOP", cursor, whole=True)
            cases += [case.title for case in page.cases]
            if (cursor := page.next_cursor) is None:
                break
        found = await destination.find_cases("SHOP", [draft.marker for draft in drafts], floor=0, keyed=True)
        folders = await destination.folders("SHOP")
    assert cases == [draft.title for draft in drafts]
    assert set(found) == {draft.marker for draft in drafts}
    assert len(folders) == 2 + 1 + 60
