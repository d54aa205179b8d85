"""Names of files that an older version believed to have changed in their cases."""

from collections.abc import Sequence

import orjson
from sqlite_utils import Database

from migrator.core.base import digest_of
from migrator.core.drafts import CaseDraft, FileRef
from state.packed import packed_draft, unpacked_draft
from state.rows import paged, rows_in


def take_back_new_names(db: Database) -> None:
    """Let the drafts of cases name their files as QA Sphere lists them.

    An older version that met a file renamed at the source sent the old name, and recorded the new one: nothing was left
    to be sent, and the case stayed different for ever. The books of files, and the base that was read back, know.
    """
    statement = (
        "SELECT rowid, marker, draft, base FROM ledger WHERE kind = 'case' AND draft IS NOT NULL AND base IS NOT NULL"
        " AND rowid > ? ORDER BY rowid LIMIT ?"
    )
    for marker, blob, base in paged(db, statement, []):
        draft = unpacked_draft(blob)
        if not isinstance(draft, CaseDraft) or not draft.files:
            continue
        files = _as_stored(db, draft.files)
        if files == draft.files or orjson.loads(base)["fields"].get("files") != _fingerprint(files):
            continue
        corrected = draft.model_copy(update={"files": files})
        # without a stamp the next plan takes the new name for what it is, a change that has to be sent
        db.execute(
            "UPDATE ledger SET draft = ?, digest = ?, stamp_entity = NULL, stamp_raw = NULL WHERE marker = ?",
            [packed_draft(corrected), corrected.digest, marker],
        )


def _as_stored(db: Database, files: Sequence[FileRef]) -> tuple[FileRef, ...]:
    statement = "SELECT marker, name FROM file WHERE id IS NOT NULL AND marker IN ({})"
    names = dict(rows_in(db, statement, [file.marker for file in files]))
    return tuple(file.model_copy(update={"name": names.get(file.marker, file.name)}) for file in files)


def _fingerprint(files: Sequence[FileRef]) -> str:
    """Return what a base holds of such files, see ``migrator.engine.plan.cases.compare``."""
    return digest_of(sorted(file.name for file in files))[:16]
