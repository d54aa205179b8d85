"""``python -m tests.facts [COMPANY] [--list]``: the ledger of facts, after a whole migration."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from tests.facts.companies import COMPANIES, migrated
from tests.facts.ledger import printed, table
from tests.facts.workiva import WORKIVA, migrated_workiva


async def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.facts", description=__doc__)
    parser.add_argument("company", nargs="?", choices=sorted([*COMPANIES, *WORKIVA]), default="demo")
    parser.add_argument("--list", action="store_true", help="name what is only in the archive, or nowhere")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.company in WORKIVA:
            found = await migrated_workiva(Path(folder), WORKIVA[asked.company]())
        else:
            found = await migrated(Path(folder), COMPANIES[asked.company]())
    print(printed(table(found)))  # noqa: T201
    if asked.list:
        for one in found:
            if one.place in ("archive only", "nowhere"):
                print(f"{one.place}: {one.fact.kind}, {one.fact.owners[0]}: {one.fact.words[:1]}")  # noqa: T201


asyncio.run(_main())
