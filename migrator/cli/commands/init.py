"""``init``."""

from functools import partial
from typing import Annotated

import anyio
import typer

from connectors import source_names
from migrator.app.init import write as init_app
from migrator.cli.guard import guarded
from migrator.cli.options import JsonOpt
from migrator.cli.output.progress import waiting
from migrator.cli.output.terminal import print_json, result, say, talk
from migrator.core.plural import number


def init(
    context: typer.Context,
    connector: Annotated[str, typer.Option(help=f"Where from: {', '.join(source_names())}.")] = "qacomplete",
    destination_url: Annotated[
        str | None,
        typer.Option("--destination-url", help="Address of your QA Sphere, https://COMPANY.REGION.qasphere.com."),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="KEY=VALUE", help="A key of the source block, e.g. timezone=Europe/Berlin."),
    ] = None,
    as_json: JsonOpt = False,
) -> None:
    """Write a commented config. Proposes projects and mapping when both sides can be asked; never overwrites.

    They can be asked when --destination-url is given and the environment holds the credentials that the config names
    (for QAComplete QACOMPLETE_USER and QACOMPLETE_PASSWORD, for Workiva WORKIVA_CLIENT_ID and WORKIVA_CLIENT_SECRET,
    for QA Sphere QASPHERE_API_KEY). Secrets are not written.
    """

    def work() -> init_app.Initialised:
        given = init_app.settings_of(source or [])
        with waiting() as tell:
            write = partial(
                init_app.init,
                context.obj,
                connector=connector,
                destination_url=destination_url,
                source=given,
                tell=tell,
            )
            return anyio.run(write)

    answer = guarded(work, as_json=as_json)
    if as_json:
        print_json(answer.model_dump())
        return
    for line in answer.lines:
        say(result, line)
    if answer.inspected:
        say(talk, f"wrote {answer.path}, {number(len(answer.projects), 'project')}; read it, then: migrator check")
    else:
        wanted = ", ".join(answer.missing)
        say(talk, f"wrote {answer.path}, an example to fill in; to have it proposed, set {wanted}")
