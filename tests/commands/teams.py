"""A team with a folder and any tracker, that calls the program itself, wired by sync.toml and the environment."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.github.text import with_due
from sync.cli import main
from sync.model import Ticket, TicketRef
from tests.adapters.github.worlds import TOKEN, GitHubWorld, github_world
from tests.adapters.jira.worlds import JiraWorld, world_of
from tests.clocks import hurry
from tests.contract.test_local_tracker import LocalWorld
from tests.contract.trackers import TrackerWorld
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_datacenter import JiraDataCenter

HEAD = "---\ndate: 2026-02-20\nstatus: published\n---\n# Outage\n\n## Action items\n\n"
TRACKERS = ("local", "github", "jira cloud", "jira datacenter")


@dataclass
class Said:
    """A call of the program."""

    status: int
    out: str
    err: str

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Team:
    """Whoever calls the program in a folder."""

    def __init__(
        self, folder: Path, there: TrackerWorld, kind: str, patch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self.there = there
        self.kind = kind
        self._patch = patch
        self._capfd = capfd
        (folder / "docs").mkdir()
        patch.chdir(folder)
        hurry(patch.setattr)
        self.configure()

    def configure(self, **more: str) -> None:
        """Write sync.toml; `more` are lines for a section."""
        sections = {"limits": "max_age_days = 36500", "sources.docs": 'path = "docs"', **self._tracker(), **more}
        name = self.kind.split()[0]
        text = f'tracker = "{name}"\n' + "".join(f"[{section}]\n{lines}\n" for section, lines in sections.items())
        (self.folder / "sync.toml").write_text(text, encoding="utf-8")

    def _tracker(self) -> dict[str, str]:
        there = self.there
        if isinstance(there, GitHubWorld):
            self._patch.setenv("SYNC_GITHUB__TOKEN", TOKEN)
            return {"github": f'base_url = "{there.github.base_url}"\nrepository = "{there.project}"'}
        if isinstance(there, JiraWorld):
            self._patch.setenv("SYNC_JIRA__TOKEN", there.jira.secret)
            email = f'\nemail = "{there.site.me.email}"' if there.cloud else ""
            return {"jira": f'base_url = "{there.jira.base_url}"\nproject = "OPS"{email}'}
        return {"local": 'path = "../tickets.db"'}

    def call(self, *arguments: str) -> Said:
        self._capfd.readouterr()
        status = main(list(arguments))
        said = self._capfd.readouterr()
        return Said(status, said.out, said.err)

    def put(self, *lines: str, path: str = "a.md", title: str = "Outage") -> None:
        text = HEAD.replace("# Outage", f"# {title}") + "".join(f"- [ ] {line}\n" for line in lines)
        (self.folder / "docs" / path).write_text(text, encoding="utf-8")

    def replace(self, old: str, new: str, path: str = "a.md") -> None:
        text = self.read(path)
        assert old in text
        (self.folder / "docs" / path).write_text(text.replace(old, new), encoding="utf-8")

    def read(self, path: str = "a.md") -> str:
        return (self.folder / "docs" / path).read_text(encoding="utf-8")

    def line(self, words: str, path: str = "a.md") -> str:
        return next(line for line in self.read(path).splitlines() if words in line)

    def loses_its_journal(self) -> None:
        shutil.rmtree(self.folder / ".postmortem-sync")

    def tickets(self) -> list[Ticket]:
        """Every ticket with our label, the oldest first."""
        self.there.settle()
        tracker = self.there.tracker
        found = tracker.changed(tracker.project_of(""), "").tickets
        return sorted(found, key=lambda ticket: (ticket.created, len(ticket.ref.key), ticket.ref.key))

    def ticket(self, title: str) -> Ticket:
        (found,) = [ticket for ticket in self.tickets() if ticket.title == title]
        return found

    def person_dates(self, ref: TicketRef, day: date) -> None:
        """A person gives a ticket another due date."""
        there = self.there
        if isinstance(there, GitHubWorld):
            issue = there.issue(ref)
            there.site.edit(issue, body=with_due(issue.body, day))
        elif isinstance(there, JiraWorld):
            there.site.edit(there.issue(ref), {"duedate": day.isoformat()}, {})
        elif isinstance(there, LocalWorld):
            there.tracker.edit(ref.key, due=day)

    def asked(self) -> list[dict[str, Any]]:
        """What `sync resolve` lists."""
        return self.call("resolve", "--json").lines()


@contextmanager
def team_on(kind: str, folder: Path, patch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Team]:
    """A team on a tracker of that kind, whose clock is that of the program."""
    home = folder / "team"
    home.mkdir()
    if kind == "local":
        local = LocalWorld(folder / "tickets.db")
        yield Team(home, local, kind, patch, capfd)
        local.tracker.close()
    elif kind == "github":
        with github_world(due="body") as github:
            github.clock.set(datetime.now(UTC) - timedelta(minutes=5))
            yield Team(home, github, kind, patch, capfd)
            # The program keeps real time here, and the simulator's clock stands still.
            github.github.hasty = 0
    else:
        with world_of(JiraCloud if kind == "jira cloud" else JiraDataCenter) as jira:
            jira.clock.set(datetime.now(UTC) - timedelta(minutes=5))
            yield Team(home, jira, kind, patch, capfd)
