"""Runs as OpenTelemetry's traces and metrics. Loaded only where they are wanted.

Figures, names of sources, paths of documents and hosts go out; no text, no address, no error's message.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, set_span_in_context

from sync import __version__
from sync.errors import SyncError
from sync.ports import Exchange
from sync.process.logs import log, redacted
from sync.run.summary import DocumentReport, Observer, Summary
from sync.telemetry.exposition import PREFIX
from sync.telemetry.metrics import Metrics
from sync.telemetry.tracing import Run, Telemetry, TracedObserver, Work

EXPORT_SECONDS = 3.0
"""For one batch, its repetitions included."""

FLUSH_SECONDS = 5.0
"""How long the end of the program is held up at most."""

QUEUE = 8192
"""Spans kept while the collector is slow; more are dropped."""

COMPLAINT_SECONDS = 3600.0
"""A collector that is away is told of once in this time."""


@contextmanager
def exporting(
    endpoint: str, headers: Mapping[str, str], service: str, session: Callable[[float], requests.Session]
) -> Iterator[Telemetry]:
    """Telemetry to a collector, until the block ends.

    Args:
        service: the name that the collector knows us by.
        session: makes one whose answers have so many seconds.
    """
    resource = Resource.create({"service.name": redacted(service), "service.version": __version__})
    base = endpoint.rstrip("/")
    with _complaints():
        spans = OTLPSpanExporter(
            f"{base}/v1/traces",
            headers=headers,
            timeout=EXPORT_SECONDS,
            compression=Compression.Gzip,
            session=session(EXPORT_SECONDS),
        )
        figures = OTLPMetricExporter(
            f"{base}/v1/metrics",
            headers=headers,
            timeout=EXPORT_SECONDS,
            compression=Compression.Gzip,
            session=session(EXPORT_SECONDS),
        )
        tracing = TracerProvider(resource=resource, shutdown_on_exit=False)
        tracing.add_span_processor(BatchSpanProcessor(spans, max_queue_size=QUEUE))
        metering = MeterProvider([PeriodicExportingMetricReader(figures)], resource, shutdown_on_exit=False)
        try:
            yield _Exported(tracing, metering)
        finally:
            _flush(tracing.shutdown, metering.shutdown)


def _flush(*ends: Callable[[], None]) -> None:
    threads = [threading.Thread(target=end, daemon=True) for end in ends]
    until = time.monotonic() + FLUSH_SECONDS
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
    except KeyboardInterrupt:
        log().warning("telemetry is lost", why="stopped while it was sent")  # the run itself is done
        return
    if any(thread.is_alive() for thread in threads):
        log().warning("telemetry is lost", why=f"the collector took longer than {FLUSH_SECONDS:.0f} s")


class _Complaints(logging.Handler):
    """OpenTelemetry complains of each attempt, at length: one line is enough."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._until = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        now = time.monotonic()
        if now >= self._until:
            self._until = now + COMPLAINT_SECONDS
            log().warning("telemetry is lost, or late", why=record.getMessage())


@contextmanager
def _complaints() -> Iterator[None]:
    logger, handler = logging.getLogger("opentelemetry"), _Complaints()
    before, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = before


class _Exported(Telemetry):
    """Telemetry that is on."""

    on = True

    def __init__(self, tracing: TracerProvider, metering: MeterProvider) -> None:
        self._tracer = tracing.get_tracer(PREFIX, __version__)
        self._figures = _Figures(metering)
        self._work = _Worked(metering)

    @contextmanager
    def work(self, kind: str, observer: Observer, about: Mapping[str, str | int]) -> Iterator[Work]:
        attributes = {
            f"{PREFIX}.{name}": redacted(value) if isinstance(value, str) else value for name, value in about.items()
        }
        span = self._tracer.start_span(f"sync worker {kind}", attributes=attributes)
        work = _TracedWork(observer, self._tracer, span)
        try:
            yield work
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            work.came_to("failed", failed=True)
            raise
        finally:
            self._work.tell(kind, str(about["team"]), work.outcome)
            span.end()

    @contextmanager
    def run(self, observer: Observer, dry_run: bool = False) -> Iterator[Run]:
        span = self._tracer.start_span("sync run", attributes={f"{PREFIX}.dry_run": dry_run})
        run = _TracedRun(observer, self._tracer, span, self._figures.tell)
        try:
            yield run
        except BaseException as error:
            run.failed(error)
            raise
        finally:
            span.end()


