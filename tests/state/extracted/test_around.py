"""What hangs on what: asked for many items at once, of this round only, and covered by their stamps."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from migrator.core.model import AnyEntity, Attachment, Comment, Link, Requirement, RichText, TestCase
from migrator.core.ports.source import Record
from migrator.core.records import Round, Surrounded
from state.schema import migrations
from state.workspace import Workspace, open_workspace
from tests.support.drafts import case_entity, page, ref

CASE = ref("test", "12", "1")
NEED = Requirement(ref=ref("requirement", "12", "501"), title="Guests can order")
LINK = Link(ref=ref("link", "12", "9"), title="", first=NEED.ref, second=CASE, relation="linked")


def note(number: int, text: str = "Takes long") -> Comment:
    return Comment(
        ref=ref("note", "12", str(number)),
        title="Note",
        about=CASE,
        text=RichText(value=text),
        created_at=datetime(2020, 1, number, tzinfo=UTC),
    )


def file(number: int, about: str = "test") -> Attachment:
    owner = CASE if about == "test" else NEED.ref
    return Attachment(ref=ref("file", "12", str(number)), title=f"{number}.png", about=owner)


def extracted(workspace: Workspace, *entities: AnyEntity) -> Round:
    current = workspace.store.rounds.begin("12")
    records = [Record(entity, entity.model_dump_json().encode()) for entity in entities]
    workspace.store.archive.store_page(current, "all", page(records, None, None))
    return current


def around_cases(workspace: Workspace, current: Round) -> list[Surrounded[TestCase]]:
    archive = workspace.store.archive
    return list(archive.surrounded(current, list(archive.extracted(current, TestCase))))


def test_a_case_knows_what_hangs_on_it_and_the_far_ends_of_its_links(workspace: Workspace) -> None:
    current = extracted(
        workspace, NEED, case_entity(1), case_entity(2), note(2), note(1), LINK, file(7), file(8, "requirement")
    )
    first, second = around_cases(workspace, current)
    assert [comment.ref.ids[1] for comment in first.around.comments] == ["2", "1"]
    assert [attachment.title for attachment in first.around.attachments] == ["7.png"]
    (linked,) = first.around.linked
    assert (linked.entity, linked.marker, [one.title for one in linked.attachments]) == (
        NEED,
        LINK.ref.marker,
        ["8.png"],
    )
    assert (second.around.comments, second.around.linked) == ((), ())


def test_the_stamp_of_a_case_changes_with_everything_around_it_and_with_nothing_else(workspace: Workspace) -> None:
    def stamps(*entities: AnyEntity) -> Surrounded[TestCase]:
        return around_cases(workspace, extracted(workspace, *entities))[0]

    alone = stamps(case_entity(1))
    archive = workspace.store.archive
    bare = next(archive.extracted(extracted(workspace, case_entity(1)), TestCase)).stamp
    assert alone.stamp == bare
    before = stamps(NEED, case_entity(1), note(1), note(2), LINK)
    assert stamps(note(2), LINK, case_entity(1), note(1), NEED).stamp == before.stamp
    renamed = NEED.model_copy(update={"title": "Guests may order"})
    for after in (
        stamps(renamed, case_entity(1), note(1), note(2), LINK),
        stamps(NEED, case_entity(1), note(1), LINK),
        stamps(NEED, case_entity(1), note(1), note(2, "Other"), LINK),
        stamps(NEED, case_entity(1), note(1), note(2), LINK, file(8, "requirement")),
    ):
        assert after.stamp.differs(before.stamp)


def test_what_is_gone_from_the_source_hangs_on_nothing(workspace: Workspace) -> None:
    extracted(workspace, NEED, case_entity(1), note(1), LINK)
    (case,) = around_cases(workspace, extracted(workspace, case_entity(1), LINK))
    assert case.around.comments == ()
    (linked,) = case.around.linked
    assert (linked.ref, linked.entity) == (NEED.ref, None)


def test_a_link_that_moved_leaves_its_old_end(workspace: Workspace) -> None:
    extracted(workspace, NEED, case_entity(1), LINK)
    moved = LINK.model_copy(update={"second": ref("test", "12", "2")})
    first, second = around_cases(workspace, extracted(workspace, NEED, case_entity(1), case_entity(2), moved))
    assert (len(first.around.linked), len(second.around.linked)) == (0, 1)


def test_addresses_of_other_cases_are_known(workspace: Workspace) -> None:
    other = case_entity(2).model_copy(update={"address": "https://q.example/tests?p=12&id=2"})
    text = 'see <a href="https://q.example/tests?p=12&amp;id=2#steps">it</a> and https://q.example/tests?id=3'
    case = case_entity(1).model_copy(update={"description": RichText(value=text)})
    first, _ = around_cases(workspace, extracted(workspace, case, other))
    assert first.around.cases == {"https://q.example/tests?p=12&id=2#steps": other.ref.marker}


@pytest.mark.parametrize(
    "written",
    [
        "http://q.example/tests?p=12&amp;id=2",
        "//q.example/tests?p=12&amp;id=2",
        "https://Q.Example/tests?p=12&id=2",
        "HTTPS://q.example/tests/?p=12&id=2",
        "https://q.example/tests?p=12&amp;id=2&amp;tab=1",
        "https://q.example/tests?copy=3&p=12&id=2#x",
        "https://q.example/tests?p=12&copy=3&id=2",
    ],
)
def test_an_address_is_known_however_it_is_spelled(workspace: Workspace, written: str) -> None:
    other = case_entity(2).model_copy(update={"address": "https://q.example/tests?p=12&id=2"})
    nearly = case_entity(3).model_copy(update={"address": "https://q.example/tests?p=12&id=20"})
    case = case_entity(1).model_copy(update={"description": RichText(value=f'see <a href="{written}">it</a>')})
    first, *_ = around_cases(workspace, extracted(workspace, case, other, nearly))
    assert first.around.cases == {written.replace("&amp;", "&"): other.ref.marker}


@pytest.mark.parametrize(
    "written", ["/view?fileid=7", "//q.example/files/7", "https://q.example/get?id%3D7&amp;v=2", "files/7/a b.png"]
)
@pytest.mark.parametrize("tag", ['<a href="{}">it</a>', "<img alt='a' src = '{}'>", "<a class=x href={}>it</a>"])
def test_a_file_of_any_item_is_known_whose_id_an_address_holds(workspace: Workspace, written: str, tag: str) -> None:
    case = case_entity(2).model_copy(update={"description": RichText(value=f"<p>7 8 {tag.format(written)}</p>")})
    _, other = around_cases(workspace, extracted(workspace, case_entity(1), file(7), file(8), case))
    assert other.around.named == (file(7),)
    # it stays when its item is deleted at the source
    (other,) = around_cases(workspace, extracted(workspace, case))
    assert other.around.named == (file(7),)


def test_an_address_that_several_cases_share_leads_nowhere(workspace: Workspace) -> None:
    same = {"address": "https://q.example/tests"}
    cases = [case_entity(number).model_copy(update=same) for number in (1, 2)]
    assert [case.around.cases for case in around_cases(workspace, extracted(workspace, *cases))] == [{}, {}]


def test_a_workspace_of_an_earlier_version_learns_its_ties_and_keeps_its_stamps_comparable(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    with open_workspace(folder) as workspace:
        current = extracted(workspace, NEED, case_entity(1), note(1), LINK)
        bare = next(workspace.store.archive.extracted(current, TestCase)).stamp
        (expected,) = around_cases(workspace, current)
        db = workspace.db
        db.execute(
            "INSERT INTO ledger (marker, project, kind, id, digest, written_at, stamp_entity, stamp_raw)"
            " VALUES (?, '12', 'case', 'c1', '', 0, ?, ?)",
            [CASE.marker, bare.entity, bare.raw],
        )
        for table in ("tie", "address"):
            db.execute(f"DROP TABLE {table}")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm003_ties'")
        assert [migration.name for migration in migrations.pending(db)] == ["m003_ties"]
    with open_workspace(folder) as workspace:
        (case,) = around_cases(workspace, current)
        assert case == expected
        assert workspace.store.ledger.entries([CASE.marker])[CASE.marker].stamp == expected.stamp
