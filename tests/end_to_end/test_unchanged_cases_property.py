"""Any states of both sides: what stands is planned as if it did not."""

import random
import shutil
import tempfile
from pathlib import Path

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.qacomplete.sandbox import Link, Note, SeedData, add_sample, generate
from connectors.qacomplete.sandbox.files import File
from connectors.qacomplete.sandbox.generate_files import generate_files
from migrator.standin.options import Profile, StandInOptions
from tests.end_to_end.test_plan_property import edit_destination, edit_source
from tests.support.books import planned_with_and_without
from tests.support.properties import examples
from tests.support.rig import Rig, rig

SIZE = 12
ROUNDS = 4
SETTINGS: list[dict[str, object]] = [
    {},
    {},
    {"sync": {"conflicts": "source", "deletions": "tag"}},
    {"sync": {"conflicts": "destination"}},
    {"mapping": {"people": "email"}},
    {"mapping": {"inactive": "skip", "tags": ["priority"]}},
    {"source": {"attachments": "none"}},
]


@settings(max_examples=examples(4), deadline=None)
@given(seed=st.integers(0, 10_000), profile=st.sampled_from(["strict", "lenient", "odd"]))
def test_what_stands_is_planned_as_if_it_did_not(seed: int, profile: Profile) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        anyio.run(_rounds, folder, seed, profile)
    finally:
        shutil.rmtree(folder)


async def _rounds(folder: Path, seed: int, profile: Profile) -> None:
    chance = random.Random(seed)
    data = generate(SIZE)
    add_sample(data)
    generate_files(data, 8, smallest=1, largest=500)
    options = StandInOptions(profile=profile)
    async with rig(folder, data, source_options=options, destination_options=options) as running:
        _link(running, chance)
        await running.run()
        for _ in range(ROUNDS):
            running.settings = chance.choice(SETTINGS)
            for _ in range(chance.randrange(4)):
                edit = edit_source if chance.random() < 0.5 else _edit_surroundings
                edit(data, chance)
            for _ in range(chance.randrange(2)):
                edit_destination(running, chance)
            if chance.random() < 0.2:
                _link(running, chance)
            quick, whole, _ = await planned_with_and_without(running, remap=chance.random() < 0.2)
            for table, rows in whole.items():
                assert quick[table] == rows, table
            # what comes next is planned from what this leaves
            if chance.random() < 0.5:
                assert (await running.apply()).balanced
            else:
                assert (await running.sync()).balanced


def _link(running: Rig, chance: random.Random) -> None:
    """Let the text of one case lead to another."""
    first, second = chance.sample(running.source.data.tests_of(12), 2)
    address = f"{running.source_url}/v1/projects/12/tests/{second.id}"
    first.description = f'<p>See <a href="{address}">the other</a></p>'


def _edit_surroundings(data: SeedData, chance: random.Random) -> None:
    new = 90_000 + chance.randrange(9_000)
    test = chance.choice(data.tests_of(12))
    kind = chance.choice(["note", "unnote", "link", "unlink", "requirement", "file", "unfile", "user", "defect"])
    if kind == "note":
        data.notes.append(Note(new, 12, "Tests", test.id, f"Note {new}", date_created="2021-01-05T08:00:00.0000000"))
    elif kind == "unnote" and data.notes:
        data.notes.remove(chance.choice(data.notes))
    elif kind == "link":
        data.links.append(Link(new, 12, "FunctionalSpecs", chance.choice([501, 502]), "Tests", test.id))
    elif kind == "unlink" and data.links:
        data.links.remove(chance.choice(data.links))
    elif kind == "requirement":
        data.requirements[0].title = f"Required {chance.randrange(3)}"
    elif kind == "file":
        data.files.append(File(new, 12, "Tests", test.id, f"late {chance.randrange(3)}.txt", bytes_=b"late"))
    elif kind == "unfile" and data.files:
        data.files.remove(chance.choice(data.files))
    elif kind == "user":
        data.users[0].first_name = f"Ada {chance.randrange(3)}"
    elif kind == "defect":
        data.defects[0].title = f"Broken {chance.randrange(3)}"
