"""Where the next page is."""

import pytest

from migrator.http.paging import next_offset


@pytest.mark.parametrize(
    ("offset", "got", "total", "following"),
    [(0, 25, 60, 25), (50, 10, 60, None), (0, 0, 60, None), (25, 25, None, 50), (25, 0, None, None)],
)
def test_offset_paging(offset: int, got: int, total: int | None, following: int | None) -> None:
    assert next_offset(offset, got, total) == following
