"""How fast files go from source to destination, beside the plain script in ``plain_files.py``, one after the other.

Usage: python -m benchmarks.files [FILES]. Three files of exactly 50 MiB and one of 51 MiB are added. Prints megabytes a
second, the ratio, upload requests, the peak memory of the migrator, and what became of the largest file.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from connectors.qacomplete import sandbox
from connectors.qacomplete.sandbox import SeedData, generate
from connectors.qacomplete.sandbox.generate_files import generate_files
from connectors.qasphere.sandbox import ADMIN_KEY, build
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve
from tests.support.file_oracle import file_problems, orphans
from tests.support.rig import Rig, rig

MIB = 1024 * 1024
LARGE = (50 * MIB, 50 * MIB, 50 * MIB, 51 * MIB)
HERE = Path(__file__).parent


def data_of(files: int) -> SeedData:
    data = generate(500)
    generate_files(data, files, sizes=LARGE)
    return data


async def plain(data: SeedData) -> float:
    """Return megabytes a second of the plain script; it copies what QA Sphere takes."""
    source, destination = sandbox.build(StandInOptions(), data), build()
    files = [file for file in data.files if file.size <= 50 * MIB]
    login = (
        "<AuthenticationData><AppCode>agSPEnt</AppCode><DeptId>1</DeptId><UserId>77</UserId>"
        f"<ProjId>{data.projects[0].id}</ProjId><PassCode>{sandbox.PASSWORD}</PassCode></AuthenticationData>"
    )
    async with serve(source.app) as source_url, serve(destination.app) as url:
        soap = source_url + sandbox.SOAP_PATHS[0]
        arguments = [str(HERE / "plain_files.py"), soap, url, ADMIN_KEY, login, str(files[0].id), str(len(files))]
        process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
        out, _ = await process.communicate()
    if len(destination.store.files) != len(files):
        raise SystemExit("the plain script lost files")
    return sum(file.size for file in files) / 1e6 / float(out)


async def ours(data: SeedData) -> float:
    """Return megabytes a second while files are on their way."""
    wanted = sum(file.size <= 50 * MIB for file in data.files)
    with tempfile.TemporaryDirectory() as folder:
        async with rig(Path(folder), data) as running:
            running.settings = {"http": {"timeout": 60}}
            task = asyncio.create_task(running.migrate("run --json"))
            while not running.source.log.counts["POST /psws.asmx GetLoginInfo"] and not task.done():  # noqa: ASYNC110
                await asyncio.sleep(0.002)
            started = time.perf_counter()
            stored = running.destination.store.files
            while len(stored) < wanted and not task.done():  # noqa: ASYNC110 - the stand-in counts, it does not announce
                await asyncio.sleep(0.002)
            seconds = time.perf_counter() - started
            ended = await task
            _report(running, json.loads(ended.out), wanted)
            print(f"exit {ended.code}, peak memory {ended.peak_mib:.0f} MiB, whole run {ended.seconds:.0f} s")
            return sum(file.size for file in stored.values()) / 1e6 / seconds


def _report(running: Rig, status: dict[str, dict[str, object]], wanted: int) -> None:
    uploads = running.destination.log.counts["POST /api/public/v0/file/batch"]
    size = sum(file.size for file in running.destination.store.files.values())
    fewest = max(-(-wanted // 100), -(-size // (100 * MIB)))
    print(f"files: {status['items']['file']}, uploads {uploads} (at least {fewest}), orphans {orphans(running)}")
    print("not in its case:", *file_problems(running), sep="\n  ")
    lines = [
        case.precondition.partition("Files that stay at the source")[2]
        for case in running.shop.cases
        if "Files that stay at the source" in case.precondition
    ]
    print("named in a case:", *lines, sep="\n  ", flush=True)


async def main(files: int) -> None:
    data = data_of(files)
    fast = await plain(data)
    mine = await ours(data)
    print(f"{len(data.files)} files: migrator {mine:.1f} MB/s, plain script {fast:.1f} MB/s, ratio {mine / fast:.2f}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
