"""A load whose files are refused for good comes to an end, with many cases that wait for them; mended, it goes on."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from connectors.qacomplete.sandbox import generate
from connectors.qacomplete.sandbox.generate_files import generate_files
from migrator.core.errors import AuthenticationError, ConfigError, MigratorError
from migrator.core.events import Event, Progressed
from tests.support.file_oracle import file_problems
from tests.support.history import case, folder, result, run
from tests.support.history_rig import HistoryRig, history_rig
from tests.support.rig import Rig, rig
from tests.support.services import shell_of

_CASES, _FOLDERS, _FILES = 120, 2, 40
# more cases in a folder than are read at once, and most without files: they go on while the others wait
_MUCH_TOO_LONG = 60.0


def _no_soap(running: Rig) -> None:
    running.settings = {"source": {"soap_url": f"{running.destination_url}/psws.asmx"}}


def _wrong_log_in(running: Rig) -> None:
    running.settings = {"source": {"soap_app_code": "nobody"}}


def _no_uploads(running: Rig) -> None:
    running.settings = {"http": {"timeout": 2.0}}  # as long as something is set, it refuses
    shell = shell_of(running.destination.app)
    answer = shell._answer

    async def refused(request: web.Request, handler: Any, fault: Any) -> Any:
        if request.path.endswith("/file/batch") and running.settings:
            return web.json_response({"message": "insufficient role: user is required"}, status=403)
        return await answer(request, handler, fault)

    shell._answer = refused


@pytest.mark.quick_clock
@pytest.mark.parametrize(
    ("spoil", "error"),
    [(_no_soap, ConfigError), (_wrong_log_in, AuthenticationError), (_no_uploads, AuthenticationError)],
)
async def test_files_that_are_refused_for_good_end_the_load(
    tmp_path: Path, spoil: Any, error: type[MigratorError]
) -> None:
    data = generate(_CASES, folders=_FOLDERS)
    generate_files(data, _FILES, smallest=1, largest=50)
    async with rig(tmp_path, data) as running:
        spoil(running)
        for _ in range(2):
            with pytest.raises(error):
                async with asyncio.timeout(_MUCH_TOO_LONG):
                    await running.run()
        running.settings = {}
        status = await running.run()
        assert status.balanced, status.imbalance
        assert file_problems(running) == []
        assert running.lost_and_doubled() == ([], [])


class _StopsAt(list[Event]):
    """Requests a stop at the first sign of progress of a phase that is not at its end."""

    def __init__(self, running: HistoryRig, phase: str) -> None:
        super().__init__()
        self._running, self._phase = running, phase

    def append(self, event: Event) -> None:
        super().append(event)
        if isinstance(event, Progressed) and event.phase == self._phase and event.done < (event.total or 0):
            self._running.stop.request()


@pytest.mark.parametrize("phase", ["plan", "plan history"])
async def test_a_stop_in_the_middle_of_a_plan_ends_it_and_the_next_run_plans_anew(tmp_path: Path, phase: str) -> None:
    cases = [case(number) for number in range(1, 1100)]
    runs = [run(number) for number in (1, 2, 3)]
    async with history_rig(tmp_path, [folder(), *cases, *runs, *(result(n, n, n) for n in (1, 2, 3))]) as running:
        running.events = _StopsAt(running, phase)
        await running.run()
        assert running.calls("POST") == 0
        ended = [event for event in running.events if isinstance(event, Progressed) and event.phase == phase]
        assert len(ended) == 1
        running.events = []
        status = await running.run()
        assert status.items["case"] == {"migrated": 1099}
        assert status.items["result"] == {"migrated": 3}
