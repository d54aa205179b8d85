"""The questions: what is asked, what this program assumes, and what another answer would change.

``assumption`` is the number in the register of ``qasphere-api.md`` §6. Keys stand in result files and keep their
meaning.
"""

from dataclasses import dataclass

from pydantic import JsonValue

SAFE_TAGS = ("p", "br", "b", "strong", "i", "em", "u", "ul", "ol", "li", "a", "h4", "code", "pre")
"""What texts are made of, whatever the server does to other tags."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. ``expected``: what this program assumes."""

    text: str
    expected: JsonValue
    assumption: str = ""
    matters: str = ""


_LOSS = "it would be lost from texts"
_NICER = "texts can be closer to the original"
_HANDLED = "none: both are handled"

QUESTIONS: dict[str, Question] = {
    "project.no_default_folder": Question(
        "Is a new project empty when it is asked to be?", True, "A-15", "a folder nobody asked for stands in it"
    ),
    "html.tags": Question("Which tags of texts survive?", [*SAFE_TAGS], "A-08", _LOSS),
    "html.tables": Question("Do tables survive?", False, "A-08", _NICER),
    "html.images": Question("Do inline pictures of uploaded files survive?", False, "A-09", _NICER),
    "html.style": Question("Do style attributes survive?", False, "A-08", _NICER),
    "html.quote": Question("How does a plain quotation mark come back?", "&#34;", "A-08", _HANDLED),
    "folder.slash": Question('Status for a folder name with "/"', 400, "A-18", "names would not have to be changed"),
    "folder.trimmed": Question("Are blanks around folder names cut off?", True, "A-18", _HANDLED),
    "folder.case": Question("Are folder names compared with regard to case?", True, "A-18", "folders would merge"),
    "case.created": Question("Status of a create", 201, "A-14", _HANDLED),
    "case.position_beyond": Question("Status for a position beyond the end", 409, "A-25", _HANDLED),
    "case.clash": Question(
        "Are some of ten simultaneous creates in one folder refused with 409?",
        True,
        "A-25",
        "folders could be filled in parallel throughout",
    ),
    "case.all_there": Question(
        "Are there exactly the cases that were answered as created?",
        True,
        "",
        "creates could double or vanish; do not migrate before this is understood",
    ),
    "case.unknown_key": Question("Status for a key nobody knows", 201, "A-04", _HANDLED),
    "case.legacy_id": Question("Does a create set the legacy id?", False, "", "markers could stand there"),
    "case.empty_tag": Question("Status for an empty tag", 400, "A-24", _HANDLED),
    "case.title_512": Question("Status for a title of 512 characters", 400, "A-03", "titles could be longer"),
    "case.versions": Question(
        "Version after a create, a change, and the same change again",
        [1, 2, 3],
        "",
        "edits by people could not be told from damage",
    ),
    "case.step_data": Question("Does a step keep `data`?", True, "", "none: nothing is put there"),
    "case.files": Question("Does a case list its files?", True, "A-21", "attachments would be links only"),
    "case.files_replaced": Question("Does a change replace the list of files?", True, "A-21", "updated files differ"),
    "list.links": Question("Do rows of lists carry links unasked?", True, "A-19", "reading back takes longer"),
    "list.precondition": Question(
        "Do rows of lists carry the precondition: unasked, included, never?",
        "included",
        "A-19",
        "reading back takes longer",
    ),
    "list.field_filter": Question(
        "Is a case found by its custom field?", True, "", "lost answers are looked up newest first, which takes longer"
    ),
    "list.field_filter_several": Question("Are several found in one request?", True, "", "look-ups take longer"),
    "list.field_filter_strict": Question(
        "Does a value that nobody has find nothing?", True, "", "look-ups by field could not be trusted"
    ),
    "list.limit_5001": Question("Status for a page of 5001 rows", 400, "A-11", _HANDLED),
    "list.no_limit": Question("Does a list without limit hold everything?", True, "A-10", _HANDLED),
    "file.created": Question("Status of an upload", 201, "A-14", _HANDLED),
    "file.same_bytes": Question("Do bytes come back unchanged, in the order of the batch?", True, "", "damaged files"),
    "file.empty": Question("Is an empty file taken?", True, "A-39", "empty files are not migrated"),
    "milestone.twice": Question("Status for a milestone title that is taken", 409, "A-26", _HANDLED),
    "run.created": Question("Status of a run's create", 201, "A-14", _HANDLED),
    "run.title_clash": Question("Status for a run title that is taken", 403, "A-28", _HANDLED),
    "run.title_clash_names": Question("Does the refusal name the run that has it?", True, "", "runs are looked up"),
    "run.title_clash_closed": Question("Is the title of a closed run taken, too?", True, "A-28", _HANDLED),
    "run.title_per_milestone": Question("Is it free in another milestone?", True, "C13", "more titles get a suffix"),
    "run.description_513": Question("Status for a description of 513 characters", 400, "A-03", "none"),
    "run.draft": Question("Status for a draft case in a run", 400, "A-29", "drafts could be in runs"),
    "run.no_case": Question("Status for a run without cases", 400, "A-29", "none"),
    "run.close_twice": Question("Status of closing a closed run", 409, "A-32", _HANDLED),
    "run.log_closed": Question("Status of a log in a closed run", 409, "A-34", "none"),
    "result.read_back": Question(
        "Are results given back with their comment?",
        True,
        "A-33",
        "a batch whose answer was lost stays unknown, and is never sent twice",
    ),
    "result.oldest_first": Question("Does the oldest result come first?", True, "A-33", _HANDLED),
    "result.last_decides": Question(
        "Does the last of several in one batch decide the status?", True, "", "old results would show"
    ),
    "result.batch_refused": Question("Status for a batch with one bad item", 400, "A-36", _HANDLED),
    "result.batch_atomic": Question("Is nothing of it stored?", True, "A-36", "refused batches are read back"),
    "result.batch_501": Question("Status for a batch of 501", 400, "A-35", "batches could be larger"),
    "result.inactive_status": Question("Status for a status that is switched off", 400, "A-36", "none"),
    "result.time_unit": Question("What unit has timeTaken?", "milliseconds", "C4", "durations would be wrong"),
    "result.closed": Question("Status for a result in a closed run", 409, "", "none"),
    "tenant.users_me": Question("Does `users/me` exist?", True, "", _HANDLED),
    "tenant.user_ids": Question("Do users have ids?", False, "A-42", "runs could be assigned"),
    "tenant.audit_logs": Question("Status of the audit log", 200, "", "none"),
    "tenant.retry_after": Question("What pause does a 429 name, in seconds?", "1", "A-05", _HANDLED),
}
