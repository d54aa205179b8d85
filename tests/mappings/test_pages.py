"""Pages of items without a place in QA Sphere: everything is on them, nothing on them acts, and they change little."""

import random
from base64 import b64decode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from mappings.item_writer import Writers
from mappings.pages import PAGE_CHARACTERS, PER_PAGE, PageMapper
from mappings.rules import MappingRules
from migrator.core.drafts import CaseDraft, FileDraft, FromText
from migrator.core.model import (
    Attachment,
    Comment,
    Defect,
    Milestone,
    Person,
    Requirement,
    RichText,
    TestSet,
    TestSetItem,
)
from migrator.core.ports.mapping import Around, Linked, Mapped, Paged, PageItem
from migrator.core.text import visible_text
from migrator.core.views import CustomFieldView, ProjectView
from tests.support.drafts import case_entity, ref

FOLDER = ref("pages", "12")
CASE = case_entity(1)
DAY = datetime(2019, 3, 4, 5, 6, 7, tzinfo=UTC)
ADA = Person(name="Ada Berg")


def defect(number: int, title: str = "Total is wrong", **more: Any) -> Defect:
    return Defect(ref=ref("defect", "12", str(number)), title=title, **{"created_at": DAY} | more)


def mapped(items: Sequence[PageItem | Paged], view: ProjectView | None = None) -> Mapped:
    mapper = PageMapper(MappingRules(), Writers(destination=view))
    found = [item if isinstance(item, PageItem) else PageItem(item, Around()) for item in items]
    return mapper.map(FOLDER, found, {CASE.ref.marker: CASE.title})


def page(file: FileDraft) -> str:
    assert isinstance(file.content, FromText)
    return b64decode(file.content.base64).decode()


def test_a_page_holds_everything_that_the_source_says_of_an_item() -> None:
    item = defect(
        601,
        description=RichText(value="<p>off by <b>one</b> cent</p>"),
        state="Closed",
        active=False,
        attributes={"how_found_code": "by a customer"},
        texts={"steps_to_repro": RichText(value="Add tea")},
        author=ADA,
        priority="P1",
        severity="Major",
        closed_at=DAY,
        address="https://old.example/601",
    )
    other = Requirement(ref=ref("requirement", "12", "501"), title="Guests can order")
    note = Comment(ref=ref("note", "12", "8"), title="", about=item.ref, text=RichText(value="again"), author=ADA)
    file = Attachment(
        ref=ref("file", "12", "9"), title="a.png", about=item.ref, author=ADA, texts={"comments": RichText(value="see")}
    )
    share = Attachment(ref=ref("file", "12", "10"), title=r"\\share\b.png", about=item.ref)
    link = Linked(other.ref, "linked", other, ref("link", "12", "1").marker)
    found = mapped([PageItem(item, Around(attachments=(file, share), comments=(note,), linked=(link,)))])
    first, *files = found.files
    words = visible_text(page(first))
    for text in (
        "#601 Total is wrong", "off by one cent", "Active: no", "Closed", "by a customer", "Add tea", "Ada Berg",
        "2019-03-04 05:06:07+00:00", "P1", "Major", "https://old.example/601", "again", "Guests can order",
        "Defect 601 a.png", "see", r"\\share\b.png",
    ):  # fmt: skip
        assert text in words, text
    assert [one.name for one in files] == ["Defect 601 a.png"]
    assert {item.ref.marker, note.ref.marker, share.ref.marker, link.marker} == set(found.folded)


def test_releases_and_test_sets_say_what_only_they_have() -> None:
    release = Milestone(ref=ref("release", "12", "5"), title="2.0", starts_at=DAY, parent=ref("release", "12", "4"))
    tests = TestSet(
        ref=ref("test_set", "12", "7"),
        title="Smoke",
        sequential=True,
        items=(TestSetItem(case=CASE.ref), TestSetItem(case=ref("test", "12", "77"), active=False)),
    )
    words = visible_text(page(mapped([release, tests]).files[0]))
    for text in (
        "Starts: 2019-03-04",
        "Part of: #4",
        f"#1 {CASE.title}",
        "#77 (the source does not list it) (inactive)",
    ):
        assert text in words, text


