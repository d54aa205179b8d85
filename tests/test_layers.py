"""Rules of imports that hold for every connector there is, so that a new folder needs no entry in any list."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
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


def _folder_circles(imports: grimp.ImportGraph, package: str) -> list[str]:
    """Return the imports between the folders and files of a package that are part of a circle.

    A folder counts as one with everything beneath it, a file of the package by itself.
    """
    parts = sorted(imports.find_children(package))
    owner = {module: part for part in parts for module in _inside(imports, part)}
    found = {
        (part, owner[imported]): f"{module} imports {imported}"
        for module, part in owner.items()
        for imported in imports.find_modules_directly_imported_by(module)
        if owner.get(imported, part) != part
    }
    order = {part: {to for start, to in found if start == part} for part in parts}
    try:
        TopologicalSorter(order).prepare()
    except CycleError as error:
        circle = error.args[1]  # each is imported by the next
        return [found[importer, imported] for imported, importer in pairwise(circle)]
    return []


def test_folders_import_each_other_one_way(imports: grimp.ImportGraph) -> None:
    packages = sorted(module for module in imports.modules if imports.find_children(module))
    assert {"migrator.engine", "migrator.app", "connectors.workiva", "connectors.qacomplete.read"} <= set(packages)
    assert {package: told for package in packages if (told := _folder_circles(imports, package))} == {}


def test_circles_of_folders_are_seen() -> None:
    """Though no file imports another in a circle."""
    graph = grimp.ImportGraph()
    for module in ("app", "app.plan", "app.plan.one", "app.plan.two", "app.load", "app.load.one", "app.load.two"):
        graph.add_module(module)
    graph.add_import(importer="app.plan.one", imported="app.load.one")
    assert _folder_circles(graph, "app") == []
    graph.add_import(importer="app.load.two", imported="app.plan.two")
    assert sorted(_folder_circles(graph, "app")) == [
        "app.load.two imports app.plan.two",
        "app.plan.one imports app.load.one",
    ]


# --- what the shape of files is held to -----------------------------------------------------------------------------

CODE = [
    path
    for name in ("migrator", "connectors", "mappings", "state")
    for path in sorted((ROOT.parent / name).rglob("*.py"))
    if not {"sandbox", "standin"} & set(path.parts)
]


_CALLS = {"execute", "executemany", "executescript", "query"}
"""What runs a statement, of a connection or a database."""
_DATABASES = {"sqlite3", "sqlite_utils"}


def _place(path: Path) -> str:
    return path.relative_to(ROOT.parent).as_posix()


def test_no_file_is_longer_than_a_person_reads_at_once() -> None:
    lines = {_place(path): len(path.read_text().splitlines()) for path in CODE}
    assert len(lines) == len(CODE)
    assert {name: count for name, count in lines.items() if count > 400} == {}


def _arguments(made: ast.ClassDef) -> int:
    """Return how many arguments make an instance. Frozen dataclasses are values: they have as many as it takes."""
    decorators = [ast.unparse(one) for one in made.decorator_list]
    if any("dataclass" in one for one in decorators):
        fields = sum(isinstance(part, ast.AnnAssign) and "init=False" not in ast.unparse(part) for part in made.body)
        return 0 if any("frozen=True" in one for one in decorators) else fields
    for function in made.body:
        if isinstance(function, ast.FunctionDef) and function.name == "__init__":
            own = function.args
            return len([*own.posonlyargs, *own.args]) - 1 + len(own.kwonlyargs)
    return 0


def _wide(source: str) -> list[str]:
    tree = ast.parse(source)
    return [made.name for made in ast.walk(tree) if isinstance(made, ast.ClassDef) and _arguments(made) > 5]


def test_nothing_of_the_engine_is_made_of_more_than_five_arguments() -> None:
    found = [f"{_place(path)}: {name}" for path in CODE if "engine" in path.parts for name in _wide(path.read_text())]
    assert found == []


_TOLD = re.compile(r"(?:^|[\s.;])((?:``[a-z_]+``(?:, )?)+)(?: \w+)?:")
"""Names of parameters or fields with what they are, in the midst of prose."""


def _told_in_prose(source: str) -> list[str]:
    """Return whose docstrings tell three or more parameters outside of ``Args:`` lines."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            prose = (ast.get_docstring(node) or "").partition("Args:")[0]
            if sum(names.count("``") // 2 for names in _TOLD.findall(prose)) > 2:
                found.append(node.name)
    return found


def test_many_parameters_are_told_line_by_line() -> None:
    files = [
        path for name in ("migrator", "connectors", "mappings", "state") for path in (ROOT.parent / name).rglob("*.py")
    ]
    found = {_place(path): told for path in files if (told := _told_in_prose(path.read_text()))}
    assert found == {}


def test_parameters_in_prose_are_seen() -> None:
    prose = "``one``: this; ``two``, ``three``: those."
    assert _told_in_prose(f'class A:\n    """Does. {prose}"""') == ["A"]
    assert _told_in_prose(f'def b():\n    """Do.\n\n    {prose}\n    """') == ["b"]
    assert _told_in_prose('def c():\n    """Do. ``one``: this; ``two``: that."""') == []
    assert _told_in_prose('def d():\n    """Do.\n\n    Args:\n        one: this.\n    """') == []


def _statements(source: str) -> list[str]:
    """Return what speaks SQL in a file: calls, and imports of the libraries for it."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CALLS:
            found.append(node.func.attr)
        elif isinstance(node, ast.Import):
            found += [one.name for one in node.names if one.name.partition(".")[0] in _DATABASES]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in _DATABASES:
            found.append(str(node.module))
    return found


def test_only_the_workspace_runs_statements() -> None:
    found = {
        _place(path): told for path in CODE if "state" not in path.parts and (told := _statements(path.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "db.conn.executemany(a, b)",
        "db.executescript(a)",
        "db.query(a)",
        "import sqlite3",
        "from sqlite_utils import db",
    ],
)
def test_statements_are_seen_in_every_shape(source: str) -> None:
    assert _statements(source)


def test_arguments_are_counted_in_every_shape() -> None:
    names = "one, two, three, four, five, six"
    fields = "".join(f"    {name}: int\n" for name in names.split(", "))
    assert _wide(f"class A:\n    def __init__(self, {names}): ...") == ["A"]
    assert _wide(f"class B:\n    def __init__(self, {names}, /): ...") == ["B"]
    assert _wide(f"class C:\n    def __init__(self, *, {names}): ...") == ["C"]
    assert _wide(f"@dataclass(slots=True)\nclass D:\n{fields}") == ["D"]
    assert _wide(f"@dataclass(frozen=True)\nclass E:\n{fields}") == []
