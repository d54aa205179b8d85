"""The behaviours that a profile sets (``qasphere-api.md`` §6). Where nobody knows, *strict* is the harsher one."""

from dataclasses import dataclass, replace

from migrator.standin.options import Profile

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Switches:
    """How this QA Sphere behaves.

    Args:
        created_status: of creates.
        clash: of two creates that overlap in one folder the later gets 409 (A-25).
        html: which tags survive; ``few`` drops tables and images.
        base_rows: list rows carry the precondition unasked.
        links_in_rows: also comment, links and files (A-19).
        old_envelope: pages always carry ``page`` and ``limit``.
        users_me: the undocumented ``users/me`` exists.
        unknown_fields: ``reject`` answers 400 to a key nobody knows (A-04).
        files_in_tcase: ``ignore`` drops the files of a case (C12).
        title_clash_status: when a title is taken (A-28).
        empty_runs: a run may match no case (addendum to A-29).
        milestone_twice, close_twice: permitted instead of 409 (A-26, A-32).
        lenient_result_links: no integration needed (A-37).
        bare_runs: runs without the fields that A-30 assumes.
        users_with_id: A-42.
        audit_logs: the tenant's plan has them, 402 otherwise.
        file_redirect: downloads lead to another address.
        file_bytes, files_bytes: the most for a file and for a body of several.
        results_in_case: a case of a run gives its results back (A-33).
        atomic_batches: a batch of results is stored as a whole or not at all (A-36).
    """

    created_status: int = 201
    clash: bool = True
    html: str = "few"
    base_rows: bool = False
    links_in_rows: bool = True
    old_envelope: bool = False
    null_lists: bool = False
    users_me: bool = True
    unknown_fields: str = "ignore"
    empty_tag: str = "reject"
    files_in_tcase: str = "accept"
    title_clash_status: int = 403
    empty_runs: bool = False
    milestone_twice: bool = False
    close_twice: bool = False
    lenient_result_links: bool = False
    bare_runs: bool = False
    users_with_id: bool = False
    audit_logs: bool = True
    file_redirect: bool = False
    file_bytes: int = 50 * _MIB
    files_bytes: int = 500 * _MIB
    results_in_case: bool = True
    atomic_batches: bool = True


def switches_of(profile: Profile) -> Switches:
    """Return the behaviours of a profile."""
    strict = Switches()
    if profile == "lenient":
        return replace(
            strict, clash=False, html="all", base_rows=True, empty_tag="accept", empty_runs=True, milestone_twice=True,
            close_twice=True, lenient_result_links=True, users_with_id=True,
        )  # fmt: skip
    if profile == "odd":
        return replace(
            strict, created_status=200, old_envelope=True, null_lists=True, users_me=False, unknown_fields="reject",
            links_in_rows=False, title_clash_status=409, bare_runs=True, audit_logs=False, file_redirect=True,
        )  # fmt: skip
    return strict
