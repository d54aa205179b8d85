"""Milestones, runs and results through the port of the engine, in every profile."""

import pytest

from connectors.qasphere import sandbox as qasphere
from connectors.qasphere.sandbox import VIEWER_KEY, Switches
from migrator.core.drafts import MilestoneDraft, ResultDraft, RunDraft
from migrator.core.errors import AuthenticationError, MigratorError, Rejected
from migrator.core.ports.destination import Destination, Hooks
from migrator.core.refs import marker_line, stated_marker
from migrator.core.views import TitleTaken
from migrator.standin.options import Profile, StandInOptions
from tests.support.drafts import case_draft
from tests.support.services import no_hooks, qa_sphere

HOOKS: Hooks = no_hooks()
profiles = pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
RUN = "qacomplete@acme:run:12/5"


def draft(case: str, title: str = "Smoke · #5") -> RunDraft:
    return RunDraft(marker=RUN, title=title, description=marker_line(RUN), cases=(case,))


def result(number: int, case: str, status: str = "passed") -> ResultDraft:
    marker = f"qacomplete@acme:result:12/{number}"
    values = {"marker": marker, "source_marker": marker, "run": RUN, "case": case, "status": status}
    return ResultDraft.model_validate(values | {"comment": f"<p>5 &gt; 4</p>{marker_line(marker)}", "time_taken_ms": 9})


async def a_case(stand_in: qasphere.QASphereStandIn, destination: Destination) -> tuple[str, str]:
    """Make a project with a case; return its marker and id."""
    project = stand_in.store.add_project("SHOP", "Shop")
    folder = stand_in.store.upsert_folder(project, ["A"], None)[0]
    made = case_draft(1)
    return made.marker, (await destination.create_case("SHOP", folder, made, (), HOOKS)).id


@profiles
async def test_a_history_is_given_back_as_it_was_sent(profile: Profile) -> None:
    async with qa_sphere(StandInOptions(profile=profile)) as (stand_in, destination):
        marker, case = await a_case(stand_in, destination)
        history = destination.history
        milestone = await history.create_milestone("SHOP", MilestoneDraft(marker="m", title="Spring"), HOOKS)
        assert [(view.title, view.archived) for view in await history.milestones("SHOP")] == [("Spring", False)]
        run = await history.create_run("SHOP", draft(marker), int(milestone.id), [case], HOOKS)
        ids = await history.create_results(
            "SHOP", int(run.id), [(case, result(1, marker)), (case, result(2, marker, "failed"))], HOOKS
        )
        assert [(row.id, row.status) for row in await history.run_cases("SHOP", int(run.id))] == [(case, "failed")]
        views = await history.results("SHOP", int(run.id), case)
        assert views is not None
        assert [(str(view.id), view.status, view.time_taken_ms) for view in views] == [
            (ids[0].id, "passed", 9),
            (ids[1].id, "failed", 9),
        ]
        assert [stated_marker(view.comment) for view in views] == [result(n, marker).marker for n in (1, 2)]
        await history.close_run("SHOP", int(run.id), HOOKS)
        await history.close_run("SHOP", int(run.id), HOOKS)
        (view,) = await history.runs("SHOP")
        assert (view.title, view.closed) == ("Smoke · #5", True)
        # some servers list runs without these
        known = ("", None) if view.description is None else (RUN, int(milestone.id))
        assert (stated_marker(view.description or ""), view.milestone_id) == known
        assert stand_in.store.remote_comments == []


@profiles
async def test_a_title_that_is_taken_names_the_run_that_has_it(profile: Profile) -> None:
    async with qa_sphere(StandInOptions(profile=profile)) as (stand_in, destination):
        marker, case = await a_case(stand_in, destination)
        first = await destination.history.create_run("SHOP", draft(marker), None, [case], HOOKS)
        with pytest.raises(TitleTaken) as caught:
            await destination.history.create_run("SHOP", draft(marker), None, [case], HOOKS)
        assert caught.value.run_id == int(first.id)


async def test_only_active_custom_statuses_count() -> None:
    async with qa_sphere() as (stand_in, destination):
        assert await destination.history.statuses() == {}
        stand_in.store.statuses["custom2"].is_active = True
        name = stand_in.store.statuses["custom2"].name
        assert await destination.history.statuses() == {name: "custom2"}


async def test_results_that_are_not_given_back_are_not_called_none() -> None:
    async with qa_sphere(switches=Switches(results_in_case=False)) as (stand_in, destination):
        marker, case = await a_case(stand_in, destination)
        run = await destination.history.create_run("SHOP", draft(marker), None, [case], HOOKS)
        assert await destination.history.results("SHOP", int(run.id), case) is None


async def test_a_role_that_may_not_write_stops_everything_and_a_wrong_item_does_not() -> None:
    async with qa_sphere(key=VIEWER_KEY) as (stand_in, destination):
        stand_in.store.add_project("SHOP", "Shop")
        with pytest.raises(AuthenticationError):
            await destination.history.create_run("SHOP", draft("c"), None, ["1"], HOOKS)
        with pytest.raises(AuthenticationError):
            await destination.history.create_milestone("SHOP", MilestoneDraft(marker="m", title="Spring"), HOOKS)
    async with qa_sphere() as (stand_in, destination):
        marker, case = await a_case(stand_in, destination)
        with pytest.raises(Rejected) as caught:
            await destination.history.create_run("SHOP", draft(marker), 77, [case], HOOKS)
        assert caught.value.status == 400


async def test_nothing_is_written_by_a_command_that_only_reads() -> None:
    async with qa_sphere(read_only=True) as (stand_in, destination):
        stand_in.store.add_project("SHOP", "Shop")
        history = destination.history
        calls = (
            history.create_milestone("SHOP", MilestoneDraft(marker="m", title="Spring"), HOOKS),
            history.create_run("SHOP", draft("c"), None, ["1"], HOOKS),
            history.create_results("SHOP", 1, [("1", result(1, "c"))], HOOKS),
            history.close_run("SHOP", 1, HOOKS),
        )
        for call in calls:
            with pytest.raises(MigratorError, match="must not write"):
                await call
        assert not [name for name in stand_in.log.counts if name.startswith("POST")]
