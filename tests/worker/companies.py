"""A company with postmortems, Jira and a PostgreSQL server; workers are processes of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.adapters.jira.worlds import JiraWorld
from tests.clocks import VirtualClock
from tests.simulators.jira_cloud import JiraCloud

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = "---\ndate: 2026-02-20\n---\n# Outage {n}\n\n## Action items\n\n- [ ] Add alert {n}\n- [ ] Move disk {n}\n"


HURRIED = """
from sync.cli import entry
from sync.wiring.teams import WorkerClock
from tests.clocks import hurry
hurry(setattr, WorkerClock)
entry()
"""


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
        self.program: tuple[str, ...] = ("-m", "sync.cli")

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

    def start(self, *arguments: str, command: str = "worker", hurried: bool = False) -> subprocess.Popen[str]:
        """The program in a process of its own, with `program` instead of `-m sync.cli` where that is set.

        Args:
            hurried: its waits for a tracker take no time.
        """
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SYNC_")}
        environment |= {"PYTHONPATH": str(ROOT), "SYNC_JIRA__TOKEN": self.world.jira.secret}
        return subprocess.Popen(
            [sys.executable, *(("-c", HURRIED) if hurried else self.program), command, *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )

    def call(
        self, *arguments: str, command: str = "worker", timeout: float = 90, hurried: bool = False
    ) -> tuple[int, str, str]:
        """Exit status, stdout and stderr."""
        process = self.start(*arguments, command=command, hurried=hurried)
        out, err = process.communicate(timeout=timeout)
        return process.returncode, out, err

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
        yield Company(folder, world, url)
    assert world.jira.violations == []
