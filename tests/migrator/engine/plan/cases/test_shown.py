"""Two values for people: where they differ is seen, however late that comes."""

import pytest

from migrator.engine.plan.cases.compare import shown_apart


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x" * 5000 + "a", "x" * 5000 + "b"),
        ("a" + "x" * 5000, "b" + "x" * 5000),
        ("x" * 400, "x" * 401),
        ("a", "b"),
        ([1] * 200, [1] * 199),
    ],
)
def test_what_differs_is_shown(one: object, other: object) -> None:
    left, right = shown_apart(one, other)
    assert left != right
    assert max(len(left), len(right)) <= 302


def test_short_values_are_shown_whole() -> None:
    assert shown_apart("Sign in", "Sign out") == ("Sign in", "Sign out")
