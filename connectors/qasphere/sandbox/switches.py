"""The behaviours that a profile sets (``qasphere-api.md`` §6). Where nobody knows, *strict* is the harsher one."""

from dataclasses import dataclass, replace

from migrator.standin.options import Profile


@dataclass(frozen=True, slots=True)
class Switches:
    """``created_status``: of creates. ``clash``: two creates that overlap in one folder: the later gets 409 (A-25).

    ``html``: which tags survive, ``few`` drops tables and images. ``base_rows``: list rows carry precondition, links
    and files unasked (A-19). ``old_envelope``: pages always carry ``page`` and ``limit``. ``users_me``: the
    undocumented ``users/me`` exists. ``unknown_fields``: ``reject`` answers 400 to a key nobody knows (A-04).
    ``forbidden``: the status of writes into an archived project.
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


def switches_of(profile: Profile) -> Switches:
    """Return the behaviours of a profile."""
    strict = Switches()
    if profile == "lenient":
        return replace(strict, clash=False, html="all", base_rows=True, empty_tag="accept")
    if profile == "odd":
        return replace(
            strict, created_status=200, old_envelope=True, null_lists=True, users_me=False, unknown_fields="reject",
            links_in_rows=False,
        )  # fmt: skip
    return strict
