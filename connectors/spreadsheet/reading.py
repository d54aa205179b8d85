"""One pass over the tables of a project, and where in it a page begins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path

from connectors.spreadsheet.config import SpreadsheetSettings
from connectors.spreadsheet.convert import Converter
from connectors.spreadsheet.headers import Layout, ResultLayout, layout_of, mixed_in, results_of
from connectors.spreadsheet.results import ResultConverter
from connectors.spreadsheet.rows import Rows, cases_in
from connectors.spreadsheet.tables import Line, Table, files_at, tables_in
from migrator.core.base import digest_of
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.ports.source import Record

ALL = "*"
CASES, RUNS = "tests", "runs"
_HEADER_WITHIN = 20
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Known:
    """A table whose header was found.

    Args:
        header: its row.
        layout: of a table of cases; of one that has neither this nor ``results``, nothing is read.
        results: of a table of results.
        mixed: columns of results that a table of cases has.
    """

    table: Table
    layout: Layout | None
    header: int = 0
    results: ResultLayout | None = None
    mixed: tuple[str, ...] = ()

    def cases(self) -> Iterator[Rows]:
        """Read the cases in it."""
        return cases_in(self._below(), self.layout) if self.layout else iter(())

    def result_lines(self) -> Iterator[Line]:
        """Read the results in it."""
        return (line for line in self._below() if not line.is_empty) if self.results else iter(())

    def _below(self) -> Iterator[Line]:
        return (line for line in self.table.lines() if line.number > self.header)


def files_of(settings: SpreadsheetSettings, project: str) -> list[Path]:
    """Return the files of a project: of all, or of names with ``*`` and commas between them."""
    files = files_at(settings.path)
    if project == ALL:
        return files
    patterns = [part.strip() for part in project.split(",")]
    found = [file for file in files if any(fnmatchcase(file.name, pattern) for pattern in patterns)]
    if not found:
        names = [file.name for file in files[:_SHOWN]]
        more = len(files) - len(names)
        raise ConfigError(
            f"there is no file {project} in {settings.path}",
            code=ErrorCode.SOURCE_PROJECT,
            cause=f"there are: {', '.join(names)}" + (f" and {more} more" if more else ""),
            next_step='correct projects[].source in the config: "*" for all, or names of files',
        )
    return found


def known_tables(settings: SpreadsheetSettings, project: str) -> list[Known]:
    """Return the tables of a project; ``ConfigError`` when nothing can be read, or a column is nowhere."""
    found = [_known(table, settings) for table in tables_in(files_of(settings, project))]
    layouts = [one.layout for one in found if one.layout]
    if not layouts:
        raise _no_title(settings, [one.table for one in found])
    for name in layouts[0].missing:
        if all(name in layout.missing for layout in layouts):
            raise ConfigError(
                f"no table has a column “{layouts[0].missing[name]}”",
                cause=f"there are: {', '.join(dict.fromkeys(label for one in layouts for label in one.labels))}",
                next_step=f"correct source.columns.{name}",
            )
    return found


def _known(table: Table, settings: SpreadsheetSettings) -> Known:
    for line in islice(table.lines(), _HEADER_WITHIN):
        if results := results_of(line.cells, settings.results):
            return Known(table, None, line.number, results)
        if layout := layout_of(line.cells, settings.columns):
            return Known(table, layout, line.number, mixed=mixed_in(line.cells, settings.results))
    return Known(table, None)


def _no_title(settings: SpreadsheetSettings, tables: Sequence[Table]) -> ConfigError:
    lines = (line for table in tables for line in islice(table.lines(), _HEADER_WITHIN) if not line.is_empty)
    shown = ", ".join(cell for line in islice(lines, 1) for cell in line.cells if cell) or "nothing"
    wanted = f"“{settings.columns.title}”" if settings.columns.title else "for the title"
    return ConfigError(
        f"no table in {settings.path} has a column {wanted}",
        cause=f"its first row holds: {shown[:300]}",
        next_step="name the header in source.columns.title, or correct source.path",
    )


class Reading:
    """Reads a stream of a project from the start.

    Args:
        done: so many cases or results were taken.
        stamp: of the files.
        by_table: how many of each table, by its name.
    """

    def __init__(self, settings: SpreadsheetSettings, project: str, stream: str = CASES) -> None:
        self.done = 0
        self.stamp = stamp_of(files_of(settings, project))
        self.by_table: dict[str, int] = {}
        read = self._results if stream == RUNS else self._cases
        self._records = read(settings, project)

    def take(self, most: int) -> tuple[list[Record], bool]:
        """Return the records of the next cases or results, and whether these were the last ones."""
        taken = list(islice(self._records, most))
        self.done += len(taken)
        return [record for records in taken for record in records], len(taken) < most

    def _cases(self, settings: SpreadsheetSettings, project: str) -> Iterator[list[Record]]:
        names = frozenset(file.name for file in files_of(settings, project))
        converter = Converter(settings, outer_ids(project), names)
        for known in known_tables(settings, project):
            if not known.results:
                self.by_table[known.table.name] = 0
            if known.layout:
                for rows in known.cases():
                    self.by_table[known.table.name] += 1
                    yield list(converter.records(known.table, known.layout, rows))

    def _results(self, settings: SpreadsheetSettings, project: str) -> Iterator[list[Record]]:
        tables = known_tables(settings, project)
        converter = ResultConverter(settings, outer_ids(project))
        for known in tables:
            if known.results and "id" not in known.results.single:
                for line in known.result_lines():
                    converter.foresee(known.table, known.results, line)
        for known in tables:
            if known.results:
                self.by_table[known.table.name] = 0
                for line in known.result_lines():
                    self.by_table[known.table.name] += 1
                    yield list(converter.records(known.table, known.results, line))


def stamp_of(files: Sequence[Path]) -> str:
    """Return what changes when a file does."""
    stats = [(file.name, file.stat()) for file in files]
    return digest_of([[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats])[:12]


def outer_ids(project: str) -> tuple[str, ...]:
    """Return what the ids of a project begin with: items of two projects are not the same."""
    return () if project == ALL else (project,)
