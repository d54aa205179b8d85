"""The documents say what the program does, and name what there is."""

import re
import tomllib
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from migrator import __version__
from migrator.cli.main import COMMANDS
from migrator.config import merged, parse_config
from migrator.core.error_codes import ErrorCode
from migrator.core.note_texts import NOTE_TEXTS, by_harm, config_line
from migrator.core.notes import NoteCode
from tests.support import config_table, json_table, licences
from tests.support.book import links, navigation, pages
from tests.support.rig import ROOT
from tests.support.text_table import document

PAGES = pages()
TOP = {path.name for path in ROOT.iterdir() if path.is_dir()}
MOST_WORDS = 25
README_LINES = 110


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def named_paths(text: str) -> set[str]:
    """Return every path from the top of the repository that a page names as code."""
    return {word for word in re.findall(r"`([\w.-]+(?:/[\w.-]*)+)`", text) if word.split("/")[0] in TOP}


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings, as web sites for Git make them."""
    headings = re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("code", list(NoteCode))
def test_every_note_code_is_explained_alike_in_reports_and_documents(code: NoteCode) -> None:
    text = NOTE_TEXTS[code]
    change = f"`{text.setting}`" if text.setting else text.advice or "\N{EN DASH}"
    line = f"| `{code.value}` | {text.harm} | {text.meaning} | {change} |"
    assert line in text_of(ROOT / "docs" / "notes.md").splitlines()


def test_notes_are_explained_with_the_worst_first() -> None:
    rows = [line for line in text_of(ROOT / "docs" / "notes.md").splitlines() if line.startswith("| `")]
    assert len(rows) == len(NoteCode)
    assert rows == sorted(rows, key=lambda row: (by_harm(row.split("`")[1]), row))


@pytest.mark.parametrize("code", [code for code in NoteCode if NOTE_TEXTS[code].line])
def test_every_suggested_line_fits_into_the_config(code: NoteCode) -> None:
    line = config_line(code, 'A "quoted" field: x', "{odd} # value")
    raw = yaml.safe_load((ROOT / "config.example.yaml").read_text(encoding="utf-8"))
    suggested = yaml.safe_load(line)
    if "projects" in suggested:
        suggested["projects"] = [raw["projects"][0] | suggested["projects"][0]]
    environment = {"QACOMPLETE_USER": "u", "QACOMPLETE_PASSWORD": "p", "QASPHERE_API_KEY": "k"}
    config = parse_config(merged(raw, suggested), ROOT / "config.yaml", environment)
    assert set(suggested) <= set(type(config).model_fields)


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_error_code_is_explained(code: ErrorCode) -> None:
    assert f"| `{code.value.code}` |" in text_of(ROOT / "docs" / "errors.md")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_and_page_that_a_page_names_exists(page: Path) -> None:
    text = text_of(page)
    assert not [path for path in sorted(named_paths(text)) if not (ROOT / path).exists()]
    for link in sorted(links(text)):
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_map_names_every_folder_of_the_engine_and_where_each_thing_lives() -> None:
    paths = named_paths(text_of(ROOT / "docs" / "architecture.md"))
    assert len([path for path in paths if path.endswith(".py")]) > 40
    phases = {path.parent.name for path in (ROOT / "migrator" / "engine").glob("*/__init__.py")}
    assert {path.split("/")[2] for path in paths if path.startswith("migrator/engine/")} >= phases - {"receipts"}


def test_every_page_is_found_from_the_readme() -> None:
    """From the first page in two steps at most."""
    near = {(ROOT / link.partition("#")[0]).resolve() for link in links(text_of(ROOT / "README.md"))}
    nearby = {path for path in near if path.suffix == ".md"}
    further = {(page.parent / link.partition("#")[0]).resolve() for page in nearby for link in links(text_of(page))}
    lost = [name_of(page) for page in PAGES if page.name != "README.md" and page not in near | further]
    assert not lost


def test_every_page_has_one_place_in_the_book() -> None:
    """A new page gets its place in ``zensical.toml``."""
    places = navigation()
    assert len(places) == len(set(places))
    assert set(places) == {page.relative_to(ROOT).as_posix() for page in PAGES}


def test_the_readme_is_short_and_names_the_two_commands() -> None:
    text = text_of(ROOT / "README.md")
    assert "make demo" in text
    assert "make test" in text
    assert len(text.splitlines()) <= README_LINES


@pytest.mark.parametrize("command", [name for name, entry in COMMANDS.items() if not entry.hidden])
def test_every_command_is_in_the_list_of_commands(command: str) -> None:
    assert f"| `{command}" in text_of(ROOT / "docs" / "commands.md")


def test_the_glossary_has_few_words_in_order_and_each_on_one_line() -> None:
    words = re.findall(r"^\| ([a-z][a-z -]*) \| \S.* \|$", text_of(ROOT / "docs" / "glossary.md"), re.MULTILINE)
    assert 15 < len(words) <= MOST_WORDS
    assert words == sorted(set(words))


def test_decisions_have_numbers_of_their_own_and_a_subject() -> None:
    before, *subjects = text_of(ROOT / "docs" / "decisions.md").split("\n## ")
    numbers = [number for subject in subjects for number in re.findall(r"^- (\d+) · \*\*", subject, re.MULTILINE)]
    assert len(numbers) == len(set(numbers)) > 90
    assert not re.findall(r"^-? ?\d+[.·]", before, re.MULTILINE)
    for subject in subjects:
        title, *rest = subject.splitlines()
        assert not [line for line in rest if line and not line.startswith(("- ", "  "))], title


def test_the_changelog_has_this_version_and_what_is_not_released() -> None:
    versions = re.findall(r"^## (\S+)", text_of(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert versions[0] == "Unreleased"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__
    assert __version__ in versions


def test_the_licence_is_what_the_package_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    assert all("Apache License" in text_of(ROOT / name) for name in project["license-files"])


def test_every_package_says_that_it_has_types() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    packages = build["targets"]["wheel"]["packages"]
    assert [name for name in packages if not (ROOT / name / "py.typed").exists()] == []


@pytest.mark.parametrize("page", sorted(ROOT.glob("benchmarks/*.py")), ids=lambda page: page.stem)
def test_every_benchmark_is_explained(page: Path) -> None:
    if "__main__" in page.read_text(encoding="utf-8") and not page.stem.startswith("plain"):
        assert f"benchmarks.{page.stem} " in text_of(ROOT / "docs" / "performance.md")


def test_the_tables_of_texts_are_what_the_program_does_today() -> None:
    assert (ROOT / "docs" / "text.md").read_text(encoding="utf-8") == document()


def test_the_reference_of_the_config_is_what_the_program_takes_today() -> None:
    """Renew it with ``python -m tests.support.config_table >docs/config.md``."""
    assert (ROOT / "docs" / "config.md").read_text(encoding="utf-8") == config_table.document()


def test_the_reference_of_json_is_what_the_program_prints_today() -> None:
    """Renew it with ``python -m tests.support.json_table >docs/json.md``."""
    assert (ROOT / "docs" / "json.md").read_text(encoding="utf-8") == json_table.document()


def _as_pinned(library: str, pinned: dict[str, str]) -> bool:
    installed = version(library)
    return pinned.get(library, installed) == installed


def test_every_library_is_listed_with_a_licence_that_goes_with_ours() -> None:
    listed = set(text_of(ROOT / "docs" / "dependencies.md").splitlines())
    pinned = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if "==" in line
    )
    # other versions of a library may name its licence in other words
    compared = [line for line in licences.lines() if _as_pinned(line.split(" | ")[0][2:], pinned)]
    assert len(compared) > 30
    assert [line for line in compared if line not in listed] == []
    assert [name for name in licences.asked_for() if not licences.is_permitted(licences.licence_of(name))] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    direct = {re.split(r"[<>=]", line)[0].lower() for line in project["dependencies"]}
    assert {line.split(" | ")[0][2:] for line in listed if line.endswith("| us |")} == direct


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("MIT OR GPL-3.0-only", True),
        ("GPL-3.0-only", False),
        ("MIT AND LGPL-3.0-only", False),
        ("", False),
    ],
)
def test_which_licences_are_permitted(licence: str, expected: bool) -> None:
    assert licences.is_permitted(licence) is expected


def test_no_rule_about_security_is_switched_off_without_its_reason() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in rules["select"]
    assert [rule for rule in rules["ignore"] if re.match(r"S\d", rule)] == []
    for_tests = [place for place, ignored in rules["per-file-ignores"].items() if "S" in ignored]
    assert {place.split("/")[0] for place in for_tests} <= {"tests", "benchmarks"}
    silent = [
        f"{path.name}: {line.strip()}"
        for top in ("connectors", "mappings", "migrator", "state")
        for path in ROOT.glob(f"{top}/**/*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"# noqa: .*\bS\d+(?!.* - \S)", line)
    ]
    assert silent == []
