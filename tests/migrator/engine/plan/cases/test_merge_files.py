"""The merge of the files of a case: what the source added comes, what it removed goes, what people did stays."""

import pytest

from migrator.core.drafts import CaseDraft, FileRef
from migrator.core.views import CaseView, StoredFile
from migrator.engine.plan.cases.compare import base_of
from migrator.engine.plan.cases.merge import Merge, merge, merged_draft, patch_of
from tests.support.drafts import case_draft, case_view


def ours(name: str, edition: int = 1) -> FileRef:
    return FileRef(marker=f"qacomplete@acme:attachment:12/{name}/{edition}", name=name)


def there(name: str, ident: str = "") -> StoredFile:
    return StoredFile(id=ident or f"f-{name}", name=name, media_type="text/plain", size=1, url=f"/files/{name}")


A, B, C = ours("a.txt"), ours("b.txt"), ours("c.txt")
NEW_A = ours("a.txt", 2)
STORED = {A.marker: there("a.txt"), NEW_A.marker: there("a.txt", "f-new"), C.marker: there("c.txt")}


def draft(*files: FileRef) -> CaseDraft:
    return case_draft(1).model_copy(update={"files": files})


def view(*files: StoredFile, unseen: tuple[str, ...] = ()) -> CaseView:
    return case_view(case_draft(1)).model_copy(update={"files": files, "unseen": unseen})


BOTH = (there("a.txt"), there("b.txt"))


@pytest.mark.parametrize(
    ("before", "now", "held", "sent"),
    [
        # the source added one; what a colleague added stays, and what one removed stays away
        ((A, B), (A, B, C), BOTH, ["f-a.txt", "f-b.txt", "f-c.txt"]),
        ((A, B), (A, B, C), (*BOTH, there("theirs.txt")), ["f-a.txt", "f-b.txt", "f-theirs.txt", "f-c.txt"]),
        ((A, B), (A, B, C), (there("b.txt"),), ["f-b.txt", "f-c.txt"]),
        # the source removed one
        ((A, B), (B,), BOTH, ["f-b.txt"]),
        ((A, B), (B,), (there("b.txt"),), None),
        # the same name stands for other bytes now
        ((A, B), (NEW_A, B), BOTH, ["f-b.txt", "f-new"]),
        ((A,), (A, C), (there("a.txt"), there("c.txt", "f-theirs")), None),
        ((), (C,), (), ["f-c.txt"]),
    ],
)
def test_files(
    before: tuple[FileRef, ...], now: tuple[FileRef, ...], held: tuple[StoredFile, ...], sent: list[str] | None
) -> None:
    old, new, seen = draft(*before), draft(*now), view(*held)
    decision = merge(old, new, base_of(seen), seen)
    assert decision.conflicts == ()
    assert (decision.send, decision.agreed) == ((), ("files",)) if sent is None else (("files",), ())
    if sent is not None:
        patch = patch_of(decision, old, new, seen, STORED)
        assert patch.model_dump(exclude_none=True).keys() == {"files"}
        assert [file.id for file in patch.files or ()] == sent


def test_files_that_a_view_does_not_show_are_sent_without_looking() -> None:
    seen = view(unseen=("files",))
    assert merge(draft(A, B), draft(A), base_of(seen), seen).send == ("files",)


def test_a_case_is_published_and_never_a_draft_again_and_stays_in_its_folder() -> None:
    old = case_draft(1).model_copy(update={"is_draft": True})
    published = old.model_copy(update={"is_draft": False})
    assert merge(old, published, base_of(case_view(old)), case_view(old)).send == ("is_draft",)
    moved = old.model_copy(update={"folder": "elsewhere", "title": "New"})
    decision = merge(published, moved, base_of(case_view(published)), case_view(published))
    assert decision == Merge(send=("title",), stuck=("folder", "is_draft"))
    held = merged_draft(published, moved, decision.stuck)
    assert (held.title, held.folder, held.is_draft) == ("New", published.folder, False)
