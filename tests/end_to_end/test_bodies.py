"""The short version of the bodies; ``python -m tests.torture.bodies`` reads all of them."""

import pytest

from tests.torture.bodies import BODIES, read_all

FEW = ("lists and a control", "keys", "one text to be mended", "deep, but few", "an error without an end", "ZIP: bz2")


@pytest.mark.torture
@pytest.mark.parametrize("name", FEW)
async def test_foreign_bodies_are_read_within_bounds(name: str) -> None:
    assert name in BODIES
    outcomes = await read_all([name])
    assert [outcome.line() for outcome in outcomes if not outcome.is_good] == []
