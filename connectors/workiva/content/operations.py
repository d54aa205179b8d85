"""Operations: asked about until they end, all of one credential through one limiter (``workiva-api.md`` §7)."""

from collections.abc import Mapping
from urllib.parse import urljoin

import anyio

from connectors.workiva.api import is_refusal
from connectors.workiva.wire import WireOperation
from migrator.core.errors import ContentReason, Rejected
from migrator.core.ports.traffic import Traffic
from migrator.http.origins import AddressRules
from migrator.http.retries import retry_after
from migrator.http.transport import Reply, Transport

_LONGEST_WAIT = 60.0
_UNSAID_POLLS = 2
_LATE = 3


class StartAgain(Exception):
    """This operation comes to nothing, but another one may. ``reason`` as in ``ContentTrouble``; the text says why.
    ``is_over`` False: it may still come to something, later."""

    def __init__(self, reason: ContentReason, cause: str, *, is_over: bool = True) -> None:
        super().__init__(cause)
        self.reason = reason
        self.is_over = is_over


class Operations:
    """Follows operations. ``polls`` paces all questions; ``rate``: how many a second; ``longest`` in seconds."""

    def __init__(self, polls: Transport, *, rate: float, longest: float) -> None:
        self._polls = polls
        self._shortest_wait = 1 / rate
        self.longest = longest
        """Seconds for which one operation is asked about."""

    @property
    def rate(self) -> float:
        """Questions a second."""
        return 1 / self._shortest_wait

    def waiting_for(self) -> str:
        """Say what holds the questions up."""
        return self._polls.governor.waiting_for()

    def traffic(self) -> Traffic:
        """Return what was asked."""
        return self._polls.governor.traffic()

    def address(self, reply: Reply) -> str:
        """Return where a call said that its operation is, as a whole address; ``StartAgain`` when it did not say, or
        named another host."""
        document = reply.document if isinstance(reply.document, dict) else {}
        location = _header(reply.headers, "Location") or str(document.get("operationLocation") or "")
        address = urljoin(self._polls.base_url + "/", location)
        if not location or not AddressRules(self._polls.base_url).gets_credentials(address):
            where = location.partition("?")[0] or "no Location"
            raise StartAgain("unreadable", f"Workiva began it, but did not say where on its own host: {where}")
        return address

    async def first_wait(self, reply: Reply) -> None:
        """Wait as long as the call wished before the first question."""
        await anyio.sleep(self._wait(reply.headers))

    async def finished(self, address: str) -> WireOperation:
        """Return the completed operation. ``StartAgain`` when it failed, is unknown, or goes on for too long."""
        ends = anyio.current_time() + self.longest
        unknown = 0
        while True:
            reply = await self._asked(address)
            if reply is None:
                unknown += 1
                if unknown > _LATE:
                    raise StartAgain("missing", "Workiva does not know the operation any more")
            else:
                operation = WireOperation.model_validate(reply.document if isinstance(reply.document, dict) else {})
                if operation.status == "completed":
                    return operation
                if operation.status in ("failed", "cancelled"):
                    raise StartAgain("missing", f"the operation was {operation.status}: {operation.reasons}")
            if anyio.current_time() >= ends:
                cause = f"the operation did not end within {self.longest:g} s"
                raise StartAgain("missing", cause, is_over=False)
            await anyio.sleep(self._wait(reply.headers if reply else {}))

    async def _asked(self, address: str) -> Reply | None:
        try:
            return await self._polls.ask("GET", address, repeatable=True)
        except Rejected as error:
            if is_refusal(error, 404, 410):
                return None  # a new one may not be known everywhere yet
            raise StartAgain("refused", error.cause) from error

    def _wait(self, headers: Mapping[str, str]) -> float:
        """Return the seconds until the next question; never less than the limiter would let pass."""
        wished = retry_after(headers)
        if wished is None:
            wished = _UNSAID_POLLS * self._shortest_wait
        return min(max(wished, self._shortest_wait), _LONGEST_WAIT)


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")
