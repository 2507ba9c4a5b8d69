"""A collector of OpenTelemetry on loopback: keeps what it is sent over HTTP, decoded as the protocol defines it."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status


@dataclass(frozen=True, slots=True)
class Span:
    """A span as a person sees it in a trace view."""

    name: str
    id: str
    parent: str
    trace: str
    began: int
    ended: int
    failed: bool
    words: str
    attributes: dict[str, Any]
    service: str


@dataclass(slots=True)
class Collector:
    """Attributes:
    bodies: everything that came, unpacked; headers: what came with it.
    status, location: what is answered.
    stuck: set to let go of callers that are kept waiting; None to answer at once.
    """

    status: int = 200
    location: str = ""
    stuck: threading.Event | None = None
    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    endpoint: str = ""

    def spans(self) -> list[Span]:
        found: list[Span] = []
        for body in self._of("/v1/traces"):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                service = _plain(resource.resource.attributes)["service.name"]
                for scope in resource.scope_spans:
                    found += [_span(span, service) for span in scope.spans]
        return found

    def gauges(self) -> dict[tuple[str, ...], float]:
        """The last value of each, by its name and the values of its attributes."""
        return self._points("gauge")

    def counters(self) -> dict[tuple[str, ...], float]:
        """The last value of each, by its name and the values of its attributes; of one process."""
        return self._points("sum")

    def _points(self, kind: str) -> dict[tuple[str, ...], float]:
        found: dict[tuple[str, ...], float] = {}
        for body in self._of("/v1/metrics"):
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for metric in (metric for scope in resource.scope_metrics for metric in scope.metrics):
                    if metric.WhichOneof("data") != kind:
                        continue
                    for point in getattr(metric, kind).data_points:
                        name = (metric.name, *map(str, _plain(point.attributes).values()))
                        found[name] = getattr(point, point.WhichOneof("value"))
        return found

    def everything(self) -> bytes:
        return b"\n".join(body for _, body in self.bodies)

    def _of(self, path: str) -> list[bytes]:
        return [body for where, body in self.bodies if where == path]

    @contextmanager
    def serving(self) -> Iterator[Collector]:
        """Serve until the block ends."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            if self.stuck:
                self.stuck.set()
            server.shutdown()
            server.server_close()
            thread.join()


def _span(span: Any, service: str) -> Span:
    began, ended = span.start_time_unix_nano, span.end_time_unix_nano
    failed = span.status.code == Status.STATUS_CODE_ERROR
    ids = (span.span_id.hex(), span.parent_span_id.hex(), span.trace_id.hex())
    words = " ".join([span.status.message, *(event.name for event in span.events)])
    return Span(span.name, *ids, began, ended, failed, words.strip(), _plain(span.attributes), service)


def _plain(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


def _handler(collector: Collector) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            packed = self.headers.get("Content-Encoding") == "gzip"
            collector.headers.append({name.lower(): value for name, value in self.headers.items()})
            collector.bodies.append((self.path, gzip.decompress(body) if packed else body))
            if collector.stuck:
                collector.stuck.wait(600)
                return
            self.send_response(collector.status)
            if collector.location:
                self.send_header("Location", collector.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

    return Handler
