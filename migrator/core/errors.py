"""Every error that a person may see, named by what happens next.

::

    MigratorError                    what, which item, why, and the next command; exit 1
      ConfigError                    the set-up is wrong                            exit 2
      StalePlan                      what the saved plan rests on has changed       exit 2
      TemporaryError                 try the same command again later               exit 5
        StorageFull                  the disk or the database is full
      AuthenticationError            wrong credentials or missing permission        exit 7
      CanaryDifference               the server stored something else than we sent  exit 6
      WorkspaceLocked                another process works here                     exit 10
      WorkspaceDamaged               the database cannot be trusted                 exit 11
      Interrupted                    stopped by a signal, can be continued          exit 130
      BooksDoNotBalance              an item has no fate                            exit 1
      CallError                      one call went wrong; the engine decides what becomes of the item
        Rejected                     the service refused: nothing was stored
        OutcomeUnknown               the call may have taken effect, now or in a minute
"""

from typing import ClassVar


class MigratorError(Exception):
    """An error with a cause and a way out.

    ``message`` says what happened and to which item, ``cause`` why, ``next_step`` what to run or change now.
    None of them ever holds a secret.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, cause: str = "", next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message}: {self.cause}" if self.cause else self.message


class ConfigError(MigratorError):
    """The configuration, or what it names, does not fit."""

    exit_code = 2


class StalePlan(MigratorError):
    """The saved plan cannot be executed as it was shown: something that it touches has changed since."""

    exit_code = 2


class TemporaryError(MigratorError):
    """A service or the machine cannot serve now; the same command may succeed later."""

    exit_code = 5


class StorageFull(TemporaryError):
    """The workspace could not be written: no space left."""


class AuthenticationError(MigratorError):
    """A service refused the credentials, or they do not permit the work."""

    exit_code = 7


class CanaryDifference(MigratorError):
    """The first object of a kind was read back and differs from what was sent."""

    exit_code = 6


class WorkspaceLocked(MigratorError):
    """Another process holds the workspace."""

    exit_code = 10


class WorkspaceDamaged(MigratorError):
    """The workspace's database is damaged or of a newer version."""

    exit_code = 11


class Interrupted(MigratorError):
    """Stopped by a signal after a clean drain."""

    exit_code = 130


class BooksDoNotBalance(MigratorError):
    """Extracted items and fates do not add up: a defect of this program."""


class CallError(MigratorError):
    """One call to a service went wrong. ``status``: the HTTP status, or None when no answer came."""

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
