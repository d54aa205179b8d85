"""Traces and metrics by OpenTelemetry: with a collector in this process, and where the extra is not installed."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from connectors.qacomplete.sandbox import USERNAME, generate
from connectors.qasphere.sandbox import ADMIN_KEY
from migrator.app.runtime.telemetry import Telemetry, telemetry_of
from migrator.core.errors import MigratorError
from migrator.core.events import Event, PhaseEnded, PhaseStarted, Said
from migrator.core.observe import NO_ANSWER, Attempted
from migrator.report.metrics import FAMILIES, PREFIX, Sample
from migrator.standin.serve import serve
from tests.support.rig import rig

WITHOUT = "the extra `otel` is not installed here; `make` installs it"
COLLECTOR = "OTEL_EXPORTER_OTLP_ENDPOINT"


def test_without_a_collector_nobody_is_told_and_nothing_is_said() -> None:
    heard: list[Event] = []
    assert type(telemetry_of("run", heard.append, {})) is Telemetry
    assert type(telemetry_of("run", heard.append, {COLLECTOR: "http://x", "OTEL_SDK_DISABLED": "true"})) is Telemetry
    assert heard == []


def test_a_collector_without_the_extra_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Event] = []
    monkeypatch.delitem(sys.modules, "migrator.app.runtime.otel", raising=False)
    for name in [name for name in sys.modules if name.split(".")[0] == "opentelemetry"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)  # as if it were not there
    assert type(telemetry_of("run", heard.append, {COLLECTOR: "http://127.0.0.1:4318"})) is Telemetry
    (said,) = heard
    assert isinstance(said, Said)
    assert "pip install 'qasphere-migrator[otel]'" in said.text
    assert COLLECTOR in said.text


def test_spans_are_those_of_the_command_its_phases_and_requests() -> None:
    pytest.importorskip("opentelemetry.sdk", reason=WITHOUT)
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: PLC0415 - an extra

    from migrator.app.runtime.otel import OpenTelemetry, otel_name  # noqa: PLC0415 - needs the extra

    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    traces = TracerProvider(shutdown_on_exit=False)
    traces.add_span_processor(SimpleSpanProcessor(spans))
    telemetry = OpenTelemetry("run", traces, MeterProvider([reader], shutdown_on_exit=False), lambda: None)

    def work() -> None:
        telemetry.heard(PhaseStarted("load", "12", 3))
        telemetry.attempted(Attempted("QA Sphere", "POST", "/api/x", "201", 1000.0, 0.5, 10, 20))
        telemetry.attempted(Attempted("QA Sphere", "GET", "/api/y", NO_ANSWER, 1001.0, 1.0, 0, 0))
        telemetry.heard(PhaseEnded("load", "12", 3))
        telemetry.heard(PhaseStarted("verify", "12", 3))  # is interrupted
        telemetry.measured([Sample("items", 3, {"kind": "case"}), Sample("requests_total", 2, {"status": "201"})])
        raise MigratorError("it broke")

    with pytest.raises(MigratorError), telemetry.around():
        work()
    by_name = {span.name: span for span in spans.get_finished_spans()}
    assert set(by_name) == {"migrator run", "load", "verify", "POST", "GET"}
    root = by_name["migrator run"]
    assert all(span.parent == root.context for name, span in by_name.items() if span is not root), by_name
    assert not root.status.is_ok
    assert (by_name["POST"].attributes or {})["http.response.status_code"] == 201
    assert (by_name["POST"].start_time, by_name["POST"].end_time) == (1000 * 10**9, 1000_500_000_000)
    assert (by_name["GET"].attributes or {})["error.type"] == NO_ANSWER
    assert (by_name["load"].attributes or {})["migrator.done"] == 3
    measured = reader.get_metrics_data()
    assert measured is not None
    document = measured.to_json()
    assert '"qasphere_migrator.requests"' in document
    assert '"is_monotonic": true' in document
    assert len({otel_name(family) for family in FAMILIES}) == len(FAMILIES)
    assert all(otel_name(family).startswith(PREFIX[:-1] + ".") for family in FAMILIES)


@asynccontextmanager
async def collector() -> AsyncIterator[tuple[str, dict[str, bytes]]]:
    """Serve what takes traces and metrics by HTTP; yield its address and path → all bodies."""
    got: dict[str, bytes] = {}

    async def take(request: web.Request) -> web.Response:
        got[request.path] = got.get(request.path, b"") + await request.read()
        return web.Response(content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/{kind}", take)
    async with serve(app) as url:
        yield url, got


async def test_a_run_goes_to_the_collector_without_secrets(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.sdk", reason=WITHOUT)
    async with collector() as (url, got), rig(tmp_path, generate(5)) as running:
        ended = await running.migrate("run", environment={COLLECTOR: url})
        assert ended.code == 0, ended.err
        assert b"migrator run" in got["/v1/traces"]
        assert b"http.request.method" in got["/v1/traces"]
        assert b"qasphere_migrator.items" in got["/v1/metrics"]
        for body in got.values():
            assert ADMIN_KEY.encode() not in body
            assert f"{USERNAME}:".encode() not in body
