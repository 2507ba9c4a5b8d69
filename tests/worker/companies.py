"""A company with postmortems, Jira and a PostgreSQL server; workers are processes of their own."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from tests.adapters.jira.worlds import JiraWorld
from tests.clocks import VirtualClock
from tests.program import Started
from tests.simulators.jira_cloud import JiraCloud

DOCUMENT = "---\ndate: 2026-02-20\n---\n# Outage {n}\n\n## Action items\n\n- [ ] Add alert {n}\n- [ ] Move disk {n}\n"


HURRIED = """
from sync.wiring.teams import WorkerClock
from tests.clocks import hurry
hurry(setattr, WorkerClock)
"""
"""A worker's waits for a tracker take no time."""


class RealClock(VirtualClock):
    """The time as it is: workers are real processes."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Company:
    """Args:
    url: of an empty database.
    """

    def __init__(self, folder: Path, world: JiraWorld, url: str) -> None:
        self.folder = folder
        self.world = world
        self.url = url
        self.docs = folder / "docs"
        self.docs.mkdir()
        self.before = ""
        self.started: list[Started] = []

    def configure(self, name: str = "sync.toml", more: str = "", schema: str = "", source: str = "docs") -> None:
        """Write a settings file."""
        place = self.folder / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(
            f'tracker = "jira"\n[sources.{source}]\npath = "{self.folder}/{source}"\n'
            f"[limits]\nmax_age_days = 36500\nnew_tickets = 1000\n"
            f'[jira]\nbase_url = "{self.world.jira.base_url}"\nproject = "OPS"\nemail = "{self.world.site.me.email}"\n'
            f'[state]\nurl = "{self.url}"\npg_schema = "{schema}"\n{more}',
            encoding="utf-8",
        )

    def write(self, count: int, folder: str = "docs", first: int = 1) -> None:
        (self.folder / folder).mkdir(exist_ok=True)
        for n in range(first, first + count):
            (self.folder / folder / f"{n:04}.md").write_text(DOCUMENT.format(n=f"{folder} {n}"), encoding="utf-8")

    def start(self, *arguments: str, command: str = "worker", before: str = "") -> Started:
        """The program in a process of its own.

        Args:
            before: Python that is carried out before; `before` of the company is, as well.
        """
        environment = {"SYNC_JIRA__TOKEN": self.world.jira.secret}
        process = Started(self.folder, command, *arguments, environ=environment, before=self.before + before)
        self.started.append(process)
        return process

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(query).fetchall()

    def later(self, seconds: float = 3600.0, workers: Sequence[int] = ()) -> None:
        """Let time pass for the queue: whoever is dead has been silent for long, and what waits for its time is due.

        Args:
            workers: who is silent; empty for all.
        """
        with psycopg.connect(self.url) as connection:
            for what in (
                "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - make_interval(secs => %(seconds)s)"
                " WHERE cardinality(%(workers)s::bigint[]) = 0 OR id = ANY(%(workers)s)",
                "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - make_interval(secs => %(seconds)s)",
                "UPDATE procrastinate_periodic_defers SET defer_timestamp = defer_timestamp - %(seconds)s",
            ):
                connection.execute(what, {"seconds": seconds, "workers": list(workers)})

    def call(self, *arguments: str, command: str = "worker", before: str = "") -> tuple[int, str, str]:
        """Exit status, stdout and stderr."""
        process = self.start(*arguments, command=command, before=before)
        out, err = process.communicate()
        return process.wait(), out, err

    def end(self) -> None:
        """Kill what is still running."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.communicate()

    # what the truth is

    def tickets(self) -> Counter[str]:
        """Open tickets by title."""
        return Counter(issue.fields["summary"] for issue in self.world.site.issues)

    def wanted(self, folders: Sequence[str] = ("docs",)) -> set[str]:
        """The titles that the documents ask for."""
        found = set()
        for folder in folders:
            for path in (self.folder / folder).glob("*.md"):
                found |= set(re.findall(r"- \[[ x]\] ([\w ]+?)(?: \(|$)", path.read_text("utf-8"), re.MULTILINE))
        return found

    def linked(self, folder: str = "docs") -> int:
        """How many items link a ticket."""
        paths = (self.folder / folder).glob("*.md")
        return sum(len(re.findall(r"\(\[OPS-\d+\]\(", path.read_text("utf-8"))) for path in paths)


@contextmanager
def company(folder: Path, url: str) -> Iterator[Company]:
    world = JiraWorld(JiraCloud, RealClock())
    with world.jira.serving():
        made = Company(folder, world, url)
        try:
            yield made
        finally:
            made.end()
    assert world.jira.violations == []
