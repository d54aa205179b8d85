"""Items beside tests for load tests: any number of each kind, the same for the same seed."""

import random

from connectors.qacomplete.sandbox.data import SeedData
from connectors.qacomplete.sandbox.items import (
    Configuration,
    Defect,
    Link,
    Note,
    Release,
    Requirement,
    SetItem,
    TestSet,
)

_FIRST = 20_000
_BROWSERS = ("Firefox 128", "Chrome 126", "Safari 17", "Edge 126")
_SYSTEMS = ("Windows 11", "macOS 14", "Ubuntu 24.04", "Android 14")
_SEVERITIES = ("1-Critical", "2-Major", "3-Minor")
_LARGEST_SET = 12


def add_items(data: SeedData, count: int, *, seed: int = 1) -> None:
    """Add so many items of each kind to the first project, whose tests they use. Links tie them together."""
    chance = random.Random(seed)  # noqa: S311 - test data
    project = data.projects[0].id
    tests = [test.id for test in data.tests if test.project_id == project]
    for number in range(count):
        ident = _FIRST + number
        parent = 0 if number % 5 == 0 else ident - number % 5
        kind = "Release" if parent == 0 else "Iteration"
        data.releases.append(Release(ident, project, f"{kind} {number + 1}", type=kind, parent_id=parent))
        data.configurations.append(_configuration(ident, project, chance))
        data.requirements.append(Requirement(ident, project, f"The shop must do thing {number + 1}"))
        data.defects.append(Defect(ident, project, f"Thing {number + 1} fails", severity=chance.choice(_SEVERITIES)))
        data.test_sets.append(_test_set(ident, project, tests, chance))
        data.notes.append(
            Note(ident, project, chance.choice(("Bugs", "FunctionalSpecs")), ident, f"Seen again ({number})")
        )
        data.links += _links(number, ident, project, tests, chance)


def _configuration(ident: int, project: int, chance: random.Random) -> Configuration:
    system, browser = chance.choice(_SYSTEMS), chance.choice(_BROWSERS)
    return Configuration(ident, project, f"{browser} on {system}", operating_system=system, browser=browser)


def _test_set(ident: int, project: int, tests: list[int], chance: random.Random) -> TestSet:
    chosen = chance.choices(tests, k=chance.randint(1, _LARGEST_SET)) if tests else []
    items = [SetItem(ident * _LARGEST_SET + place, test, place + 1) for place, test in enumerate(chosen)]
    return TestSet(ident, project, f"Set {ident}", items=items)


def _links(number: int, ident: int, project: int, tests: list[int], chance: random.Random) -> list[Link]:
    first = _FIRST + number * 3
    found = [
        Link(first, project, "Bugs", ident, "FunctionalSpecs", ident),
        Link(first + 1, project, "Releases", ident, "TestSets", ident),
    ]
    return (
        [*found, Link(first + 2, project, "FunctionalSpecs", ident, "Tests", chance.choice(tests))] if tests else found
    )
