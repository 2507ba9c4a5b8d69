"""More documents than are held together: memory, calls, and a run that a tracker's pace ends."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sync.errors import LimitReached, Throttled
from sync.model import DesiredTicket, State, TicketRef
from sync.ports import Created, Rewrite, WriteResult
from tests.worlds import Watcher, World

HEAD = "---\ndate: 2026-02-20\nstatus: published\n---\n# Outage {n}\n\n## Action items\n\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.chunk = 3
    return world


def fill(world: World, documents: int, start: int = 0, weight: int = 1) -> None:
    for n in range(start, start + documents):
        text = "The cache was cold. " * weight
        world.write(f"{n:03d}.md", f"{HEAD.format(n=n)}- [ ] Change {n} of this\n\n## Story\n\n{text}\n")


@dataclass
class Wrapped:
    """A port with some of its methods replaced; `what` tells them the real one."""

    real: Any
    ours: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return self.ours.get(name) or getattr(self.real, name)


def on(kind: str, **ours: Callable[..., Any]) -> Callable[[Any], Any]:
    """For `World.run`: ports that have `kind` get these methods, which are called with the real port first."""

    def wrap(port: Any) -> Any:
        if not hasattr(port, kind):
            return port
        return Wrapped(port, {name: lambda *a, f=f, **k: f(port, *a, **k) for name, f in ours.items()})

    return wrap


def test_each_document_is_worked_on_once_however_many_there_are(world: World) -> None:
    fill(world, 10)
    summary = world.run()
    assert (summary.created, summary.written_back, summary.failed) == (10, 10, 0)
    assert len(world.tickets()) == 10
    summary = world.run()
    assert (summary.created, summary.written_back, summary.unchanged) == (0, 0, 10)


def test_all_creates_are_counted_before_the_first(world: World) -> None:
    fill(world, 10)
    with pytest.raises(LimitReached, match="10 tickets"):
        world.run(new_tickets=9)
    assert world.tickets() == []


def test_tickets_are_looked_up_once_though_documents_are_planned_twice(world: World) -> None:
    fill(world, 10)
    world.run()
    asked: list[TicketRef] = []

    def lookup(tracker: Any, refs: Sequence[TicketRef]) -> Any:
        asked.extend(refs)
        return tracker.lookup(refs)

    world.run(fingerprint="new settings", wrap=on("lookup", lookup=lookup))
    assert len(asked) == len(set(asked)) == 10


class TestPace:
    """A tracker that makes four tickets a run."""

    def run(self, world: World) -> Any:
        left = 4

        def create(tracker: Any, desired_tickets: Sequence[DesiredTicket]) -> list[Created]:
            nonlocal left
            made = tracker.create(desired_tickets[:left])
            left -= len(made)
            return [*made, *(Created(error=Throttled("Enough.", "", 3000.0)) for _ in desired_tickets[len(made) :])]

        return world.run(wrap=on("batch_size", create=create))

    def test_ends_the_run_without_planning_the_rest_and_the_next_ones_go_on(self, world: World) -> None:
        fill(world, 12)
        first = self.run(world)
        assert first.created == 4
        reported = [error for report in world.watcher.reports for error in report.errors]
        assert any("6 documents are left to the next run." in error for error in reported)
        assert {report.path for report in world.watcher.reports if report.source} == {f"{n:03d}.md" for n in range(6)}
        assert [self.run(world).created for _ in range(3)] == [4, 4, 0]
        assert sorted(ticket.title for ticket in world.tickets()) == sorted(f"Change {n} of this" for n in range(12))

    def test_keeps_no_news_waiting_for_new_documents(self, world: World) -> None:
        fill(world, 1, start=900)
        world.run()
        fill(world, 12)
        world.person("LOCAL-1", state=State.DONE)
        self.run(world)
        assert "- [x]" in world.read("900.md")


def test_a_source_that_writes_together_writes_by_parts(world: World) -> None:
    fill(world, 8)
    sizes: list[int] = []

    def write(source: Any, rewrites: Sequence[Rewrite]) -> list[WriteResult]:
        sizes.append(len(rewrites))
        done: list[WriteResult] = source.write(rewrites)
        return done

    def wrap(port: Any) -> Any:
        wrapped = on("paths", write=write)(port)
        if isinstance(wrapped, Wrapped):
            wrapped.ours["together"] = True  # type: ignore[assignment]
        return wrapped

    assert world.run(wrap=wrap).written_back == 8
    assert sizes == [3, 3, 2]


def test_memory_does_not_grow_with_the_documents(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each document has a hundred thousand bytes; its name may stay."""

    def peak(documents: int, start: int) -> int:
        fill(world, documents, start, weight=5000)
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        world.run()
        return tracemalloc.get_traced_memory()[1] - before

    monkeypatch.setattr(Watcher, "document", lambda self, report: None)
    tracemalloc.start()
    try:
        peak(12, 0)
        few, many = peak(12, 100), peak(60, 200)
    finally:
        tracemalloc.stop()
    assert (many - few) / 48 < 20_000
