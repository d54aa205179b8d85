"""The options by which ``plan``, ``run`` and ``verify`` take a part of what there is."""

from typing import Annotated

import typer

from migrator.engine.slice import Slice

ProjectOpt = Annotated[
    list[str] | None,
    typer.Option("--project", metavar="CODE", help="Only the project of this code in QA Sphere; may be repeated."),
]
FolderOpt = Annotated[
    str | None,
    typer.Option("--folder", metavar="PATH", help="Only what lies in this folder, as the source spells it: A/B."),
]
OnlyOpt = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="ID,…", help="Only these cases, by id at the source or by marker; may be repeated."),
]
LimitOpt = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=1, help="At most so many cases of each project.")
]


def slice_of(folder: str | None, only: list[str] | None, limit: int | None) -> Slice:
    """Return what the options leave of a project. One that is given and names nothing would take everything, as with
    a variable of the shell that is not set: a usage error."""
    ids = tuple(ident.strip() for given in only or () for ident in given.split(",") if ident.strip())
    path = "/".join(part.strip() for part in (folder or "").strip().strip("/").split("/"))
    for option, given, value in (("--only", only, ids), ("--folder", folder, path)):
        if given not in (None, []) and not value:
            raise typer.BadParameter(f"{option} is given without a value; leave it out to take everything")
    return Slice(ids=ids, folder=path, limit=limit)
