"""The behaviours that a profile sets (§9.7). Where nobody knows, *strict* is the harsher one."""

from dataclasses import dataclass, replace
from typing import Literal

from connectors.qacomplete.sandbox.filters import DateLiterals
from migrator.standin.options import Profile

Area = Literal["Releases", "Requirements", "Defects", "Test Library", "Test Sets"]
"""What a security group grants rights on (§2)."""


@dataclass(frozen=True, slots=True)
class Switches:
    """How this QAComplete behaves.

    Args:
        steps_in_lists: which version's lists carry steps.
        steps_in_run_lists: whether lists of run items carry step results.
        limit_cap: the largest page.
        error_body: the shape of errors.
        custom_field_case: key casing.
        shuffle_order: lists in no order.
        mutate_between_pages: once, after a first page, a row gives way to a new one at the end.
        null_lists: empty lists are null.
        loose_types: numbers and flags come as text, entity codes as display names (§3.5, §6.4).
        files_without_id: lists of files name no ids.
        rest_file_content: files can be had by REST, too.
        soap_forgets: after so many calls SOAP wants a log-in again.
        denied: the areas that nobody may read.
        filters: whether list reads understand filters.
        date_literals: how these may spell dates (§3.3).
        no_update: the areas to which nobody may add files.
        file_touches: a new file is a change of its test, with a date.
        file_bytes: the largest file that is taken.
    """

    steps_in_lists: Literal["v1", "both", "none"] = "v1"
    steps_in_run_lists: bool = True
    limit_cap: int = 1000
    error_body: Literal["html", "json", "empty"] = "html"
    custom_field_case: Literal["lower", "camel"] = "lower"
    shuffle_order: bool = False
    mutate_between_pages: bool = False
    null_lists: bool = False
    loose_types: bool = False
    files_without_id: bool = False
    rest_file_content: bool = False
    soap_forgets: int | None = None
    denied: frozenset[Area] = frozenset()
    filters: Literal["on", "refused", "ignored"] = "on"
    date_literals: DateLiterals = "us"
    no_update: frozenset[Area] = frozenset()
    file_touches: bool = True
    file_bytes: int = 50 * 1024 * 1024
    pictures_need_login: bool = False


def switches_of(profile: Profile) -> Switches:
    """Return the behaviours of a profile."""
    strict = Switches()
    if profile == "lenient":
        return replace(strict, steps_in_lists="both", error_body="json", file_touches=False, date_literals="both")
    if profile == "odd":
        return replace(
            strict,
            steps_in_lists="none",
            steps_in_run_lists=False,
            limit_cap=50,
            error_body="empty",
            custom_field_case="camel",
            null_lists=True,
            loose_types=True,
            date_literals="none",
        )
    return strict
