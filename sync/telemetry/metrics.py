"""The figures of a run for a monitoring system: as JSON values, and as a Prometheus text file. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.report.figures import Counts, InTime
from sync.telemetry.exposition import PREFIX, Exposition

_LAST_SUCCESS = f"{PREFIX}_last_success_timestamp_seconds"
_SAMPLE = re.compile(rf"(?m)^{_LAST_SUCCESS} ([0-9.eE+]+)$")


@dataclass(frozen=True, slots=True)
class Metrics:
    """What one run leaves behind.

    Attributes:
        version: of the program.
        ended: when the run ended, in seconds since the epoch; last_success when the last one that failed in
            nothing did, 0 for never.
        seconds: how long it took.
        calls: over the network, by tracker, or `source NAME`.
        changes: what was done, by what: created, updated, adopted, written_back, skipped, conflicts.
        counts: items by state; None when nothing could be counted.
        in_time: the share of items that were finished in their time; None as well.
    """

    version: str
    ended: float
    last_success: float
    seconds: float
    failures: int
    calls: Mapping[str, int] = field(default_factory=dict)
    changes: Mapping[str, int] = field(default_factory=dict)
    counts: Counts | None = None
    in_time: InTime | None = None

    def to_json(self) -> dict[str, Any]:
        """The same figures for `--json`."""
        counts, rate = self.counts, self.in_time.rate if self.in_time else None
        return {
            "items": {"open": counts.open, "done": counts.done, "wontdo": counts.wontdo} if counts else None,
            "overdue": counts.overdue if counts else None,
            "in_time": rate.to_json() if rate else None,
            "seconds": round(self.seconds, 3),
            "calls": sum(self.calls.values()),
            "failures": self.failures,
            "ended": round(self.ended, 3),
            "last_success": round(self.last_success, 3) or None,
        }


def text(metrics: Metrics) -> str:
    """The file, in the text exposition format; ends in a line end."""
    exposition = Exposition()
    add = exposition.add
    add("info", "The program that wrote this.", [({"version": metrics.version}, 1)])
    if counts := metrics.counts:
        states = {"open": counts.open, "done": counts.done, "wontdo": counts.wontdo}
        add("items", "Action items of published postmortems.", [({"state": s}, n) for s, n in states.items()])
        add("items_overdue", "Open action items past their due date.", [({}, counts.overdue)])
    if found := metrics.in_time:
        if found.rate.share is not None:
            add("items_in_time_ratio", found.definition, [({}, round(found.rate.share, 4))])
        rows = [({"severity": one.severity, "month": one.month}, one) for one in found.each]
        add("items_in_time", "Items done by their first due date.", [(names, one.rate.done) for names, one in rows])
        add("items_in_time_of", "Items whose first due date is over.", [(names, one.rate.of) for names, one in rows])
        add("items_in_time_unknown", "Items done on a day nobody knows.", [(names, one.unknown) for names, one in rows])
    add("run_duration_seconds", "How long the last run took.", [({}, round(metrics.seconds, 3))])
    add("run_calls", "Calls over the network in the last run.", [({"to": n}, v) for n, v in metrics.calls.items()])
    add("run_changes", "What the last run did.", [({"change": n}, v) for n, v in metrics.changes.items()])
    add("run_failures", "Items, documents and trackers that failed in the last run.", [({}, metrics.failures)])
    add("last_run_timestamp_seconds", "When the last run ended.", [({}, round(metrics.ended, 3))])
    if metrics.last_success:
        name = _LAST_SUCCESS.removeprefix(f"{PREFIX}_")
        add(name, "When the last run that failed in nothing ended.", [({}, round(metrics.last_success, 3))])
    return exposition.text()


def last_success(file: str) -> float:
    """When the last success was, out of the text of an earlier file; 0 when it does not say."""
    match = _SAMPLE.search(file)
    try:
        return float(match[1]) if match else 0.0
    except ValueError:
        return 0.0
