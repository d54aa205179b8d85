"""Rules of imports that hold for every connector there is, so that a new folder needs no entry in any list."""

import ast
from pathlib import Path

import grimp
import pytest

import connectors

ROOT = Path(connectors.__file__).parent
FOLDERS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
STAND_INS = [name for name in FOLDERS if (ROOT / name / "sandbox").is_dir()]


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("connectors", "mappings", "migrator", "state", cache_dir=None)


def _inside(imports: grimp.ImportGraph, package: str) -> set[str]:
    return {package} | imports.find_descendants(package)


def _imported_by(imports: grimp.ImportGraph, package: str) -> set[str]:
    """Return every module that the modules of a package import themselves."""
    inside = _inside(imports, package)
    return {found for module in inside for found in imports.find_modules_directly_imported_by(module)} - inside


def test_the_connectors_are_found() -> None:
    assert {"qacomplete", "qasphere", "workiva"} <= set(STAND_INS) <= set(FOLDERS)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_connector_knows_no_other(imports: grimp.ImportGraph, name: str) -> None:
    others = tuple(f"connectors.{other}" for other in FOLDERS if other != name)
    found = _imported_by(imports, f"connectors.{name}")
    assert found, "it imports nothing at all, so this could not fail"
    assert not [module for module in found if module in others or module.startswith(tuple(f"{o}." for o in others))]


@pytest.mark.parametrize("name", STAND_INS)
def test_a_stand_in_shares_no_code_with_its_client(imports: grimp.ImportGraph, name: str) -> None:
    sandbox = f"connectors.{name}.sandbox"
    found = _imported_by(imports, sandbox)
    assert found, "it imports nothing at all, so this could not fail"
    own = f"connectors.{name}."
    assert not [module for module in found if module.startswith((own, "migrator.http", "migrator.engine", "mappings"))]


def test_nothing_imports_in_a_circle(imports: grimp.ImportGraph) -> None:
    """Files of one package may ask each other, but never in a circle."""
    circles = [
        (module, imported)
        for module in sorted(imports.modules)
        for imported in imports.find_modules_directly_imported_by(module)
        if module < imported and imports.find_shortest_chain(imported, module)
    ]
    assert circles == []


# --- what the shape of files is held to -----------------------------------------------------------------------------

CODE = [
    path
    for name in ("migrator", "connectors", "mappings", "state")
    for path in sorted((ROOT.parent / name).rglob("*.py"))
    if not {"sandbox", "standin"} & set(path.parts)
]


def test_no_file_is_longer_than_a_person_reads_at_once() -> None:
    lines = {path.name: len(path.read_text().splitlines()) for path in CODE}
    assert {name: count for name, count in lines.items() if count > 400} == {}


def test_nothing_of_the_engine_is_made_of_more_than_five_arguments() -> None:
    found = [
        f"{path.name}: {made.name}"
        for path in CODE
        if "engine" in path.parts
        for made in ast.walk(ast.parse(path.read_text()))
        if isinstance(made, ast.ClassDef)
        for function in made.body
        if isinstance(function, ast.FunctionDef)
        and function.name == "__init__"
        and len(function.args.args) - 1 + len(function.args.kwonlyargs) > 5
    ]
    assert found == []


def test_only_the_workspace_runs_statements() -> None:
    found = [path.name for path in CODE if "state" not in path.parts and ".execute(" in path.read_text()]
    assert found == []
