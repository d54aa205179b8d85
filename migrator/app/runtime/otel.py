"""Spans of commands, phases and requests, and the metrics of ``metrics.prom``, for OpenTelemetry.

Needs the extra ``otel``; nothing but ``telemetry.py`` imports this. Attributes after the semantic conventions for HTTP
clients: https://opentelemetry.io/docs/specs/semconv/http/http-spans/.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation
from opentelemetry.sdk.metrics import MeterProvider as ExportingMeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider as ExportingTracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, TracerProvider, set_span_in_context

from migrator import __version__
from migrator.app.runtime.telemetry import Telemetry
from migrator.core.events import Event, PhaseEnded, PhaseStarted
from migrator.core.observe import NO_ANSWER, Attempted
from migrator.core.redact import hidden
from migrator.report.metrics import FAMILIES, PREFIX, Family, Sample

_SCOPE = "qasphere-migrator"
_UNITS = {"seconds": "s", "bytes": "By"}


class OpenTelemetry(Telemetry):
    """Tells the spans and metrics of one command. ``close``: flushes and ends both providers."""

    def __init__(self, command: str, traces: TracerProvider, metrics: MeterProvider, close: Callable[[], None]) -> None:
        self._command = command
        self._tracer = traces.get_tracer(_SCOPE, __version__)
        self._close = close
        self._root: Span | None = None
        self._phases: dict[tuple[str, str], Span] = {}
        self._samples: Sequence[Sample] = ()
        meter = metrics.get_meter(_SCOPE, __version__)
        for family in FAMILIES:
            make = meter.create_observable_counter if family.type == "counter" else meter.create_observable_gauge
            make(otel_name(family), [partial(self._observed, family)], _unit(family), family.help)

    @contextmanager
    def around(self) -> Iterator[None]:
        """Hold the span of the command while the block runs; every other one is its child."""
        self._root = self._tracer.start_span(f"migrator {self._command}")
        try:
            yield
        except BaseException as error:
            self._root.set_status(StatusCode.ERROR, hidden(str(error)))
            raise
        finally:
            for span in self._phases.values():  # a phase that was interrupted has no end of its own
                span.end()
            self._root.end()
            self._close()

    def heard(self, event: Event) -> None:
        """Begin or end the span of a phase."""
        if isinstance(event, PhaseStarted):
            self._end_phase(event.project, event.phase)
            attributes = {"migrator.phase": event.phase, "migrator.project": event.project}
            span = self._tracer.start_span(event.phase, self._parent(), attributes=attributes)
            self._phases[event.project, event.phase] = span
        elif isinstance(event, PhaseEnded):
            span_of_phase = self._phases.get((event.project, event.phase))
            if span_of_phase:
                span_of_phase.set_attribute("migrator.done", event.done)
            self._end_phase(event.project, event.phase)

    def attempted(self, attempt: Attempted) -> None:
        """Tell a span that has passed already."""
        answered = attempt.status != NO_ANSWER
        attributes: dict[str, str | int] = {
            "http.request.method": attempt.method,
            "peer.service": attempt.service,
            "url.path": hidden(attempt.path),
            "http.request.body.size": attempt.sent,
            "http.response.body.size": attempt.received,
        }
        if answered:
            attributes["http.response.status_code"] = int(attempt.status)
        began = int(attempt.began_at * 1e9)
        span = self._tracer.start_span(
            attempt.method, self._parent(), kind=SpanKind.CLIENT, attributes=attributes, start_time=began
        )
        if not answered or int(attempt.status) >= 400:
            span.set_attribute("error.type", attempt.status)
            span.set_status(StatusCode.ERROR)
        span.end(began + int(attempt.seconds * 1e9))

    def measured(self, samples: Sequence[Sample]) -> None:
        """Keep the newest values for the next export."""
        self._samples = samples

    def _parent(self) -> Context | None:
        return set_span_in_context(self._root) if self._root else None

    def _end_phase(self, project: str, phase: str) -> None:
        span = self._phases.pop((project, phase), None)
        if span:
            span.end()

    def _observed(self, family: Family, _options: CallbackOptions) -> Iterable[Observation]:
        return [
            Observation(sample.value, dict(sample.labels)) for sample in self._samples if sample.family == family.name
        ]


def otel_name(family: Family) -> str:
    """Return the name of a family as OpenTelemetry has it: what says that a counter counts is left to the reader."""
    return f"{PREFIX.removesuffix('_')}.{family.name.removesuffix('_total')}"


def exporting(command: str) -> OpenTelemetry:
    """Return telemetry that goes where the environment says (``OTEL_EXPORTER_OTLP_…``), by HTTP."""
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": _SCOPE}
    resource = Resource.create({**named, "service.version": __version__})
    traces = ExportingTracerProvider(resource=resource, shutdown_on_exit=False)
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    metrics = ExportingMeterProvider([reader], resource, shutdown_on_exit=False)

    def close() -> None:
        traces.shutdown()
        metrics.shutdown()

    return OpenTelemetry(command, traces, metrics, close)


def _unit(family: Family) -> str:
    words = family.name.removesuffix("_total").split("_")
    return next((unit for word, unit in _UNITS.items() if word in words), "1")
