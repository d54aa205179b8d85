"""Workiva under the contract of all sources."""

from functools import partial

from aiohttp import web

from connectors.workiva import sandbox as workiva
from migrator.standin.log import RequestLog
from migrator.standin.options import StandInOptions
from migrator.testing.sources import MORE_THAN_A_PAGE, SourceFactory, served
from tests.support import workiva as workiva_support


def _build(options: StandInOptions, rows: int) -> tuple[web.Application, RequestLog]:
    data = workiva.generate(1, phases=1, matrices=1, samples=rows, attachments=rows // 2)
    if rows >= MORE_THAN_A_PAGE:
        data.forms = workiva.demo_data().forms + data.forms
        data.forms[0].attachments.clear()  # those of forms cannot be had
    switches = workiva.switches_of(options.profile)
    switches.page_size = 2  # more than one page of everything
    switches.polls_per_second = None
    stand_in = workiva.build(options, data, switches)
    return stand_in.app, stand_in.log


FACTORY = SourceFactory(
    name="workiva",
    start=served(_build),
    open=partial(workiva_support.open_source, concurrency=2, item_url="https://w.example/{form}{path}"),
    wrong={"client_secret": "not-the-secret"},
    secrets=(workiva.CLIENT_SECRET, "not-the-secret"),
    project="*",
    seen=workiva.ident("FIN-07"),
    visible=("(FIN-07 Manual journal entries)", "(IT-03 User access review)"),
    ref_kinds={
        "project": "workspace",
        "folder": "form|phase|matrix",
        "case": "overview|sample",
        "run": "run",
        "result": "result",
        "attachment": "attachment",
    },
    dated=False,
    in_project=False,
)
