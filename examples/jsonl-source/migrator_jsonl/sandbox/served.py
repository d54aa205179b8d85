"""What `demo` and `sandbox` read. For a source over HTTP it would be a server that behaves like the real one."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors import SandboxSeed, ServedSource

_CASES = 12


def lines(cases: int) -> Iterator[Mapping[str, object]]:
    """Yield believable lines."""
    yield {"kind": "folder", "id": "1", "title": "Shop"}
    yield {"kind": "folder", "id": "2", "title": "Cart", "parent": "1"}
    for number in range(1, cases + 1):
        steps = [["Open the cart", "It shows"], [f"Put {number} things into it", f"It holds {number}"]]
        title, priority = f"Cart with {number} things", "urgent" if number % 3 == 0 else "normal"
        yield {"kind": "case", "id": f"C{number}", "title": title, "folder": "2", "priority": priority, "steps": steps}
    yield {"kind": "run", "id": "R1", "title": "Nightly", "ended": "2024-05-01T22:00:00Z"}
    for number in range(1, cases + 1):
        status = "broken" if number % 5 == 0 else "ok"
        title = f"Cart with {number} things"
        yield {"kind": "result", "id": f"E{number}", "run": "R1", "case": f"C{number}", "title": title} | {
            "status": status,
            "tester": "Ann",
            "comment": f"took {number} minutes",
        }


@asynccontextmanager
async def _served(seed: SandboxSeed) -> AsyncIterator[ServedSource]:
    with TemporaryDirectory() as folder:
        path = seed.seed_file or Path(folder) / "tests.jsonl"
        if seed.seed_file is None:
            path.write_text("".join(f"{json.dumps(line)}\n" for line in lines(seed.cases or _CASES)), encoding="utf-8")
        yield ServedSource(
            name="JSON lines",
            address=str(path),
            login="nobody needs to log in",
            log_key="",
            settings={"connector": "jsonl", "instance": "sandbox", "path": str(path)},
            projects=[{"source": "*", "destination": "JSON", "title": "Out of JSON lines", "create": True}],
        )


SANDBOX = _served
