"""The tenant as QA Sphere answers it (``qasphere-api.md`` §3.16 to §3.18)."""

from typing import Annotated, Any

from connectors.qasphere.wire.base import Answer, ListOrNull, Text


class Status(Answer):
    """§3.16. The default ones are always active."""

    id: str
    name: str
    color: str
    is_default: bool = False
    is_active: bool
    in_use: bool = False


class Account(Answer):
    """§3.17; ``id`` is in no documentation, one client expects it (A-42)."""

    email: str
    name: Text = ""
    role: str
    id: int | None = None
    authorization_types: Annotated[list[str], ListOrNull] = []
    totp_enabled: bool | None = None
    created_at: str | None = None
    last_activity: str | None = None


class Me(Answer):
    """§3.17, ``users/me``: whom the key belongs to."""

    name: Text = ""
    role: Text = ""
    id: int | None = None
    email: Text = ""
    avatar: str | None = None


class AuditUser(Answer):
    """Who did it."""

    id: int
    name: Text = ""
    email: Text = ""


class AuditEvent(Answer):
    """§3.18."""

    id: int
    action: str
    created_at: str
    user: AuditUser | None = None
    ip: Text = ""
    user_agent: Text = ""
    meta: dict[str, Any] | None = None


class AuditPage(Answer):
    """§3.18; ``after``: the last id, to continue with."""

    after: int
    count: int | None = None
    events: Annotated[list[AuditEvent], ListOrNull]
