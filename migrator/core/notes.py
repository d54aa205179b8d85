"""Notes: everything that is cut, dropped, renamed, unmapped or unreadable, by a stable code, per item.

A note never stops a migration. Plans and reports show all of them.
"""

from enum import StrEnum

from migrator.core.base import Frozen


class NoteCode(StrEnum):
    """The stable codes. ``docs/notes.md`` explains each one and names the setting that changes it."""

    MARKER_SHORTENED = "marker_shortened"
    TITLE_CUT = "title_cut"
    TITLE_EMPTY = "title_empty"
    TITLE_CLEANED = "title_cleaned"
    FOLDER_RENAMED = "folder_renamed"
    FOLDER_CUT = "folder_cut"
    FOLDER_ORPHAN = "folder_orphan"
    FOLDER_CYCLE = "folder_cycle"
    FOLDER_INACTIVE = "folder_inactive"
    FOLDER_COLLISION = "folder_collision"
    CASE_AT_ROOT = "case_at_root"
    CASE_INACTIVE = "case_inactive"
    PRIORITY_UNMAPPED = "priority_unmapped"
    PRIORITY_MISSING = "priority_missing"
    TAG_CUT = "tag_cut"
    FIELD_CUT = "field_cut"
    FIELD_TO_TEXT = "field_to_text"
    FIELD_DROPPED = "field_dropped"
    FIELD_MISSING_AT_DESTINATION = "field_missing_at_destination"
    FIELD_OPTION_UNKNOWN = "field_option_unknown"
    FIELD_FLATTENED = "field_flattened"
    FIELD_TWICE = "field_twice"
    REQUIREMENT_CUT = "requirement_cut"
    FILE_RENAMED = "file_renamed"
    TEXT_OVERFLOW = "text_overflow"
    HOOK_FAILED = "hook_failed"
    STEP_EMPTY = "step_empty"
    STEP_CRITICAL = "step_critical"
    STEPS_INCOMPLETE = "steps_incomplete"
    ITEMS_INCOMPLETE = "items_incomplete"
    DATE_UNREADABLE = "date_unreadable"
    MARKUP_REMOVED = "markup_removed"
    MARKUP_OF_EDITORS = "markup_of_editors"
    FORMATTING_LOST = "formatting_lost"
    HIDDEN_TEXT = "hidden_text"
    LIST_NUMBERS = "list_numbers"
    CONTENT_MISSING = "content_missing"
    PICTURE_AMBIGUOUS = "picture_ambiguous"
    TABLE_FLATTENED = "table_flattened"
    IMAGE_LINKED = "image_linked"
    LINK_UNUSABLE = "link_unusable"
    CONTROL_CHARACTERS = "control_characters"
    FILE_MISSING = "file_missing"
    FILE_TRUNCATED = "file_truncated"
    FILE_WEB_PAGE = "file_web_page"
    FILE_TOO_LARGE = "file_too_large"
    FILE_REFUSED = "file_refused"
    FILE_UNREADABLE = "file_unreadable"
    FILE_FOREIGN = "file_foreign"
    FILE_NO_IMAGE = "file_no_image"
    FILE_EMPTY = "file_empty"
    FILE_TYPE_GUESSED = "file_type_guessed"
    FILE_NOT_READ = "file_not_read"
    FILE_NO_ROUTE = "file_no_route"
    PERSON_UNKNOWN = "person_unknown"
    ADDRESS_TOO_LONG = "address_too_long"
    LIST_MOVED = "list_moved"
    CHANGED_AT_SOURCE = "changed_at_source"
    DELETED_AT_SOURCE = "deleted_at_source"
    RESULTS_DELETED_AT_SOURCE = "results_deleted_at_source"
    CONFLICT_OVERWRITTEN = "conflict_overwritten"
    CONFLICT_KEPT = "conflict_kept"
    REMAP = "remap"
    CASE_COPIED = "case_copied"
    STORED_DIFFERENTLY = "stored_differently"
    MILESTONE_CUT = "milestone_cut"
    MILESTONE_RENAMED = "milestone_renamed"
    MILESTONE_TITLE_ONLY = "milestone_title_only"
    MILESTONE_MISSING = "milestone_missing"
    RUN_TITLE_CUT = "run_title_cut"
    RUN_TEXT_CUT = "run_text_cut"
    RUN_SPLIT = "run_split"
    RUN_GAP = "run_gap"
    RUN_RENAMED = "run_renamed"
    STATUS_UNMAPPED = "status_unmapped"
    COLUMN_UNKNOWN = "column_unknown"
    COMMENT_CUT = "comment_cut"
    CASE_MISSING = "case_missing"
    TEXT_UNLINKED = "text_unlinked"
    TEXT_LATE = "text_late"


UNMAPPED_VALUES = (NoteCode.PRIORITY_UNMAPPED, NoteCode.FIELD_OPTION_UNKNOWN, NoteCode.STATUS_UNMAPPED)
"""A rule is missing for a value."""
UNMAPPED_FIELDS = (NoteCode.FIELD_TO_TEXT, NoteCode.FIELD_MISSING_AT_DESTINATION)
"""A rule is missing for a field, whatever its values."""


class Note(Frozen):
    """One loss or change. ``original`` is the source's value, whole; ``field`` names where it stood."""

    code: NoteCode
    marker: str
    field: str = ""
    original: str = ""
    message: str = ""