class _Below:
    """The spans of documents and calls below another one. Spans are put there by hand: threads do not mix them."""

    def __init__(self, tracer: Any, span: Span) -> None:
        self._tracer = tracer
        self._within = set_span_in_context(span)

    def observer(self, observer: Observer) -> TracedObserver:
        """Passes on, and makes the spans."""
        return TracedObserver(observer, self._document, self._call)

    def _document(self, report: DocumentReport) -> None:
        if report.earlier:
            return
        now = time.time_ns()
        summary = Summary(
            items=len(report.plan.changes) if report.plan else 0,
            skipped=int(bool(report.skipped)),
            failed=len(report.errors),
            written_back=int(report.after != report.before),
        )
        summary.count(report.outcomes, report.plan)
        about = {f"{PREFIX}.source": redacted(report.source), f"{PREFIX}.path": redacted(report.path)}
        began = int(report.began.timestamp() * 1e9) if report.began else now
        span = self._tracer.start_span(
            "postmortem", self._within, attributes=about | _counts(summary), start_time=began
        )
        if summary.failed:
            span.set_status(StatusCode.ERROR)
        span.end(now)

    def _call(self, to: str, made: Exchange) -> None:
        attributes: dict[str, str | int] = {
            f"{PREFIX}.to": redacted(to),
            "http.request.method": made.method,
            "server.address": made.host,
        }
        if made.port:
            attributes["server.port"] = made.port
        if made.status is not None:
            attributes["http.response.status_code"] = made.status
        wrong = made.error or (str(made.status) if made.status and made.status >= 400 else "")
        if wrong:
            attributes["error.type"] = wrong
        span = self._tracer.start_span(
            made.method, self._within, kind=SpanKind.CLIENT, attributes=attributes, start_time=made.began
        )
        if wrong:
            span.set_status(StatusCode.ERROR)
        span.end(made.ended)


class _TracedRun(Run):
    def __init__(self, observer: Observer, tracer: Any, span: Span, figures: Callable[[Metrics], None]) -> None:
        super().__init__(_Below(tracer, span).observer(observer))
        self.figures = figures
        self._span = span

    def ended(self, summary: Summary) -> None:
        self._span.set_attributes(_counts(summary))
        self._exit(summary.exit_status)

    def failed(self, error: BaseException) -> None:
        """An error ended it, after its end too."""
        self._span.set_attribute("error.type", type(error).__name__)
        interrupted = 130 if isinstance(error, KeyboardInterrupt) else 1
        self._exit(error.exit_status if isinstance(error, SyncError) else interrupted)

    def _exit(self, status: int) -> None:
        self._span.set_attribute(f"{PREFIX}.exit_status", status)
        if status:
            self._span.set_status(StatusCode.ERROR)


class _TracedWork(Work):
    def __init__(self, observer: Observer, tracer: Any, span: Span) -> None:
        super().__init__(_Below(tracer, span).observer(observer))
        self.outcome = ""
        self._span = span

    def ended(self, summary: Summary) -> None:
        self._span.set_attributes(_counts(summary))

    def came_to(self, outcome: str, failed: bool = False) -> None:
        self.outcome = outcome
        self._span.set_attribute(f"{PREFIX}.outcome", outcome)
        if failed:
            self._span.set_status(StatusCode.ERROR)


def _counts(summary: Summary) -> dict[str, int]:
    """The figures of a run or a document by the names that `--json` has for them."""
    return {f"{PREFIX}.{name}": value for name, value in summary.to_json().items() if isinstance(value, int)}


class _Worked:
    """How much a worker did; the figures of several workers add up."""

    def __init__(self, metering: MeterProvider) -> None:
        meter = metering.get_meter(PREFIX, __version__)
        self._counters = {
            "scan": meter.create_counter(f"{PREFIX}.worker.scans", "{scan}", "Scans that ended."),
            "job": meter.create_counter(f"{PREFIX}.worker.jobs", "{job}", "Jobs that ended."),
        }

    def tell(self, kind: str, team: str, outcome: str) -> None:
        self._counters[kind].add(1, {"team": redacted(team), "outcome": outcome})


class _Figures:
    """The figures of the last run as gauges: in Prometheus they have the names of the file that `--metrics` writes."""

    def __init__(self, metering: MeterProvider) -> None:
        meter = metering.get_meter(PREFIX, __version__)

        def gauge(name: str, unit: str, words: str) -> Any:
            return meter.create_gauge(f"{PREFIX}.{name}", unit, words)

        self._items = gauge("items", "{item}", "Action items of published postmortems.")
        self._overdue = gauge("items.overdue", "{item}", "Open action items past their due date.")
        self._in_time = gauge("items.in_time.ratio", "1", "Items finished by their first due date, of those due.")
        self._duration = gauge("run.duration", "s", "How long the last run took.")
        self._calls = gauge("run.calls", "{call}", "Calls over the network in the last run.")
        self._changes = gauge("run.changes", "{change}", "What the last run did.")
        self._failures = gauge(
            "run.failures", "{failure}", "Items, documents and trackers that failed in the last run."
        )
        self._ended = gauge("last_run.timestamp", "s", "When the last run ended.")
        self._success = gauge("last_success.timestamp", "s", "When the last run that failed in nothing ended.")

    def tell(self, metrics: Metrics) -> None:
        if counts := metrics.counts:
            for state, number in {"open": counts.open, "done": counts.done, "wontdo": counts.wontdo}.items():
                self._items.set(number, {"state": state})
            self._overdue.set(counts.overdue)
        if metrics.in_time and metrics.in_time.rate.share is not None:
            self._in_time.set(round(metrics.in_time.rate.share, 4))
        self._duration.set(round(metrics.seconds, 3))
        for to, number in metrics.calls.items():
            self._calls.set(number, {"to": redacted(to)})
        for change, number in metrics.changes.items():
            self._changes.set(number, {"change": change})
        self._failures.set(metrics.failures)
        self._ended.set(metrics.ended)
        if metrics.last_success:
            self._success.set(metrics.last_success)
