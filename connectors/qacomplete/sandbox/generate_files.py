"""Attachments for load tests: any number, the same for the same seed, made anew on each read."""

import random
from collections.abc import Sequence

from connectors.qacomplete.sandbox.data import SeedData
from connectors.qacomplete.sandbox.files import File

MIB = 1024 * 1024
_FIRST = 300_001
_ENDINGS = ("png", "jpg", "txt", "log", "pdf", "docx", "csv")


def generate_files(
    data: SeedData,
    count: int,
    *,
    smallest: int = 1024,
    largest: int = 200 * 1024,
    sizes: Sequence[int] = (),
    seed: int = 1,
) -> None:
    """Add so many attachments of random sizes in bytes, and one of each of ``sizes``, to the tests of the first
    project, in turn; every tenth to a test's first step."""
    chance = random.Random(seed)  # noqa: S311 - test data
    project = data.projects[0].id
    tests = data.tests_of(project)
    if not tests:
        raise ValueError("there are no tests to attach to")
    wished = [*(chance.randint(smallest, largest) for _ in range(count)), *sizes]
    for number, size in enumerate(wished):
        test = tests[number % len(tests)]
        steps = test.all_steps() if number % 10 == 9 else []
        code, item = ("TestSteps", steps[0].id) if steps else ("Tests", test.id)
        name = f"file-{number + 1}.{chance.choice(_ENDINGS)}"
        data.files.append(File(_FIRST + number, project, code, item, name, size=size, seed=seed * 1_000_003 + number))
