"""What the endpoints of every service have in common."""

from migrator.core.ports.traffic import Traffic
from migrator.http.transport import Transport


class HttpApi:
    """Endpoints of one service, on top of a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def base_url(self) -> str:
        """The base URL, without a trailing slash."""
        return self._transport.base_url

    def waiting_for(self) -> str:
        """Say what holds calls up."""
        return self._transport.governor.waiting_for()

    def traffic(self) -> Traffic:
        """Return what was asked so far."""
        return self._transport.governor.traffic()

    def clock_skew(self) -> float | None:
        """Return by how many seconds the server's clock is ahead of ours; None when it has not said."""
        return self._transport.last_answer.clock_skew
