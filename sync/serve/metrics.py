"""The figures of the receiver for Prometheus, in the text format or, where it asks for that, OpenMetrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from sync.serve.intake import DeliveryCounts, Intake
from sync.telemetry.exposition import PREFIX


class Deliveries(Collector):
    """What came in, what it led to, and what is left to do, read when it is asked for."""

    def __init__(self, counts: DeliveryCounts, intakes: Mapping[str, Intake]) -> None:
        self._counts = counts
        self._intakes = intakes

    def collect(self) -> Iterator[Metric]:
        """The families. Raises JournalError."""
        deliveries = CounterMetricFamily(
            f"{PREFIX}_deliveries", "Events that came in.", labels=["team", "sender", "outcome"]
        )
        for labels, number in sorted(self._counts.deliveries.items()):
            deliveries.add_metric(labels, number)
        documents = CounterMetricFamily(
            f"{PREFIX}_deliveries_documents", "Documents that events led to.", labels=["team"]
        )
        waiting = GaugeMetricFamily(
            f"{PREFIX}_deliveries_waiting", "Events that are not dealt with yet.", labels=["team"]
        )
        at_work = GaugeMetricFamily(f"{PREFIX}_desk_up", "Whether events are dealt with.", labels=["team"])
        for team, intake in sorted(self._intakes.items()):
            documents.add_metric([team], self._counts.documents[team])
            waiting.add_metric([team], len(intake.dispatcher.inbox.left()))
            at_work.add_metric([team], int(intake.dispatcher.alive))
        yield from (deliveries, documents, waiting, at_work)


class ReceiverFigures:
    """Everything that `/metrics` tells: of deliveries and of this process."""

    def __init__(self, counts: DeliveryCounts, intakes: Mapping[str, Intake]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(Deliveries(counts, intakes))
        ProcessCollector(registry=self._registry)

    def page(self, accept: str) -> tuple[bytes, str]:
        """The answer to a request with this `Accept` header, and its content type. Raises JournalError."""
        encode, kind = choose_encoder(accept)
        return encode(self._registry), kind
