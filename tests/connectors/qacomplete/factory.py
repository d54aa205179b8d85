"""QAComplete under the contract of all sources."""

from functools import partial

from aiohttp import web

from connectors.qacomplete import sandbox as qacomplete
from migrator.standin.log import RequestLog
from migrator.standin.options import StandInOptions
from migrator.testing.sources import MORE_THAN_A_PAGE, SourceFactory, served
from tests.support.services import open_qacomplete


def _build(options: StandInOptions, rows: int) -> tuple[web.Application, RequestLog]:
    data = qacomplete.demo_data()
    first = data.projects[0].id
    # more than one page of everything
    data.users += [qacomplete.User(100 + n, "Tester", f"No {n}", f"tester{n}@acme.example") for n in range(40)]
    data.folders += [qacomplete.Folder(500 + n, first, f"Sprint {n}", 101) for n in range(40)]
    qacomplete.add_sample(data)
    qacomplete.add_items(data, rows)
    if rows >= MORE_THAN_A_PAGE:
        qacomplete.add_history(data)
        qacomplete.add_files(data)
    qacomplete.generate_runs(data, rows, 2)
    stand_in = qacomplete.build(options, data)
    return stand_in.app, stand_in.log


FACTORY = SourceFactory(
    name="qacomplete",
    start=served(_build, qacomplete.BASE_PATH),
    # the address of an item would name the port that a stand-in happened to get
    open=partial(
        open_qacomplete,
        page_size=25,
        concurrency=16,
        item_url="https://q.example/{project}/{id}",
        requirement_url="https://q.example/{project}/r/{id}",
    ),
    wrong={"password": "not-the-password"},
    secrets=(qacomplete.PASSWORD, "not-the-password"),
    project="12",
    seen="12",
    visible=("12 (Web shop)", "13 (Mobile app)", "14 (Till software (retired))"),
    ref_kinds={
        "project": "project",
        "user": "user",
        "folder": "folder",
        "case": "test",
        "milestone": "release",
        "configuration": "configuration",
        "requirement": "requirement",
        "defect": "defect",
        "test_set": "test_set",
        "comment": "note",
        "link": "link",
        "run": "run",
        "result": "result",
        "attachment": "file",
    },
)
