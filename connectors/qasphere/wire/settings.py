"""The JSON of the tenant's settings (``qasphere-api.md`` §3.16 to §3.18)."""

from typing import Annotated

from connectors.qasphere.wire.cases import ListOrNull, TextOrNull, Wire


class WireStatus(Wire):
    """§3.16. The default ones are always active."""

    id: str
    name: str
    color: str
    is_default: bool = False
    is_active: bool
    in_use: bool = False


class WireAccount(Wire):
    """§3.17; ``id`` is in no documentation, one client expects it (A-42)."""

    email: str
    name: Annotated[str, TextOrNull] = ""
    role: str
    id: int | None = None
    last_activity: str | None = None


class WireAuditUser(Wire):
    """Who did it."""

    id: int
    name: Annotated[str, TextOrNull] = ""
    email: Annotated[str, TextOrNull] = ""


class WireAuditEvent(Wire):
    """§3.18."""

    id: int
    action: str
    user: WireAuditUser | None = None
    created_at: str


class WireAuditPage(Wire):
    """§3.18; ``after``: the last id, to continue with."""

    after: int
    events: Annotated[list[WireAuditEvent], ListOrNull] = []
