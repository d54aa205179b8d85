"""What all readers of one QAComplete share."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from connectors.qacomplete.api import QACompleteApi
from connectors.qacomplete.convert.cases import Converter
from connectors.qacomplete.read.changes import ChangedLists
from connectors.qacomplete.read.lists import Lists


@dataclass(frozen=True, slots=True)
class ReadContext:
    """The endpoints, the lists on top of them, and the way from rows to entities.

    Args:
        skip: streams that are not read, nor what hangs on their items.
        test_links: tests are asked for links as well.
    """

    api: QACompleteApi
    lists: Lists
    changed: ChangedLists
    convert: Converter
    skip: Collection[str]
    test_links: bool = False

    @classmethod
    def of(
        cls,
        api: QACompleteApi,
        convert: Converter,
        *,
        page_size: int,
        skip: Collection[str] = (),
        test_links: bool = False,
    ) -> Self:
        """Return the context of a source; ``page_size``: rows of a list that are asked for at once."""
        lists = Lists(api, page_size)
        return cls(api, lists, ChangedLists(lists, convert.zone, api.clock_skew), convert, skip, test_links)
