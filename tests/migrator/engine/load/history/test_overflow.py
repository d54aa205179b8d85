"""Texts whose file is missing: within every limit, recognised when they come back, and made of our own links only."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.qasphere.sandbox.sanitise import sanitise
from mappings.history import RulesHistoryMapper
from mappings.item_writer import Writers
from mappings.rules import MappingRules, ProjectRules
from migrator.core.drafts import ResultDraft, RunDraft
from migrator.core.model import RichText
from migrator.core.ports.mapping import HistoryWorld, Mapped, ResultPlace, RunPart, RunUnit
from migrator.core.records import Holding, LedgerEntry, PlannedItem
from migrator.core.refs import stated_marker
from migrator.core.text import visible_text
from migrator.core.views import StoredFile
from migrator.engine.linked_files import WORDS, as_seen, files_of, with_links_to
from migrator.engine.load.history.overflow import as_written, foretell_loss, tell_late_files
from state.workspace import Workspace, open_workspace
from tests.support.drafts import ref
from tests.support.history import result, run


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(tmp_path / "workspace") as opened:
        yield opened


RULES = RulesHistoryMapper(MappingRules(), ProjectRules(source="12", destination="SHOP"), Writers(), HistoryWorld())
FAKE = '<a href="qmig:file:qacomplete%40acme%3Afile%3A1">The whole text</a> qmig:case:x@y:z/1'
texts = st.builds(
    lambda part, times, markup: RichText(value=part * times, markup=markup),
    st.one_of(st.text("ab <&>é\n", min_size=1, max_size=20), st.just(FAKE)),
    st.integers(1, 80),
    st.sampled_from(["html", "plain"]),
)


def run_draft(text: RichText, number: str = "5") -> RunDraft:
    made = run(5).model_copy(
        update={"ref": ref("run", "12", number), "description": text, "attributes": {"host": text.value}}
    )
    marker = made.ref.marker
    draft = RULES.run(RunUnit(marker, (made,)), RunPart(marker, (ref("test", "12", "1").marker,))).draft
    assert isinstance(draft, RunDraft)
    return draft


def result_draft(text: RichText) -> ResultDraft:
    of, made = run(5), result(1, 5, 1, comment=text, facts={"host": text.value})
    place = ResultPlace(made.ref.marker, of.ref.marker, RunUnit(of.ref.marker, (of,)), of, {})
    draft = RULES.result(made, place).draft
    assert isinstance(draft, ResultDraft)
    return draft


@given(texts, st.text("0123456789abcdef-", min_size=1, max_size=120))
def test_the_words_fit_where_the_link_was(text: RichText, number: str) -> None:
    draft = run_draft(text, number)
    written = with_links_to((), draft)
    assert len(written.description) <= 512
    RunDraft.model_validate(written.model_dump())
    assert files_of(written) == []
    assert stated_marker(written.description) == draft.marker
    assert (WORDS.strip() in visible_text(written.description)) == bool(files_of(draft)) == (written != draft)


@given(texts)
def test_what_comes_back_says_how_it_was_written(text: RichText) -> None:
    draft = run_draft(text)
    written = with_links_to((), draft)
    assert as_seen(draft, sanitise(written.description, "few")) == written
    linked = sanitise(draft.description.replace("qmig:file:", "https://acme.example/api/file/"), "few")
    assert as_seen(draft, linked) == draft


@given(texts)
def test_a_text_of_the_source_never_passes_for_a_link_of_ours(text: RichText) -> None:
    for files, owner in (
        (files_of(run_draft(text)), "run:12/5#text-description"),
        (files_of(result_draft(text)), "result:12/5/1#text-comment"),
    ):
        assert files in ([], [f"qacomplete@acme:{owner}"])


def test_a_loss_is_foretold_once_and_forgotten_when_the_file_is_there(workspace: Workspace) -> None:
    store = workspace.store
    current = store.rounds.begin("12")
    draft = result_draft(RichText(value="word " * 30_000, markup="plain"))
    (file,) = files_of(draft)
    store.planning.put_items(
        current, [PlannedItem(Mapped(draft.marker, "result", "Case 1", "draft", draft), "pending")]
    )

    def told() -> list[tuple[str, str, str]]:
        return workspace.db.execute("SELECT code, field, original FROM note ORDER BY id").fetchall()

    for _ in range(2):
        foretell_loss(store, "12", draft, as_written(store, draft))
        assert told() == [("text_unlinked", "comment", file)]
    store.files.put_stored("12", file, StoredFile(id="f1", name="a.html", media_type="text/html", size=3, url="u"))
    written = as_written(store, draft)
    assert written == draft
    foretell_loss(store, "12", draft, written)
    assert told() == []


def test_a_file_that_came_late_is_named_with_its_address(workspace: Workspace) -> None:
    store = workspace.store
    draft = result_draft(RichText(value="word " * 30_000, markup="plain"))
    (file,) = files_of(draft)
    entry = LedgerEntry(draft.marker, "result", "77", None, draft.digest)
    store.ledger.put("12", Holding(entry, as_written(store, draft), None, draft))
    tell_late_files(store, "12", lambda _event: None)
    assert workspace.db.execute("SELECT count(*) FROM note").fetchone() == (0,)
    store.files.put_stored(
        "12", file, StoredFile(id="f1", name="a.html", media_type="text/html", size=3, url="https://u")
    )
    for _ in range(2):
        tell_late_files(store, "12", lambda _event: None)
        ((code, marker, field, original, message),) = workspace.db.execute(
            "SELECT code, marker, field, original, message FROM note"
        ).fetchall()
        assert (code, marker, field, original) == ("text_late", file, draft.marker, "a.html")
        assert "https://u" in message
        assert "result 77" in message
