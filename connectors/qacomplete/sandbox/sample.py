"""A few hand-written items of every kind beside tests, with what makes them hard to read."""

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


def add_sample(data: SeedData) -> None:
    """Add them to the first project; its first three tests take part."""
    project = data.projects[0].id
    tests = [test.id for test in data.tests_of(project)[:3]]
    data.releases += _releases(project)
    data.configurations += [
        Configuration(
            401, project, "Firefox on Windows", "<p>The usual one</p>", operating_system="Windows 11", browser="Firefox"
        ),
        Configuration(402, project, "Nothing known", active=False, custom_fields=[("Custom1", "Lab", "North")]),
    ]
    data.requirements += _requirements(project)
    data.defects += _defects(project)
    data.test_sets += _test_sets(project, tests)
    data.notes += _notes(project, tests[0])
    data.links += _links(project, tests[0])


def _releases(project: int) -> list[Release]:
    return [
        Release(301, project, "Spring &amp; summer", start="2024-03-01T00:00:00.0000000", finish="2024-08-31T00:00:00.0000000"),
        Release(302, project, "Sprint 1", type="Iteration", parent_id=301, status="Closed (Completed)", active=False),
        Release(303, project, "Build 7", type="Build", parent_id=302, date_created="0001-01-01T00:00:00.0000000"),
        Release(304, project, "Parent is gone", type="Iteration", parent_id=999),
    ]  # fmt: skip


def _requirements(project: int) -> list[Requirement]:
    return [
        Requirement(501, project, "Guests can order", "<p>Without an account</p>", owner_user_id=2, owner_name="Vik, Jon ",
                    folder_name="Checkout", business_rule="No account, no discount", update_user_id=3),
        Requirement(502, project, "Vouchers expire", active=False, custom_fields=[("Custom1", "Risk", "high"), ("Custom2", "Empty", "")]),
        Requirement(503, project, " ", "a title of blanks"),
    ]  # fmt: skip


def _defects(project: int) -> list[Defect]:
    return [
        Defect(601, project, "Total is wrong", "off by one cent", status="Closed", severity="2-Major", assignee_user_id=3,
               assigned_to_name="Łukasiewicz, Zoë ", steps_to_repro="<ol><li>Add tea</li></ol>", actual_results="4.19 €",
               date_closed="2022-10-30T02:30:00.0000000", update_user_id=2),
        Defect(602, project, "Voucher works twice", priority=None),
    ]  # fmt: skip


def _test_sets(project: int, tests: list[int]) -> list[TestSet]:
    first, second, third = tests
    # the same test twice, an inactive place, and places that are not stored in their order
    places = [
        SetItem(7003, first, 3),
        SetItem(7001, first, 1),
        SetItem(7002, second, 2),
        SetItem(7004, third, 4, active=False),
    ]
    long = [SetItem(7100 + number, tests[number % 3], number + 1) for number in range(60)]
    return [
        TestSet(701, project, "Smoke", "<p>Every morning</p>", status="Approved", sequential=True, items=places),
        TestSet(702, project, "Sixty places", items=long),
        TestSet(703, project, "Empty", items=[]),
    ]  # fmt: skip


def _notes(project: int, test: int) -> list[Note]:
    return [
        Note(801, project, "FunctionalSpecs", 501, "<p>Agreed with <b>sales</b></p>"),
        Note(802, project, "Bugs", 601, "seen again", user_id=3, user_name=None),
        Note(803, project, "Bugs", 601, None),
        Note(804, project, "Tests", test, "Takes long"),
        Note(805, project, "TestSets", 701, "Mondays only"),
        Note(806, project, "Releases", 302, "Moved twice", date_created="0001-01-01T00:00:00.0000000"),
    ]


def _links(project: int, test: int) -> list[Link]:
    return [
        Link(901, project, "Bugs", 601, "FunctionalSpecs", 501),
        Link(902, project, "FunctionalSpecs", 501, "Tests", test),
        Link(903, project, "Releases", 301, "TestSets", 701),
        Link(904, project, "FunctionalSpecs", 502, "FunctionalSpecs", 501),
        Link(905, project, "Tests", test, "Bugs", 602),
        # its requirement is gone: only the defect shows it
        Link(906, project, "Bugs", 602, "FunctionalSpecs", 999),
        # between two tests, which nobody asks
        Link(907, project, "Tests", test, "Tests", test + 1),
    ]
