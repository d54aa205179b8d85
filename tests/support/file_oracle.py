"""What must be true of files after a migration, computed from the stand-ins' own stores."""

import hashlib
from collections import Counter

from connectors.qacomplete.sandbox import SeedData
from connectors.qacomplete.sandbox.files import File
from tests.support.oracle import marker_of
from tests.support.rig import Rig


def owners(data: SeedData) -> dict[int, list[File]]:
    """Return test id → its files, those of its steps included."""
    of_step = {step.id: test.id for test in data.tests for step in test.all_steps()}
    found: dict[int, list[File]] = {}
    for file in data.files:
        owner = file.item_id if file.code == "Tests" else of_step.get(file.item_id)
        if owner is not None and file.code in ("Tests", "TestSteps"):
            found.setdefault(owner, []).append(file)
    return found


def sha256_of(file: File) -> str:
    """Return the digest of the file itself."""
    digest = hashlib.sha256()
    for chunk in file.plain():
        digest.update(chunk)
    return digest.hexdigest()


def file_problems(running: Rig) -> list[str]:
    """Return every file that its case does not list exactly once with the source's bytes, and what it lists besides."""
    wanted = owners(running.source.data)
    store = running.destination.store
    problems = []
    for case in running.shop.cases:
        test = int(marker_of(case).rpartition("/")[2])
        listed = Counter((row["fileName"], store.files[row["id"]].sha256) for row in case.files)
        expected = Counter((file.name, sha256_of(file)) for file in wanted.pop(test, []))
        problems += [f"test {test}: {name} is missing" for name, _ in expected - listed]
        problems += [f"test {test}: {name} is too much" for name, _ in listed - expected]
    return problems + [f"test {test}: no case, and {len(files)} files" for test, files in wanted.items()]


def orphans(running: Rig) -> int:
    """Return how many files in QA Sphere no case refers to."""
    used = {row["id"] for case in running.shop.cases for row in case.files}
    return len(set(running.destination.store.files) - used)
