"""What ``report`` has written, for people."""

from migrator.app.reports.archive import MANIFEST_SUFFIX
from migrator.app.reports.write import Written
from migrator.cli.output import result


def print_written(written: Written) -> None:
    """Name every file, with what is in it."""
    if written.html:
        result.print(f"wrote the report to {written.html}", markup=False)
    if written.crosswalk:
        result.print(f"wrote {written.items} items to {written.crosswalk}", markup=False)
    if written.archive and (manifest := written.manifest):
        kinds = ", ".join(f"{count} {kind}" for kind, count in manifest.kinds.items())
        result.print(f"wrote {manifest.lines} originals to {written.archive} ({kinds})", markup=False)
        result.print(f"SHA-256 {manifest.sha256}, also in {written.archive.name}{MANIFEST_SUFFIX}", markup=False)
