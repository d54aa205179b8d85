"""What each note means, and what changes it: for reports and for ``docs/notes.md``, which says the same."""

from collections.abc import Mapping
from typing import Final

import orjson

from migrator.core.content_notes import CONTENT_NOTES
from migrator.core.note_text import Harm, NoteText
from migrator.core.notes import NoteCode

_RANK: Final[Mapping[Harm, int]] = {"lost": 0, "changed": 1, "cosmetic": 2}


def note_text(code: str) -> NoteText:
    """Return what people are told; of a code that an older version wrote little is known."""
    return NOTE_TEXTS.get(code, NoteText("", "changed"))


def by_harm(code: str) -> int:
    """Return the place of a code where the worst comes first."""
    return _RANK[note_text(code).harm]


def config_line(code: str, field: str = "", value: str = "") -> str:
    """Return the line of the config that would change a note, filled in; empty when no line would."""
    text = note_text(code)
    if ("FIELD" in text.line and not field) or ("VALUE" in text.line and not value):
        return ""
    # a JSON string is a YAML string as well, whatever stands in it
    return text.line.replace("FIELD", _quoted(field)).replace("VALUE", _quoted(value))


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()


NOTE_TEXTS: Final[Mapping[str, NoteText]] = {
    **CONTENT_NOTES,
    NoteCode.ADDRESS_TOO_LONG: NoteText(
        "The item's address has over 255 characters; the link leads to the host instead.",
        "lost",
        setting="source.item_url",
        line='source: {item_url: "https://acme.example/{id}"}',
    ),
    NoteCode.CASE_AT_ROOT: NoteText(
        "Cases lie in no folder; QA Sphere needs one, so they lie in `(no folder)`.",
        "cosmetic",
        setting="projects[].root",
        line='projects: [{root: ["From the old system"]}]',
    ),
    NoteCode.CASE_INACTIVE: NoteText(
        "The case is inactive at the source; QA Sphere has no such state.",
        "changed",
        setting="mapping.inactive",
        line="mapping: {inactive: skip}",
    ),
    NoteCode.CASE_COPIED: NoteText(
        "Another case in QA Sphere carries the same marker, probably a copy that somebody made. It is left alone.",
        "cosmetic",
        advice="remove the copy's marker",
    ),
    NoteCode.CHANGED_AT_SOURCE: NoteText(
        "The item was renamed, moved or un-published at the source after it was migrated, in a way that QA"
        " Sphere's API cannot follow; or a file was replaced there under its id, and is not fetched again.",
        "lost",
        advice="do it in QA Sphere by hand",
    ),
    NoteCode.CONFLICT_KEPT: NoteText(
        "The item was changed on both sides; QA Sphere's value stayed. The note keeps the source's.",
        "lost",
        setting="sync.conflicts",
        line="sync: {conflicts: report}",
    ),
    NoteCode.CONFLICT_OVERWRITTEN: NoteText(
        "The item was changed on both sides; the source's value went over QA Sphere's. The note keeps that.",
        "lost",
        setting="sync.conflicts",
        line="sync: {conflicts: report}",
    ),
    NoteCode.DELETED_AT_SOURCE: NoteText(
        "The item has left the source since it was migrated; it stays in QA Sphere.",
        "changed",
        setting="sync.deletions",
        line="sync: {deletions: tag}",
    ),
    NoteCode.RESULTS_DELETED_AT_SOURCE: NoteText(
        "Results of the run have left the source since they were migrated; they stay in QA Sphere.",
        "changed",
    ),
    NoteCode.PARTS_DELETED_AT_SOURCE: NoteText(
        "Files, remarks or links of the item have left the source since they were migrated; what stood in QA Sphere for"
        " them was taken off it.",
        "changed",
    ),
    NoteCode.DATE_UNREADABLE: NoteText(
        "A date of the item is written in a way that nobody can read for sure; the note holds it.", "lost"
    ),
    NoteCode.FIELD_CUT: NoteText(
        "A custom field value is longer than the 255 characters of its field in QA Sphere; it stands whole in the"
        " precondition.",
        "changed",
        setting="mapping.custom_fields",
        line="mapping: {custom_fields: {FIELD: text}}",
    ),
    NoteCode.FIELD_DROPPED: NoteText(
        "A custom field was dropped by rule.",
        "lost",
        setting="mapping.custom_fields",
        line="mapping: {custom_fields: {FIELD: text}}",
    ),
    NoteCode.FIELD_MISSING_AT_DESTINATION: NoteText(
        "The rule names a custom field that QA Sphere does not have for this project; the value stands in the"
        " precondition.",
        "changed",
        advice="make the field in QA Sphere",
        line="mapping: {custom_fields: {FIELD: tag}}",
    ),
    NoteCode.FIELD_OPTION_UNKNOWN: NoteText(
        "The value is no option of the dropdown in QA Sphere; it stands in the precondition.",
        "changed",
        advice="add the option in QA Sphere",
    ),
    NoteCode.FIELD_TO_TEXT: NoteText(
        "No rule names this custom field and QA Sphere has none of that name; the value stands in the precondition.",
        "changed",
        setting="mapping.custom_fields",
        line="mapping: {custom_fields: {FIELD: tag}}",
    ),
    NoteCode.FOLDER_COLLISION: NoteText("A sibling has the same name; the source id stands behind it.", "changed"),
    NoteCode.FOLDER_CUT: NoteText("The name has over 255 characters.", "changed"),
    NoteCode.FOLDER_CYCLE: NoteText("The folder lay within itself; it went to the top.", "changed"),
    NoteCode.FOLDER_INACTIVE: NoteText(
        "The folder is inactive at the source; QA Sphere has no such state.",
        "lost",
        setting="projects[].exclude",
        line='projects: [{exclude: ["Folder/Path"]}]',
    ),
    NoteCode.FOLDER_ORPHAN: NoteText("Its parent is not listed, or only cases know the folder.", "changed"),
    NoteCode.FOLDER_RENAMED: NoteText(
        "The name holds a slash, line breaks or outer blanks, or nothing at all.", "changed"
    ),
    NoteCode.ITEMS_INCOMPLETE: NoteText(
        "The source would not give all tests of a test set, all notes or links of an item, or all"
        " attachments of a test form or what lies in it.",
        "lost",
        advice="mend the item at the source, run again",
    ),
    NoteCode.LIST_MOVED: NoteText(
        "A list kept changing while it was read, twice.", "lost", advice="run again when nobody edits"
    ),
    NoteCode.MARKER_SHORTENED: NoteText(
        "The ids are too long for a marker; the last ones became a digest.", "cosmetic"
    ),
    NoteCode.PERSON_UNKNOWN: NoteText(
        "The source does not list this person, or knows no e-mail address.",
        "changed",
        setting="mapping.people",
        line="mapping: {people: none}",
    ),
    NoteCode.PRIORITY_MISSING: NoteText(
        "The case has no priority; the fallback was used.",
        "cosmetic",
        setting="mapping.fallback",
        line="mapping: {fallback: {priority: low}}",
    ),
    NoteCode.PRIORITY_UNMAPPED: NoteText(
        "No table knows the priority; the fallback was used.",
        "lost",
        setting="mapping.priority",
        line="mapping: {priority: {VALUE: high}}",
    ),
    NoteCode.REMAP: NoteText(
        "Today's rules would map the item otherwise than when it was migrated; the source has not changed.",
        "changed",
        setting="--remap",
    ),
    NoteCode.STANDS_AS_SENT: NoteText(
        "The run, or results of it, would look otherwise by today's rules, or by what the source calls its columns"
        " today. Nobody has edited them; neither can be changed, and another result would say that the test was run"
        " twice.",
        "changed",
        setting="mapping.columns",
    ),
    NoteCode.UNTESTED_WORDS: NoteText(
        "What the source says of tests that were not run, such as a tester or a column of its own: no result was made"
        " for it. The note of the run has the words, with the tests.",
        "lost",
    ),
    NoteCode.STEP_CRITICAL: NoteText(
        "The source stops the test when this step fails; a sentence in the step says so.", "changed"
    ),
    NoteCode.STEP_EMPTY: NoteText("A step without any text was left out.", "cosmetic"),
    NoteCode.STEPS_INCOMPLETE: NoteText(
        "The source would not give all the steps it counts.", "lost", advice="mend the test at the source, run again"
    ),
    NoteCode.TAG_CUT: NoteText("The tag has over 255 characters.", "changed"),
    NoteCode.TITLE_CLEANED: NoteText(
        "Line breaks, outer blanks or control characters became single spaces.", "cosmetic"
    ),
    NoteCode.ROW_UNSURE: NoteText(
        "A row of a spreadsheet, or a whole table, does not say all that is needed, such as a title or an id of its"
        " own; the note names sheet and row and says what was assumed.",
        "changed",
        advice="mend the row, run again",
    ),
    NoteCode.TITLE_CUT: NoteText(
        "The title has over 511 characters; the whole of it begins the precondition.", "changed"
    ),
    NoteCode.TITLE_EMPTY: NoteText("The title is empty; the id stands instead.", "changed"),
    NoteCode.FIELD_FLATTENED: NoteText(
        "A tag or custom field holds plain text; because of its links or pictures the value stands in the precondition"
        " as well.",
        "changed",
    ),
    NoteCode.FIELD_TWICE: NoteText(
        "Another field of the source has filled this custom field of QA Sphere; the value stands in the precondition.",
        "changed",
        setting="mapping.custom_fields",
        line="mapping: {custom_fields: {FIELD: text}}",
    ),
    NoteCode.REQUIREMENT_CUT: NoteText(
        "The requirement has over 255 characters.",
        "changed",
    ),
    NoteCode.HOOK_FAILED: NoteText(
        "A hook raised an error or answered something that cannot be used; the item is not migrated.",
        "lost",
        setting="mapping.hooks",
    ),
    NoteCode.MILESTONE_CUT: NoteText(
        "The title has over 255 characters.",
        "changed",
    ),
    NoteCode.MILESTONE_RENAMED: NoteText(
        "Another milestone has the title, or an archived one in QA Sphere; the source id stands behind it.",
        "changed",
    ),
    NoteCode.MILESTONE_TITLE_ONLY: NoteText(
        "A milestone in QA Sphere is nothing but a title; dates, texts and people stay in the archive.",
        "lost",
        setting="mapping.pages.make",
        line="mapping: {pages: {make: true}}",
    ),
    NoteCode.MILESTONE_MISSING: NoteText(
        "The source names a release that it does not list; the run has no milestone.",
        "lost",
    ),
    NoteCode.CONFIGURATION_MISSING: NoteText(
        "The source names a configuration that it does not list; the run shows the id in place of the name.",
        "lost",
    ),
    NoteCode.RUN_TITLE_CUT: NoteText(
        "The title has over 255 characters.",
        "changed",
    ),
    NoteCode.RUN_SPLIT: NoteText(
        "The run has more cases than QA Sphere takes in one; the rest is in further runs.",
        "changed",
    ),
    NoteCode.RUN_GAP: NoteText(
        "The run was made without a case that could not be migrated; a static run can never be amended.",
        "lost",
        setting="mapping.runs.gaps",
        line="mapping: {runs: {gaps: allow}}",
    ),
    NoteCode.RUN_LEFT_OUT: NoteText(
        "The run holds no test, or none that is migrated; QA Sphere has no such runs. The note keeps what is known of"
        " it.",
        "lost",
    ),
    NoteCode.RUN_RENAMED: NoteText(
        "Another run of the milestone has the title; the source id stands behind it.",
        "changed",
    ),
    NoteCode.STATUS_UNMAPPED: NoteText(
        "No table and no status of QA Sphere knows the status; the fallback was used. The comment names the original.",
        "changed",
        setting="mapping.status",
        # never one that turns what nobody knows into a success
        line="mapping: {status: {VALUE: blocked}}",
    ),
    NoteCode.CASE_ORDER: NoteText(
        "The case stands elsewhere in its folder than at the source; QA Sphere adds new ones at the end, moves none.",
        "cosmetic",
        advice="move it in QA Sphere by hand",
    ),
    NoteCode.COLUMN_UNKNOWN: NoteText(
        "A rule for columns names one that no table of this project has; it may be meant for another project.",
        "cosmetic",
        setting="mapping.columns",
        advice="correct the name, if it was meant for this one",
    ),
    NoteCode.FIELD_UNKNOWN: NoteText(
        "A rule names a field that no case of this project has a value in, so it does nothing here.",
        "cosmetic",
        setting="mapping.tags",
        advice="correct the name, or the one in `mapping.custom_fields`, if it was meant for this project",
    ),
    NoteCode.LINKS_TO_API: NoteText(
        "Links to the source lead to addresses of its API, which no browser can open.",
        "changed",
        setting="source.item_url",
    ),
    NoteCode.ONLY_IN_EXPORT: NoteText(
        "What no list of the source shows, such as narrative, conclusions and sign-offs, stands in this file only.",
        "changed",
        setting="source.export_forms",
    ),
    NoteCode.GRAPH_NOT_READ: NoteText(
        "The source's graph names a record, such as a control, a risk or a person, and does not give it; what an"
        " earlier round has read of it stays.",
        "lost",
        advice="give the grant's user the right to read it, run again",
    ),
    NoteCode.EXPORT_NOT_TAKEN: NoteText(
        "What no list of the source shows, such as narrative, conclusions and sign-offs, was not migrated.",
        "lost",
        setting="source.export_forms",
    ),
    NoteCode.CASE_MISSING: NoteText(
        "The source has results of this test, but not the test any more, or does not say of which test they are; its"
        " results stand at a placeholder, or stay in the archive, and the note keeps what is known of them.",
        "lost",
        setting="mapping.runs.missing",
        line="mapping: {runs: {missing: archive}}",
    ),
    NoteCode.ONLY_ARCHIVED: NoteText(
        "QA Sphere has no place for the item, and no page tells of it; it, or all but the title that a case shows, is"
        " only in the archive of the workspace.",
        "lost",
        setting="mapping.pages.make",
        line="mapping: {pages: {make: true}}",
    ),
    NoteCode.LINKS_NOT_READ: NoteText(
        "QAComplete tells links between two tests only test by test, and is not asked for them.",
        "lost",
        setting="source.test_links",
        line="source: {test_links: true}",
    ),
    NoteCode.KIND_SKIPPED: NoteText(
        "The config leaves out an item or a kind of them; what an earlier round has read of it stays.",
        "lost",
        setting="source.skip",
    ),
}
