"""The tenant's users, statuses and audit log: plain objects that tests may look into and spoil."""

from dataclasses import dataclass, field

from connectors.qasphere.sandbox.store_cases import now

ROLES = ("viewer", "test-runner", "user", "admin", "owner")
COLORS = ("blue", "gray", "red", "orange", "yellow", "green", "teal", "indigo", "purple", "pink")
DEFAULT_STATUSES = {"open": "blue", "passed": "green", "failed": "red", "blocked": "orange", "skipped": "gray"}
CUSTOM_STATUSES = ("custom1", "custom2", "custom3", "custom4")


@dataclass(slots=True)
class User:
    """A user (§3.17)."""

    id: int
    role: str
    name: str
    email: str
    active: bool = True
    created_at: str = field(default_factory=now)


@dataclass(slots=True)
class Status:
    """A result status (§3.16)."""

    id: str
    name: str
    color: str
    is_default: bool
    is_active: bool


@dataclass(slots=True)
class AuditEvent:
    """An entry of the audit log (§3.18)."""

    id: int
    action: str
    user: User | None
    ip: str = ""
    user_agent: str = ""
    created_at: str = field(default_factory=now)


def first_users() -> list[User]:
    """Return one user of every role but owner."""
    roles = ("admin", "user", "test-runner", "viewer")
    return [User(ident, role, role.title(), f"{role}@acme.example") for ident, role in enumerate(roles, 1)]


def first_statuses() -> dict[str, Status]:
    """Return the five default statuses, and the four custom ones switched off."""
    defaults = [Status(ident, ident.title(), color, True, True) for ident, color in DEFAULT_STATUSES.items()]
    custom = [Status(ident, ident.title(), "gray", False, False) for ident in CUSTOM_STATUSES]
    return {status.id: status for status in defaults + custom}
