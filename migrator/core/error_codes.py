"""Stable codes for errors, with what each one means and what to do: for people, for scripts, and for searching.

A code never changes its meaning; one that is not used any more is not given again. The hundreds say what it is about:
1 configuration, 2 credentials, 3 the source, 4 QA Sphere, 5 plans, 6 loading, 7 the workspace, 9 this program.
"""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Explanation:
    """``meaning``: what has happened, in general. ``remedy``: what usually helps."""

    code: str
    meaning: str
    remedy: str


class ErrorCode(Enum):
    """Every code. The name says when it is raised; the value explains it."""

    CONFIG_UNREADABLE = Explanation(
        "QM101", "The config file is missing, cannot be read, or is no valid YAML.",
        "Name it with --config FILE, and correct the line that is named; `migrator init` writes a new one.",
    )  # fmt: skip
    CONFIG_INVALID = Explanation(
        "QM102", "A key of the config is unknown, missing, or has a value that does not fit.",
        "Correct the key that is named; `migrator config schema` lists every key with its type.",
    )  # fmt: skip
    VARIABLE_MISSING = Explanation(
        "QM103", "The config names an environment variable that is not set.",
        "Set it in the shell that starts migrator, or give it a default: ${NAME:-default}.",
    )  # fmt: skip
    ADDRESS_INVALID = Explanation(
        "QM104", "A base URL is no web address, or plain http to another machine.",
        "Use https; for an on-premises server without it set http.allow_plain_http.",
    )  # fmt: skip
    CERTIFICATE = Explanation(
        "QM105", "The certificate of a service is not trusted, or a certificate file cannot be read.",
        "Do what the message says: http.ca_bundle for your company's certificates, another host name, a renewed"
        " certificate, http.client_cert.",
    )  # fmt: skip
    UNKNOWN_CONNECTOR = Explanation(
        "QM106", "source.connector names no source that this program knows.",
        "Use one of the names in the message.",
    )  # fmt: skip
    FILE_UNUSABLE = Explanation(
        "QM107", "A file or folder that a command was given cannot be read or written.",
        "Name another one, or correct its permissions.",
    )  # fmt: skip
    HOOKS_UNUSABLE = Explanation(
        "QM108", "The file with the hooks cannot be read, raises an error, or holds no hook that is known.",
        "Correct the line that is named; a hook changes drafts or leaves items out, and does nothing else.",
    )  # fmt: skip
    FOLDER_RULE_UNMATCHED = Explanation(
        "QM109", "`include` or `exclude` of a project names a folder that the source does not have.",
        "Correct the path; the message names those that are nearest. Paths are spelled as the source spells them.",
    )  # fmt: skip
    COLUMN_RULE_UNMATCHED = Explanation(
        "QM110", "`mapping.columns` or `mapping.form_columns` names a column that no table of the source has.",
        "Correct the name; the message names those that are nearest. A column goes by its name, external id or id.",
    )  # fmt: skip
    FIELD_UNFILLED = Explanation(
        "QM111", "A custom field of QA Sphere is required, and nothing fills it: every case would be refused.",
        "Give the field a default value in QA Sphere, or name the field of the source that fills it in"
        " mapping.custom_fields.",
    )  # fmt: skip
    SLICE_UNMATCHED = Explanation(
        "QM112", "--only, --folder, or `only` of a project names what no case of the source has.",
        "Correct it; the message names what is nearest. Folders are spelled as the source spells them.",
    )  # fmt: skip
    PLUGIN_UNUSABLE = Explanation(
        "QM113", "A source or hooks of another distribution cannot be imported, or are not what they should be.",
        "Correct, update or uninstall the distribution that the message names; other sources are not touched.",
    )  # fmt: skip
    CREDENTIALS = Explanation(
        "QM201", "A service refused user name, password, API key or API grant.",
        "Correct them in the environment. QAComplete takes native accounts only, no single sign-on; a grant of Workiva"
        " expires.",
    )  # fmt: skip
    PERMISSION = Explanation(
        "QM202", "The credentials are right, but do not permit what is needed.",
        "Use an account that may; for QA Sphere an API key made by an admin.",
    )  # fmt: skip
    TENANT_SUSPENDED = Explanation(
        "QM203", "QA Sphere has suspended the whole tenant; no key is permitted anything.",
        "Have the owner of the account settle that with QA Sphere, then run the same command again; nothing that was"
        " done is lost.",
    )  # fmt: skip
    SERVICE_UNREACHABLE = Explanation(
        "QM301", "A service did not answer, or kept answering with errors, for as long as it was tried.",
        "Run the same command again later; nothing that was done is lost.",
    )  # fmt: skip
    ANSWER_UNREADABLE = Explanation(
        "QM302", "A service answered with something that this program does not understand.",
        "Look for a proxy or log-in page in between; run again. If it stays, report the message.",
    )  # fmt: skip
    WRONG_SERVICE = Explanation(
        "QM303", "The address answers, but not as the service that the config names.",
        "Correct the base URL.",
    )  # fmt: skip
    SOURCE_PROJECT = Explanation(
        "QM304", "The source has no such project, or this user may not open it.",
        "Use one of the ids that the message names.",
    )  # fmt: skip
    FILE_CONTENT = Explanation(
        "QM305", "The bytes of one attachment cannot be had from the source, or are not what it promised.",
        "The item is migrated without it, with a note. Mend it at the source, then `migrator retry --files`.",
    )  # fmt: skip
    PROJECT_MISSING = Explanation(
        "QM401", "The project is not in QA Sphere, and the config does not let it be created.",
        "Create it there, or set `create: true`.",
    )  # fmt: skip
    PROJECT_ARCHIVED = Explanation(
        "QM402", "The project is archived in QA Sphere, and refuses every write.",
        "Take it out of the archive.",
    )  # fmt: skip
    PROJECT_OF_OTHERS = Explanation(
        "QM403", "The project holds cases of others; what is loaded into it cannot be taken out again.",
        "Choose another code, or set `allow_existing: true`.",
    )  # fmt: skip
    PROJECT_REFUSED = Explanation(
        "QM404", "QA Sphere refused to create the project.",
        "Correct code or title in the config, then `migrator retry`.",
    )  # fmt: skip
    PROJECT_VANISHED = Explanation(
        "QM405", "A project that was migrated into is not in QA Sphere any more.",
        "Give it its code back there; or migrate anew, with another workspace and code.",
    )  # fmt: skip
    KEPT_CHANGING = Explanation(
        "QM406", "Cases were deleted in QA Sphere again and again while the project was read.",
        "Run the same command again when nobody deletes.",
    )  # fmt: skip
    REFUSED = Explanation(
        "QM407", "QA Sphere refused one request; nothing was stored by it.",
        "The message holds its own words. Correct the item or the rule, then `migrator retry`.",
    )  # fmt: skip
    DESTINATION_BUSY = Explanation(
        "QM408", "Somebody else migrates the same items into the project at this moment.",
        "Find out who; wait until they have ended, then run the same command again: it adopts what they have made.",
    )  # fmt: skip
    PLAN_STALE = Explanation(
        "QM501", "Something that the saved plan touches has changed since, or a name that it makes exists by now.",
        "`migrator plan` again, look at it, then `migrator apply`.",
    )  # fmt: skip
    PLAN_MISSING = Explanation(
        "QM502", "There is no such plan in the workspace.",
        "`migrator plan` makes one and prints its id.",
    )  # fmt: skip
    PLAN_WAITS = Explanation(
        "QM503", "A saved plan waits to be applied, and the command would change what it was shown to write.",
        "`migrator apply` first; or `migrator run`, which plans anew.",
    )  # fmt: skip
    NOT_FINISHED = Explanation(
        "QM504", "A migration was begun and has not ended, and the command tells people where everything went.",
        "`migrator run` or `migrator apply` ends it; then run the command again.",
    )  # fmt: skip
    NOTHING_TO_REHEARSE = Explanation(
        "QM505", "Every project of the config was migrated from this workspace already, so a rehearsal has no subject.",
        "Nothing is wrong: `migrator plan` shows what is new, and writes nothing.",
    )  # fmt: skip
    NO_RECEIPTS = Explanation(
        "QM306", "The source takes no receipts, or none on what `--level` names.",
        "Leave `--level` out, or use one of the levels that the message names.",
    )  # fmt: skip
    CANARY = Explanation(
        "QM601", "The first object of a kind was stored otherwise than it was sent; nothing else of it was sent.",
        "Look at it in QA Sphere. If the difference is harmless, edit it to match and run again; else report it.",
    )  # fmt: skip
    OUTCOME_UNKNOWN = Explanation(
        "QM602", "The answer to a write was lost: it may have taken effect.",
        "Nothing to do: it is looked up, twice, before anything is sent again.",
    )  # fmt: skip
    STREAM_STOPPED = Explanation(
        "QM603", "Many items in a row failed with the same cause, so the rest was not tried.",
        "Mend the cause, then `migrator retry`.",
    )  # fmt: skip
    INTERRUPTED = Explanation(
        "QM604", "The command was stopped by a signal. Everything that was answered is recorded.",
        "Run the same command again; it continues where it stopped.",
    )  # fmt: skip
    CEILING = Explanation(
        "QM605", "More items have left the source at once than the config allows; the project was left alone.",
        "Look whether the source shows all of it. If they were really deleted, raise sync.max_deletions or"
        " sync.max_deleted_share for one run.",
    )  # fmt: skip
    TESTS_MISSING = Explanation(
        "QM606", "Results name many tests that the source did not list; for each a placeholder would be made for good.",
        "Look whether the source shows this user all tests, and run again. If they were deleted there, set"
        " mapping.runs.max_missing_share.",
    )  # fmt: skip
    LIST_EMPTY = Explanation(
        "QM607",
        "A list of the source was empty, while items name what should stand in it; or it has lost all or much of what"
        " it held the last time, or for another part of the same round; or the first load does not find in it what many"
        " items name; or it gives much less than a counter beside it says.",
        "Look whether the source shows this user all of that list, and run again. If the rest was deleted, set"
        " mapping.runs.max_missing_share: 1 for this run.",
    )  # fmt: skip
    WORKSPACE_LOCKED = Explanation(
        "QM701", "Another process works in the workspace.",
        "Wait until it has ended, or stop it.",
    )  # fmt: skip
    WORKSPACE_DAMAGED = Explanation(
        "QM702", "The database of the workspace is damaged, or was written by a newer version.",
        "Restore the folder from a backup, or install the newer version. A new workspace finds what is in QA Sphere by"
        " its marker.",
    )  # fmt: skip
    WORKSPACE_OF_OTHERS = Explanation(
        "QM703", "The workspace belongs to another source, destination or project code.",
        "Correct the config, or choose another `workspace`.",
    )  # fmt: skip
    WORKSPACE_MISSING = Explanation(
        "QM704", "There is no workspace yet where the config says.",
        "`migrator plan` or `migrator run` makes it.",
    )  # fmt: skip
    STORAGE_FULL = Explanation(
        "QM705", "The disk is full, or a size limit was reached.",
        "Free some space and run the same command again; nothing is lost.",
    )  # fmt: skip
    STORAGE_UNUSABLE = Explanation(
        "QM706", "The database of the workspace cannot be used at the moment.",
        "Check permissions and the disk, then run again.",
    )  # fmt: skip
    BOOKS = Explanation(
        "QM901", "Items, fates and operations do not add up: a defect of this program.",
        "Keep the workspace as it is and report the message.",
    )  # fmt: skip
    UNEXPECTED = Explanation(
        "QM902", "Something happened that nobody thought of: a defect of this program.",
        "Report it with the traceback, from migrator.log in the workspace or with MIGRATOR_DEBUG=1.",
    )  # fmt: skip


def explained(code: str) -> Explanation | None:
    """Return the explanation of a code such as ``QM101``, in any case."""
    return next((member.value for member in ErrorCode if member.value.code == code.strip().upper()), None)