def test_a_page_runs_and_loads_nothing_whatever_the_source_holds() -> None:
    hostile = (
        '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a><iframe src="//e">'
    )
    item = defect(
        1,
        f"</title></h2>{hostile}",
        description=RichText(value=f"<p>{hostile}</p>", markup="html"),
        attributes={hostile: hostile},
        state=hostile,
        address=f"https://old.example/{hostile}",
        author=Person(name=hostile),
    )
    note = Comment(ref=ref("note", "12", "8"), title="", about=item.ref, text=RichText(value=hostile, markup="html"))
    file = Attachment(ref=ref("file", "12", '"><script>'), title=f"{hostile}.png", about=item.ref)
    found = mapped([PageItem(item, Around(attachments=(file,), comments=(note,)))])
    parsed = LexborHTMLParser(page(found.files[0]))
    nodes = list(parsed.root.traverse()) if parsed.root else []
    assert "default-src 'none'" in page(found.files[0])
    assert not {node.tag for node in nodes} & {"script", "iframe", "img", "object", "form", "link", "base"}
    for node in nodes:
        assert not [name for name in node.attributes if name.startswith("on") or name in ("src", "srcset")], node.html
        if node.tag == "a":
            assert (node.attributes["href"] or "").startswith(("#", "https://", "http://")), node.html


def test_items_are_spread_over_pages_and_a_change_makes_one_page_new() -> None:
    items = [defect(number) for number in range(1, 5 * PER_PAGE)]
    before, after = mapped(items).files, mapped([*items[:-1], defect(5 * PER_PAGE - 1, "Another title")]).files
    assert 2 < len(before) < 20
    assert before[0].name.startswith("Defects 2019 from 1 ")
    assert before[:-1] == after[:-1]
    assert before[-1].marker != after[-1].marker
    assert before[-1].name != after[-1].name


@pytest.mark.parametrize("which", [2, 150, 260, 449])
def test_an_item_that_comes_or_goes_makes_one_page_new_and_moves_no_other(which: int) -> None:
    items = [defect(number) for number in range(1, 451)]
    all_pages, fewer = mapped(items).files, mapped([item for item in items if item.ref.ids[-1] != str(which)]).files
    assert len({*all_pages} - {*fewer}) == 1
    assert len({*fewer} - {*all_pages}) == 1
    shuffled = mapped(random.Random(which).sample(items, len(items))).files
    assert shuffled == all_pages


def test_an_item_that_was_deleted_says_so_on_its_page() -> None:
    (file,) = mapped([PageItem(defect(601), Around(), DAY)]).files
    assert "Deleted at the source: noticed on 2019-03-04" in visible_text(page(file))


def test_a_page_ends_when_it_grows_too_large_for_a_browser() -> None:
    long = RichText(value="word " * (PAGE_CHARACTERS // 8), markup="plain")
    files = mapped([defect(number, description=long) for number in range(1, 6)]).files
    assert [len(page(file).split("<h2")) - 1 for file in files] == [2, 2, 1]
    assert [file.name.split()[3] for file in files] == ["1", "3", "5"]


def test_the_case_is_a_draft_that_lists_pages_and_files() -> None:
    draft = mapped([defect(601)]).draft
    assert isinstance(draft, CaseDraft)
    assert (draft.title, draft.is_draft, draft.folder) == ("Defects 2019", True, FOLDER.marker)
    assert [file.name[:12] for file in draft.files] == ["Defects 2019"]
    assert "#601" in draft.precondition


def test_files_of_one_name_keep_names_of_their_own() -> None:
    one, two = defect(1), defect(2)
    files = [
        PageItem(item, Around(attachments=(Attachment(ref=ref("file", "12", ident), title="a.png", about=item.ref),)))
        for item, ident in ((one, "5"), (two, "6"))
    ]
    names = [file.name for file in mapped(files).files[1:]]
    assert names == ["Defect 1 a.png", "Defect 2 a.png"]


def test_a_required_field_of_qa_sphere_keeps_the_case_out_and_says_why() -> None:
    field = CustomFieldView(system_name="risk", name="Risk", type="text", required=True, has_default=False)
    view = ProjectView(id="1", code="SHOP", title="Shop", archived=False, address="", custom_fields=(field,))
    found = mapped([defect(1)], view)
    assert found.outcome == "rejected"
    assert "risk" in found.reason
    assert "mapping.pages.make: false" in found.reason
