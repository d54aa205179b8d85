"""What reaches a terminal goes through one module, which makes foreign texts harmless and hides secrets."""

import ast
from collections.abc import Iterator

import pytest

from tests.support.rig import ROOT

OUT = "migrator/cli/output/terminal.py"
MAY_IMPORT_RICH = {OUT, "migrator/cli/output/progress.py"}
PRINTERS = {"print", "echo", "secho", "print_exc", "print_exception", "basicConfig", "StreamHandler"}
STREAMS = {"stdout", "stderr", "__stdout__", "__stderr__"}
FILES = sorted(path for top in ("connectors", "mappings", "migrator", "state") for path in ROOT.glob(f"{top}/**/*.py"))


def ways_out(code: str, *, rich: bool = False) -> Iterator[str]:
    """Yield every place where a program prints by itself. ``rich``: the library may be imported."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in PRINTERS:
                yield f"line {node.lineno}: {name}()"
            case ast.Attribute(value=ast.Name(id="sys"), attr=name) if name in STREAMS:
                yield f"line {node.lineno}: sys.{name}"
            case ast.ImportFrom(module="sys", names=names) if STREAMS & {alias.name for alias in names}:
                yield f"line {node.lineno}: from sys"
            case ast.Attribute(value=ast.Name(id="os"), attr="write"):
                yield f"line {node.lineno}: os.write"
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] == "rich" and not rich:
                yield f"line {node.lineno}: {module}"
            case ast.Import(names=names) if any(alias.name.split(".")[0] == "rich" for alias in names) and not rich:
                yield f"line {node.lineno}: rich"


def test_nothing_prints_past_the_one_module() -> None:
    assert len(FILES) > 250
    found = {}
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        ways = list(ways_out(path.read_text(encoding="utf-8"), rich=name in MAY_IMPORT_RICH))
        if ways and name != OUT:
            found[name] = ways
    assert found == {}


@pytest.mark.parametrize(
    "code",
    [
        "print(title)",
        "console.print(title)",
        "talk.print(f'[b]{title}')",
        "typer.echo(title)",
        "click.secho(title)",
        "sys.stdout.write(title)",
        "write = sys.stderr.write",
        "from sys import stderr",
        "os.write(2, title)",
        "traceback.print_exc()",
        "from rich import print as shout",
        "import rich.console",
        "from rich.console import Console",
        "logging.basicConfig()",
    ],
)
def test_a_way_out_is_seen(code: str) -> None:
    assert list(ways_out(code))
