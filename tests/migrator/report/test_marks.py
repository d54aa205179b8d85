"""Which words differ, marked without a script."""

from hypothesis import given
from hypothesis import strategies as st

from migrator.core.text import visible_text
from migrator.report.marks import marked

WORDS = st.lists(st.sampled_from(["Sign", "in", "<b>", "&", "with", "a", "Zoë", "\n", " "]), max_size=40)


def test_words_that_differ_are_marked_and_blanks_between_them_with_them() -> None:
    left, right = marked("Sign in with a password", "Sign in with two pass phrases")
    assert left == "Sign in with <del>a password</del>"
    assert right == "Sign in with <ins>two pass phrases</ins>"
    assert marked("same", "same") == ("same", "same")
    assert marked("", "all of it") == ("", "<ins>all of it</ins>")


@given(WORDS, WORDS)
def test_nothing_is_lost_and_nothing_runs(ours: list[str], theirs: list[str]) -> None:
    left, right = "".join(ours), "".join(theirs)
    for text, found in zip((left, right), marked(left, right), strict=True):
        assert "<b>" not in found
        assert visible_text(str(found)).split() == text.split()


def test_a_long_text_shows_what_is_near_the_difference() -> None:
    before, behind = "before " * 200, "behind " * 200
    left, right = marked(f"{before}old {behind}", f"{before}new {behind}")
    assert len(left) == len(right) < 300
    assert left.startswith(" … ")
    assert "before <del>old</del> behind" in left
    assert "before <ins>new</ins> behind" in right


def test_texts_that_share_nothing_are_not_compared_word_by_word() -> None:
    ours, theirs = " ".join(map(str, range(5000))), " ".join(map(str, range(5000, 0, -1)))
    left, right = marked(ours, theirs)
    assert left == f"<del>{ours}</del>"
    assert right.count("<ins>") == 1
