"""CPU of each command, for cases, results or files; alone, or beside another version of the program.

Usage: python -m benchmarks.phases SHAPE [SIZE] [--beside FOLDER] [--rounds N]. Shapes: cases, results, files. The
stand-ins of this version serve both, turn about. CPU seconds of the program's own process count, user and system: a
busy machine changes them little.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from pathlib import Path

import yaml

from connectors.qacomplete.sandbox import SeedData, generate
from connectors.qacomplete.sandbox.generate_files import generate_files
from connectors.qacomplete.sandbox.generate_runs import generate_runs
from tests.support.rig import ROOT, rig

COMMANDS = ("plan", "apply", "verify", "run")
SIZES = {"cases": 1000, "results": 5000, "files": 1000}
_ITEMS = 250
"""Results of a run."""


def data_of(shape: str, size: int) -> SeedData:
    if shape == "cases":
        return generate(size)
    if shape == "results":
        data = generate(_ITEMS)
        generate_runs(data, max(1, size // _ITEMS), _ITEMS)
        return data
    data = generate(max(1, size // 2))
    generate_files(data, size)
    return data


async def measure(program: Path, shape: str, size: int) -> dict[str, float]:
    """Return the CPU seconds of each command of one migration."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        async with rig(Path(folder), data_of(shape, size)) as running:
            running.settings = {"http": {"timeout": 60}}
            config = running.config()
            del config["mapping"]  # older versions do not know all of it
            path = Path(folder) / "config.yaml"
            path.write_text(yaml.safe_dump(config), encoding="utf-8")
            for command in COMMANDS:
                found[command] = await asyncio.to_thread(_cpu_of, program, path, command)
    return found


def _cpu_of(program: Path, config: Path, command: str) -> float:
    arguments = [sys.executable, "-m", "migrator", "--config", str(config), command]
    environment = os.environ | {"PYTHONPATH": str(program)}
    process = subprocess.Popen(
        arguments, cwd=config.parent, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    errors: list[bytes] = []
    reader = threading.Thread(target=lambda stream: errors.append(stream.read()), args=[process.stderr])
    reader.start()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    reader.join()
    if process.returncode:
        raise SystemExit(b"".join(errors).decode())
    return used.ru_utime + used.ru_stime


async def main(shape: str, size: int, beside: Path | None, rounds: int) -> None:
    programs = [program for program in (beside, ROOT) if program]
    found: dict[Path, list[dict[str, float]]] = defaultdict(list)
    for turn in range(rounds):
        for program in programs if turn % 2 else programs[::-1]:
            found[program].append(await measure(program, shape, size))
    print(f"{size} {shape}: CPU seconds, the least of {rounds}")
    for command in (*COMMANDS, "all"):
        best = [min(one.get(command, sum(one.values())) for one in found[program]) for program in programs]
        ratio = f"  ratio {best[-1] / best[0]:.2f}" if beside else ""
        print(f"{command:8}", *(f"{seconds:8.2f}" for seconds in best), ratio, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("shape", choices=SIZES)
    parser.add_argument("size", type=int, nargs="?")
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    asyncio.run(main(given.shape, given.size or SIZES[given.shape], given.beside, given.rounds))
