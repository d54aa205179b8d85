"""Every error that a person may see, named by what happens next.

::

    MigratorError                    what, which item, why, and the next command; exit 1
      ConfigError                    the set-up is wrong                            exit 2
      NothingToDo                    it is done already                             exit 0
      StalePlan                      what the saved plan rests on has changed       exit 2
      TemporaryError                 try the same command again later               exit 5
        StorageFull                  the disk or the database is full
        AnswerSpoilt                 an answer came, but cut off or a web page, every time
      AuthenticationError            wrong credentials or missing permission        exit 7
      CanaryDifference               the server stored something else than we sent  exit 6
      CeilingReached                 more would change than the config allows       exit 8
      WorkspaceLocked                another process works here                     exit 10
      WorkspaceDamaged               the database cannot be trusted                 exit 11
      Interrupted                    stopped by a signal, can be continued          exit 130
      BooksDoNotBalance              an item has no fate                            exit 1
      CallError                      one call went wrong; the engine decides what becomes of the item
        Rejected                     the service refused: nothing was stored
        OutcomeUnknown               the call may have taken effect, now or in a minute
      ContentTrouble                 the bytes of one file cannot be had; the item goes on without it
"""

from typing import ClassVar, Literal

from migrator.core.error_codes import ErrorCode


class MigratorError(Exception):
    """An error with a cause and a way out.

    ``message`` says what happened and to which item, ``cause`` why, ``next_step`` what to run or change now.
    None of them ever holds a secret. ``code`` is stable; where none is given, that of the class.
    """

    exit_code: ClassVar[int] = 1
    default_code: ClassVar[ErrorCode] = ErrorCode.UNEXPECTED

    def __init__(self, message: str, *, cause: str = "", next_step: str = "", code: ErrorCode | None = None) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.message = message
        self.cause = cause
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message}: {self.cause}" if self.cause else self.message

    def document(self) -> dict[str, str | int]:
        """Return it for JSON."""
        return {
            "code": self.code.value.code,
            "message": self.message,
            "cause": self.cause,
            "next_step": self.next_step,
            "exit_code": self.exit_code,
        }


class ConfigError(MigratorError):
    """The configuration, or what it names, does not fit."""

    exit_code = 2
    default_code = ErrorCode.CONFIG_INVALID


class NothingToDo(MigratorError):
    """What was asked for is done already: no mistake, and nothing happened."""

    exit_code = 0
    default_code = ErrorCode.NOTHING_TO_REHEARSE


class StalePlan(MigratorError):
    """The saved plan cannot be executed as it was shown: something that it touches has changed since."""

    exit_code = 2
    default_code = ErrorCode.PLAN_STALE


class TemporaryError(MigratorError):
    """A service or the machine cannot serve now; the same command may succeed later."""

    exit_code = 5
    default_code = ErrorCode.SERVICE_UNREACHABLE


class StorageFull(TemporaryError):
    """The workspace could not be written: no space left."""

    default_code = ErrorCode.STORAGE_FULL


class AnswerSpoilt(TemporaryError):
    """Something arrived every time, but not what was promised. ``reason``: what was wrong with it."""

    default_code = ErrorCode.ANSWER_UNREADABLE

    def __init__(self, message: str, reason: "ContentReason", *, cause: str = "", next_step: str = "") -> None:
        super().__init__(message, cause=cause, next_step=next_step)
        self.reason = reason


class AuthenticationError(MigratorError):
    """A service refused the credentials, or they do not permit the work."""

    exit_code = 7
    default_code = ErrorCode.CREDENTIALS


class CanaryDifference(MigratorError):
    """The first object of a kind was read back and differs from what was sent."""

    exit_code = 6
    default_code = ErrorCode.CANARY


class CeilingReached(MigratorError):
    """More would change in a project than the config allows; nothing was written there."""

    exit_code = 8
    default_code = ErrorCode.CEILING


class WorkspaceLocked(MigratorError):
    """Another process holds the workspace."""

    exit_code = 10
    default_code = ErrorCode.WORKSPACE_LOCKED


class DestinationBusy(MigratorError):
    """Somebody else writes into the project."""

    exit_code = 10
    default_code = ErrorCode.DESTINATION_BUSY


class WorkspaceDamaged(MigratorError):
    """The workspace's database is damaged or of a newer version."""

    exit_code = 11
    default_code = ErrorCode.WORKSPACE_DAMAGED


class Interrupted(MigratorError):
    """Stopped by a signal after a clean drain."""

    exit_code = 130
    default_code = ErrorCode.INTERRUPTED


class BooksDoNotBalance(MigratorError):
    """Extracted items and fates do not add up: a defect of this program."""

    default_code = ErrorCode.BOOKS


class CallError(MigratorError):
    """One call to a service went wrong. ``status``: the HTTP status, or None when no answer came."""

    default_code = ErrorCode.REFUSED

    def __init__(
        self, message: str, *, cause: str = "", next_step: str = "", status: int | None = None, body: str = ""
    ) -> None:
        super().__init__(message, cause=cause, next_step=next_step)
        self.status = status
        self.body = body


class Rejected(CallError):
    """The service refused the call and stored nothing. ``body``: its own words, at most 500 characters."""


class OutcomeUnknown(CallError):
    """A write may or may not have taken effect, and may still do so in a minute."""

    default_code = ErrorCode.OUTCOME_UNKNOWN


ContentReason = Literal[
    "missing", "truncated", "web_page", "too_large", "refused", "unreadable", "foreign", "no_image", "no_route",
]  # fmt: skip
"""Why the bytes of a file cannot be had.

``missing``: the source has the name only. ``truncated``: fewer bytes than promised, whenever it is tried.
``web_page``: a page, such as a log-in, where something else was promised. ``too_large``: over the limit given.
``refused``: this user may not read it. ``unreadable``: neither file nor error, such as broken base64. ``foreign``: the
address leads to another host. ``no_image``: the address of a picture answers something else.
``no_route``: the API shows the name and gives no way to the bytes.
"""


class ContentTrouble(MigratorError):
    """The bytes of one file cannot be had, however often it is tried. Nothing was left on disk. ``address``: where
    people may look for it, when the one that was asked for did not say where."""

    default_code = ErrorCode.FILE_CONTENT
    address = ""

    def __init__(
        self, message: str, reason: ContentReason = "unreadable", *, cause: str = "", next_step: str = ""
    ) -> None:
        super().__init__(message, cause=cause, next_step=next_step)
        self.reason = reason
