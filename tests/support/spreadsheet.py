"""Opening a CSV file as a spreadsheet does: a cell that begins with an equals sign becomes a formula."""

import csv
from pathlib import Path

from openpyxl import Workbook


def opened_in_spreadsheet(path: Path) -> list[dict[str, str]]:
    """Return the lines by column, through cells of a workbook; a formula anywhere is a failure."""
    sheet = Workbook().create_sheet()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line in csv.reader(file):
            sheet.append(line)
    cells = [list(row) for row in sheet.iter_rows()]
    assert [cell.coordinate for row in cells for cell in row if cell.data_type == "f"] == []
    header, *rows = [[str(cell.value or "") for cell in row] for row in cells]
    return [dict(zip(header, row, strict=True)) for row in rows]
