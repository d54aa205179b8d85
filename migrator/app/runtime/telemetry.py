"""OpenTelemetry where the extra ``otel`` is installed and the environment names a collector; else nothing at all."""

import importlib
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from migrator.core.events import Event, Listener, Said
from migrator.core.observe import Attempted
from migrator.report.metrics import Sample

_COLLECTORS = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
)
"""Variables that OpenTelemetry's specification gives to every program; one of them switches it on."""
_MISSING = "OpenTelemetry is asked for by {}, but is not installed: pip install 'qasphere-migrator[otel]'"


class Telemetry:
    """Takes what a command does, and tells nobody."""

    def attempted(self, attempt: Attempted) -> None:
        """Take an attempt at a request."""

    def heard(self, event: Event) -> None:
        """Take an event."""

    def measured(self, samples: Sequence[Sample]) -> None:
        """Take what ``metrics.prom`` says now."""

    def around(self) -> AbstractContextManager[None]:
        """Return what begins with the command, and ends with it."""
        return nullcontext()


class TelemetryListener:
    """Passes every event on, to telemetry first."""

    def __init__(self, telemetry: Telemetry, listener: Listener) -> None:
        self._telemetry = telemetry
        self._listener = listener

    def __call__(self, event: Event) -> None:
        """Take an event."""
        self._telemetry.heard(event)
        self._listener(event)


def telemetry_of(command: str, listener: Listener, environment: Mapping[str, str] = os.environ) -> Telemetry:
    """Return where a command tells what it does."""
    asked = [name for name in _COLLECTORS if environment.get(name)]
    if not asked or environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return Telemetry()
    try:
        module = importlib.import_module("migrator.app.runtime.otel")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("opentelemetry"):
            raise
        listener(Said(_MISSING.format(asked[0])))
        return Telemetry()
    found: Telemetry = module.exporting(command)
    return found
