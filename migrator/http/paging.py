"""Where the next page is: a pure decision for offset paging."""


def next_offset(offset: int, got: int, total: int | None) -> int | None:
    """Return the offset of the next page, or None at the end. ``got``: rows of this page; an empty one ends it."""
    if got == 0 or (total is not None and offset + got >= total):
        return None
    return offset + got
