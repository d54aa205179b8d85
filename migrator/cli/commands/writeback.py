"""``writeback``."""

from functools import partial
from typing import Annotated

import typer

from migrator.app import writeback as writeback_app
from migrator.app.writeback import WritebackResult
from migrator.cli.context import working
from migrator.cli.exit_codes import EXIT_ITEMS_FAILED
from migrator.cli.options import JsonOpt
from migrator.cli.output.terminal import print_json, result, say
from migrator.core.plural import number, plural

_SHOWN = 20
_WORDS = {
    "written": "written",
    "found": "found hanging there",
    "kept": "left before",
    "to_write": "to be written",
    "failed": "failed",
    "unknown": "in doubt",
}


def writeback(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be left; write nothing.")] = False,
    level: Annotated[
        str | None,
        typer.Option(help="What receipts hang on. QAComplete: test. Workiva: phase (as usual), matrix or sample."),
    ] = None,
    as_json: JsonOpt = False,
) -> None:
    """Leave a receipt in the source on everything that has moved: where it is now, as a small HTML file.

    The only command that writes to the source. Receipts cannot be taken away; what hangs there is never sent again.
    """
    answer = working(context.obj, partial(writeback_app.writeback, dry_run=dry_run, level=level), as_json=as_json)
    if as_json:
        print_json(answer.model_dump())
    else:
        _print(answer)
    if answer.has_failures:
        raise typer.Exit(EXIT_ITEMS_FAILED)


def _print(answer: WritebackResult) -> None:
    for trouble in answer.troubles[:_SHOWN]:
        say(result, (trouble["state"], "red"), f" {trouble['marker']}: {trouble['cause']}")
    if len(answer.troubles) > _SHOWN:
        say(result, f"… {len(answer.troubles) - _SHOWN} more; `--json` lists them all")
    counts = [f"{answer.receipts[key]} {words}" for key, words in _WORDS.items() if answer.receipts.get(key)]
    say(
        result,
        f"Receipts by {answer.level}, for {number(answer.items, 'item')}: {', '.join(counts) or 'none'}.",
    )
    if answer.nowhere:
        where = f"{answer.nowhere} {plural(answer.nowhere, 'item lies', 'items lie')} where the source takes no files"
        say(result, f"{where}; no receipt tells of that.")
    if answer.beside:
        count = len(answer.beside)
        verb = "would hang" if answer.dry_run else plural(count, "hangs", "hang")
        say(
            result,
            f"{count} {plural(count, 'receipt')} {verb} beside earlier ones that say something else and cannot be taken"
            f" away, such as {answer.beside[0]['name']}.",
        )
    if answer.dry_run:
        say(result, "Nothing was written.")
