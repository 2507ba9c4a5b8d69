"""A team with a folder and any tracker, that calls the program itself, wired by sync.toml and the environment."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.github.text import with_due, with_mark
from adapters.jira.issue import PROPERTY
from sync.cli import main
from sync.model import Ticket, TicketRef
from tests.adapters.github.worlds import TOKEN, GitHubWorld, github_world
from tests.adapters.jira.worlds import JiraWorld, world_of
from tests.canaries import MARK
from tests.clocks import hurry
from tests.contract.test_local_tracker import LocalWorld
from tests.contract.trackers import TrackerWorld
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_datacenter import JiraDataCenter
from tests.simulators.jira_site import Person

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


def of_version_1(team: Team, ticket: Ticket) -> None:
    """Its mark becomes what the first edition left there."""
    there, mark = team.there, ticket.mark
    assert mark
    base = mark.base
    due = base.due.isoformat() if base.due else None
    values = ["path:docs/a.md", "item-one", "words", base.title, list(base.owners), due, base.body]
    if isinstance(there, GitHubWorld):
        packed = base64.b64encode(json.dumps(values).encode()).decode().rstrip("=")
        issue = there.issue(ticket.ref)
        there.site.edit(issue, body=with_mark(issue.body, f"postmortem-sync:1:{packed}:"))
    elif isinstance(there, JiraWorld):
        there.site.edit(there.issue(ticket.ref), {}, {PROPERTY: {"v": 1, "mark": values}})
    elif isinstance(there, LocalWorld):
        with closing(sqlite3.connect(there.path)) as store, store:
            number = ticket.ref.key.rpartition("-")[2]
            query = "UPDATE tickets SET mark = ?, postmortem = ?, revision = revision + 100 WHERE number = ?"
            store.execute(query, (json.dumps(values), "path:docs/a.md", number))
            store.execute("UPDATE counter SET revision = revision + 100")


def rotates_its_token(team: Team, patch: pytest.MonkeyPatch) -> None:
    """The same account signs in with another token."""
    there = team.there
    if isinstance(there, GitHubWorld):
        there.site.tokens = {f"ghp_new_{MARK}": there.site.me}
        patch.setenv("SYNC_GITHUB__TOKEN", f"ghp_new_{MARK}")
        there.tracker = there.open(token=f"ghp_new_{MARK}")
    elif isinstance(there, JiraWorld):
        there.jira.secret = f"new-{MARK}"
        patch.setenv("SYNC_JIRA__TOKEN", there.jira.secret)
        there.tracker = there.open()


def replaces_its_account(team: Team, patch: pytest.MonkeyPatch) -> None:
    """Another account, with a token of its own, signs in."""
    there = team.there
    if isinstance(there, GitHubWorld):
        there.site.me = there.site.account("other-robot[bot]", "Bot")
    elif isinstance(there, JiraWorld):
        there.site.me = Person("5b10a2844c20165700other", "Other Robot", "other@example.org", login="other-robot")
        there.site.people.append(there.site.me)
    team.configure()
    rotates_its_token(team, patch)
