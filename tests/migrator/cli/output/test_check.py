"""What is to be done for several projects alike is said once, with all of them."""

import pytest

from migrator.app.check.run import Preflight
from migrator.cli.output.check import print_preflight

STEP = "create project {code} in QA Sphere and check again"


def printed(capsys: pytest.CaptureFixture[str], *lines: tuple[str, str, str]) -> list[str]:
    found = Preflight()
    for subject, text, step in lines:
        found.add(subject, "warning" if step else "ok", text, step)
    print_preflight(found)
    return capsys.readouterr().out.splitlines()


def test_a_warning_of_several_projects_is_one_that_names_them(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        (f"destination project {code}", "nobody could be asked", STEP.format(code=code)) for code in ("A1", "B2", "C3")
    ]
    said = printed(capsys, lines[0], ("destination clock", "it agrees", ""), *lines[1:])
    assert said == [
        "warning  destination project A1, B2, C3: nobody could be asked",
        "         next: create project A1, B2, C3 in QA Sphere and check again",
        "ok       destination clock: it agrees",
        "1 ok, 3 warnings, 0 problems",
    ]


def test_what_differs_or_is_well_stays_with_its_project(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(
        capsys,
        ("source project 12", "12 cases", "look"),
        ("source project 13", "13 cases", "look"),
        ("source project 14 limits", "nothing", ""),
        ("source project 15 limits", "nothing", ""),
    )
    assert [line for line in said if "project" in line] == [
        "warning  source project 12: 12 cases",
        "warning  source project 13: 13 cases",
        "ok       source project 14 limits: nothing",
        "ok       source project 15 limits: nothing",
    ]
