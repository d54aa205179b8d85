"""The archive: pages, cursors, sweeps, and entities in the order of extraction."""

from migrator.core.model import TestCase
from state.workspace import Workspace
from tests.support.drafts import case_entity, page, project_entity, record


def test_a_page_and_its_cursor_are_stored_together(workspace: Workspace) -> None:
    current = workspace.store.rounds.begin("12")
    workspace.store.archive.store_page(current, "tests", page([record(case_entity(n)) for n in (1, 2)], "2", 3))
    state = workspace.store.archive.stream_state(current, "tests")
    assert (state.cursor, state.done, state.sweep) == ("2", False, 1)
    assert workspace.store.archive.distinct_in_sweep(current, "tests") == (2, 3)


def test_entities_come_back_whole_and_in_order(workspace: Workspace) -> None:
    current = workspace.store.rounds.begin("12")
    entities = [case_entity(n) for n in range(450)]
    for start in range(0, 450, 100):
        some = [record(entity) for entity in entities[start : start + 100]]
        workspace.store.archive.store_page(current, "tests", page(some, None, 450))
    assert list(workspace.store.archive.entities(current, TestCase)) == entities


def test_a_second_sweep_keeps_places_and_counts_anew(workspace: Workspace) -> None:
    current = workspace.store.rounds.begin("12")
    workspace.store.archive.store_page(current, "tests", page([record(case_entity(n)) for n in (1, 3)], None, 3))
    workspace.store.archive.start_second_sweep(current, "tests")
    workspace.store.archive.store_page(current, "tests", page([record(case_entity(n)) for n in (1, 2, 3)], None, 3))
    assert workspace.store.archive.distinct_in_sweep(current, "tests") == (3, 3)
    titles = [entity.title for entity in workspace.store.archive.entities(current, TestCase)]
    assert titles == ["Case 1", "Case 3", "Case 2"]


def test_the_next_round_starts_its_streams_anew(workspace: Workspace) -> None:
    first = workspace.store.rounds.begin("12")
    workspace.store.archive.store_page(first, "project", page([record(project_entity())], None, 1))
    workspace.store.archive.finish_stream(first, "project")
    workspace.store.rounds.enter(first, "done")
    second = workspace.store.rounds.begin("12")
    assert workspace.store.archive.stream_state(first, "project").done
    assert not workspace.store.archive.stream_state(second, "project").done
    assert workspace.store.archive.count(second) == 0


def test_folders_that_cases_name_are_known_without_reading_every_case(workspace: Workspace) -> None:
    current = workspace.store.rounds.begin("12")
    at_root = case_entity(3).model_copy(update={"folder": None})
    cases = [case_entity(1), case_entity(2, folder="9").model_copy(update={"folder_name": "Lost"}), at_root]
    workspace.store.archive.store_page(current, "tests", page([record(case) for case in cases], None, 3))
    assert dict(workspace.store.archive.parents_of_cases(current)) == {
        "qacomplete@acme:folder:12/7": None,
        "qacomplete@acme:folder:12/9": "Lost",
        "": None,
    }
