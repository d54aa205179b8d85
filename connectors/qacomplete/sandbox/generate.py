"""Data for load tests: any number of cases, the same for the same seed, steps made anew on each read."""

import random
from datetime import datetime, timedelta
from functools import partial

from connectors.qacomplete.sandbox.data import Folder, Project, SeedData, Step, Test, User
from connectors.qacomplete.sandbox.generate_items import add_items

_PROJECT = 12
_FIRST_FOLDER = 100
_FIRST_TEST = 10_001
_FIRST_STEP = 1_000_000
_MOST_STEPS = 8
_BEGIN = datetime(2016, 4, 1, 8)  # noqa: DTZ001 - the server's dates carry no zone
_MINUTES = 8 * 365 * 24 * 60

_AREAS = ("Checkout", "Catalogue", "Search", "Account", "Returns", "Invoices", "Delivery", "Newsletter", "Vouchers")
_VERBS = ("Open", "Change", "Cancel", "Confirm", "Export", "Filter", "Print", "Share")
_THINGS = ("the order", "the basket", "the address", "the price list", "the customer's profile", "the voucher")
_ENDS = ("twice", "as a guest", "on a slow connection", "with an empty field", "in another currency", "at midnight")
_PRIORITIES = ("1-High", "2-Medium", "3-Low")
_TYPES = ("Functional", "Regression", "Smoke", "Performance")


def generate(cases: int, *, folders: int | None = None, seed: int = 1, items: int = 0) -> SeedData:
    """Return one project with so many cases in a tree of folders (default: one per 50 cases, at least 3).

    ``items``: how many of each kind beside tests.
    """
    chance = random.Random(seed)  # noqa: S311 - test data
    tree = _folders(max(3, cases // 50) if folders is None else folders)
    data = SeedData(
        projects=[Project(_PROJECT, "Generated shop")],
        users=[User(1, "Ada", "Berg", "ada.berg@acme.example"), User(2, "Jon", "Vik", "jon.vik@acme.example")],
        folders=tree,
    )
    data.tests = [_test(number, chance, tree, seed) for number in range(cases)]
    add_items(data, items, seed=seed)
    return data


def _folders(count: int) -> list[Folder]:
    found: list[Folder] = []
    for number in range(count):
        # every folder but the first of ten lies in an earlier one
        parent = 0 if number % 10 == 0 else found[number - number % 10].id
        title = f"{_AREAS[number % len(_AREAS)]} {number + 1}"
        found.append(Folder(_FIRST_FOLDER + number, _PROJECT, title, parent))
    return found


def _test(number: int, chance: random.Random, folders: list[Folder], seed: int) -> Test:
    ident = _FIRST_TEST + number
    words = (chance.choice(_VERBS), chance.choice(_THINGS), chance.choice(_ENDS))
    return Test(
        id=ident,
        project_id=_PROJECT,
        title=f"{' '.join(words)} ({ident})",
        folder_id=chance.choice(folders).id if folders else 0,
        description=f"<p>Shows that one can {words[0].lower()} {words[1]}.</p>",
        date_updated=f"{_BEGIN + timedelta(minutes=number * 7919 % _MINUTES):%Y-%m-%dT%H:%M:%S}.0000000",
        priority=chance.choice(_PRIORITIES),
        test_type=chance.choice(_TYPES),
        create_user_id=1 + number % 2,
        custom_fields=[("Custom1", "Component", chance.choice(_AREAS))],
        make_steps=partial(_steps, ident, seed),
    )


def _steps(ident: int, seed: int) -> list[Step]:
    chance = random.Random(ident * 1000 + seed)  # noqa: S311 - test data
    return [
        Step(
            id=_FIRST_STEP + ident * _MOST_STEPS + position,
            seq=position + 1,
            step=f"<p>{chance.choice(_VERBS)} {chance.choice(_THINGS)}, part {position + 1}</p>",
            expected_result=f"<p>It works {chance.choice(_ENDS)}</p>",
        )
        for position in range(chance.randint(3, _MOST_STEPS))
    ]
