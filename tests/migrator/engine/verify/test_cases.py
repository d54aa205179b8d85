"""What verify takes for the same although it reads otherwise."""

import pytest

from migrator.engine.plan.cases.compare import base_of, fingerprint
from migrator.engine.verify.cases import _is_merged, _same_but_derived
from tests.support.drafts import case_draft, case_view


@pytest.mark.parametrize(
    ("written", "now", "is_merged"),
    [
        (("ours", "theirs"), ("ours", "theirs"), True),
        (("ours",), ("ours", "theirs"), False),  # nobody has written since it came
        (("theirs",), ("theirs",), False),  # ours is missing
    ],
)
def test_a_list_may_hold_more_when_it_did_so_when_it_was_written(
    written: tuple[str, ...], now: tuple[str, ...], is_merged: bool
) -> None:
    draft = case_draft(1).model_copy(update={"tags": ("ours",)})
    base = base_of(case_view(draft.model_copy(update={"tags": written})))
    view = case_view(draft.model_copy(update={"tags": now}))
    assert _is_merged("tags", draft, base, view, fingerprint(view)) is is_merged
    assert not _is_merged("title", draft, base, view, fingerprint(view))


def test_lines_that_change_with_every_edit_decide_nothing_where_nobody_knows_the_edit() -> None:
    def text(version: int, words: str) -> str:
        return f"<p>{words}</p><ul><li><strong>Version:</strong> {version}</li></ul>"

    draft = case_draft(1).model_copy(update={"precondition": text(1, "Log in")})
    assert _same_but_derived(draft, case_view(draft.model_copy(update={"precondition": text(2, "Log in")})))
    assert not _same_but_derived(draft, case_view(draft.model_copy(update={"precondition": text(1, "Log out")})))
