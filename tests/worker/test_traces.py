"""Scans and jobs of a worker as a collector gets them, several at a time."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.simulators.gate import gate
from tests.simulators.otlp import Collector, Span
from tests.worker.companies import HURRIED, Company, company

PATIENT = """
import sync.worker.team as team
team.FIRST_WAIT = 3600.0
"""
"""A second try does not come in this test."""


@pytest.fixture
def firm(tmp_path: Path, postgres: Postgres) -> Iterator[Company]:
    with company(tmp_path, postgres.database()) as made:
        yield made


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector().serving() as served:
        yield served


def traces(collector: Collector) -> dict[str, tuple[Span, list[Span]]]:
    """Each root and what is below it, by the document's path; "" for a scan."""
    below = defaultdict(list)
    roots = {}
    for span in collector.spans():
        if span.parent:
            below[span.trace].append(span)
        else:
            roots[span.trace] = span
    assert below.keys() <= roots.keys()
    for trace, spans in below.items():
        root = roots[trace]
        assert all(one.parent == root.id and root.began <= one.began <= one.ended <= root.ended for one in spans)
    return {str(reported(root, "path") or ""): (root, below[trace]) for trace, root in roots.items()}


def reported(span: Span, name: str) -> object:
    return span.attributes.get(f"postmortem_sync.{name}")


def test_each_scan_and_each_job_is_a_trace_of_its_own(firm: Company, collector: Collector) -> None:
    firm.configure(more=f'[worker]\njobs = 6\n[telemetry]\nendpoint = "{collector.endpoint}"\n')
    firm.write(12)
    with gate(firm.world.jira, "POST", "/issue/bulk$") as creates:
        worker = firm.start("--drain")
        creates.wait_for(6)
    _, err = worker.communicate(timeout=90)
    assert worker.returncode == 0, err
    found = traces(collector)
    paths = {f"{n:04}.md" for n in range(1, 13)}
    assert found.keys() == {"", *paths}
    scan, below = found.pop("")
    assert (scan.name, reported(scan, "team")) == ("sync worker scan", "sync")
    assert (reported(scan, "outcome"), scan.failed) == ("done", False)
    assert {span.name for span in below} == {"GET"}

    made = {line["path"]: line["requests"]["jira"] for line in map(json.loads, err.splitlines()) if "path" in line}
    for path, (job, spans) in found.items():
        assert (job.name, reported(job, "team"), reported(job, "source")) == ("sync worker job", "sync", "docs")
        assert (reported(job, "outcome"), reported(job, "attempt"), job.failed) == ("done", 0, False)
        assert reported(job, "created") == 2
        (document,) = (span for span in spans if span.name == "postmortem")
        assert (reported(document, "source"), reported(document, "path"), reported(document, "created")) == (
            "docs",
            path,
            2,
        )
        # Trackers serve one job after another: each call is told where it was made.
        assert Counter(reported(span, "to") for span in spans if span is not document) == {"jira": made[path]}
    jobs = sorted((job.began, job.ended) for job, _ in found.values())
    assert any(later < ended for (_, ended), (later, _) in pairwise(jobs)), "none at the same time"

    counted = collector.counters()
    assert counted["postmortem_sync.worker.jobs", "sync", "done"] == 12
    assert counted["postmortem_sync.worker.scans", "sync", "done"] == 1
    assert firm.world.jira.secret.encode() not in collector.everything()
    assert b"Add alert" not in collector.everything()


def test_what_fails_is_told_without_a_word_of_it(firm: Company, collector: Collector) -> None:
    firm.configure(more=f'[telemetry]\nendpoint = "{collector.endpoint}"\n')
    firm.write(2)
    (firm.docs / "0002.md").chmod(0o444)
    firm.call("--drain", before=PATIENT)
    found = traces(collector)
    assert [(reported(job, "outcome"), job.failed) for job, _ in (found["0001.md"], found["0002.md"])] == [
        ("done", False),
        ("again", True),
    ]
    assert {span.words for root, below in found.values() for span in (root, *below)} == {""}
    assert collector.counters()["postmortem_sync.worker.jobs", "sync", "again"] == 1

    collector.bodies.clear()
    text = (firm.folder / "sync.toml").read_text()
    (firm.folder / "sync.toml").write_text(text.replace(firm.world.jira.base_url, "http://127.0.0.1:9"))
    firm.write(1, first=3)
    firm.call("--drain", before=HURRIED)
    scan, below = traces(collector)[""]
    assert (reported(scan, "outcome"), scan.failed) == ("done", True)
    assert {span.attributes.get("error.type") for span in below if span.name == "GET"} == {"ConnectionError"}
