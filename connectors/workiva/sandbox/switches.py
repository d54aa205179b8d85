"""The behaviours that a profile sets, and faults to be set one by one (§14)."""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from migrator.standin.options import Profile

LinkStyle = Literal["absolute", "path", "query", "bare", "foreign", "loop"]
Transfer = Literal["same_origin", "presigned", "redirect"]
Outcome = Literal["completed", "failed", "cancelled", "stuck"]


@dataclass
class Switches:
    """Tests change them while the stand-in runs.

    Args:
        page_size: rows of a page.
        links: how ``@nextLink`` is written.
        links_expand: whether it keeps ``$expand``.
        sized: whether ``$maxpagesize`` is understood, which no source says of these lists.
        expands: whether ``$expand`` is understood at all.
        ids_in_expansions: whether expanded attachments have an id.
        expanded_attachments: how many of them are shown at most.
        nulls: null instead of absent keys and empty expansions.
        numbers: whole numbers in cells are numbers.
        token_seconds: how long a token lives.
        polls_per_second: of one client, None for no limit.
        polls_name_pause: whether the 429 names one.
        polls_needed: how often an operation is not ready yet.
        operation_seconds: how long it takes.
        late_operations: how often it is unknown at first.
        retry_after: in seconds, None for no header.
        relative_locations: of operations, without scheme and host.
        unlocated: how many of the next operations are not told where they are.
        capital_url: the other spelling of ``resourceUrl``.
        outcomes: of the next operations, by default all complete.
        transfer: where bytes are, see §14.
        truncated: how many of the next downloads are cut off.
        pages: how many are a log-in page.
        link_seconds: how long their addresses live.
        exports: whether forms are exported.
        upload_limit: in bytes.
    """

    page_size: int = 100
    sized: bool = False
    links: LinkStyle = "absolute"
    links_expand: bool = True
    expands: bool = True
    ids_in_expansions: bool = True
    expanded_attachments: int = 10
    nulls: bool = False
    numbers: bool = False
    token_seconds: float = 599
    polls_per_second: float | None = 1.0
    polls_name_pause: bool = True
    polls_needed: int = 2
    operation_seconds: float = 0.0
    late_operations: int = 0
    retry_after: float | None = 0
    relative_locations: bool = False
    unlocated: int = 0
    capital_url: bool = False
    outcomes: deque[Outcome] = field(default_factory=deque)
    transfer: Transfer = "same_origin"
    truncated: int = 0
    pages: int = 0
    link_seconds: float = 600
    exports: bool = True
    upload_limit: int = 75 * 1024 * 1024


def switches_of(profile: Profile) -> Switches:
    """Return the behaviours of a profile."""
    if profile == "lenient":
        return Switches(polls_per_second=None, polls_needed=0, transfer="redirect")
    if profile == "odd":
        return Switches(
            links="query",
            links_expand=False,
            ids_in_expansions=False,
            nulls=True,
            numbers=True,
            polls_name_pause=False,
            polls_needed=1,
            late_operations=1,
            retry_after=None,
            relative_locations=True,
            capital_url=True,
            transfer="presigned",
        )
    return Switches()
