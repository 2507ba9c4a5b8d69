"""Teams that live through runs, people's changes and a lost journal, while one answer is unexpected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from adapters.files.source import FilesSource
from adapters.github.source import GitHubSource
from adapters.github.tracker import GitHubTracker
from adapters.jira.tracker import JiraTracker
from sync.errors import SyncError
from sync.journal.open import open_journal
from sync.plan import Policy
from sync.ports import Reminder, Source, Tracker
from sync.run.desired import Resolver
from sync.run.engine import Engine, Request
from sync.run.people import People, Person
from sync.run.routes import Destination
from sync.run.summary import DocumentReport
from tests.canaries import MARK
from tests.clocks import VirtualClock
from tests.simulators import jira_spec
from tests.simulators.github_server import GitHub
from tests.simulators.github_site import Site as GitHubSite
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_datacenter import JiraDataCenter
from tests.simulators.jira_rest import JiraRest
from tests.simulators.jira_site import Site as JiraSite
from tests.simulators.jira_wire import Answer, Asked, Wire
from tests.simulators.openapi import Description
from tests.simulators.shortcut import reaching
from tests.worlds import Watcher

CHECKOUT = """---
date: 2026-02-20
---
# Checkout outage

## Action items

- [ ] Alert on replica lag (owner: Ana Lima, due: 2026-04-03)
- [ ] Document the failover (owner: @bo)
- [ ] Drop the old queue (owner: Somebody Unknown)
"""
LOGIN = """---
date: 2026-02-25
---
# Login latency

| Action | Owner | Due | Ticket | Status |
|---|---|---|---|---|
| Cache the session lookup | Ana Lima | 2026-05-01 | | Open |
| Test the fallback | @bo | | | Open |
"""
ORIGINALS = {"checkout.md": CHECKOUT, "login.md": LOGIN}
OWNERS = {"lag": {"ana"}, "failover": {"bo", "ana"}, "queue": set(), "session": {"ana"}, "fallback": {"bo"}}
"""Who may be assigned to the ticket with this word in its title."""

Change = Callable[[Any], Any]


@dataclass
class Line(Wire):
    """The server between a team and its simulator: it tells what it answered, and makes one answer unexpected.

    Attributes:
        at: number of the call whose answer is changed, from 0; -1 for none.
        answers: (call, what was answered) of every call so far.
    """

    server: Wire
    at: int = -1
    change: Change = lambda body: body
    keep: bool = False
    answers: list[tuple[Asked, Answer]] = field(default_factory=list)
    count: int = 0
    unexpected: Asked | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def answer(self, asked: Asked) -> Answer | None:
        self.server.base_url = self.base_url
        answer = self.server.answer(asked)
        number, self.count = self.count, self.count + 1
        if answer is None:
            return None
        if self.keep:
            self.answers.append((asked, answer))
        if number == self.at:
            self.unexpected = asked
            return Answer(answer.status, self.change(answer.body), answer.headers)
        return answer


class Team:
    """Two documents and five items. Every run opens everything anew, as a process would.

    Attributes:
        reported: what went wrong, as the team was told it; wrong: what must not happen, seen on the way.
    """

    name = ""

    def __init__(self, folder: Path, wire: Wire, address: str) -> None:
        self.clock = VirtualClock()
        self.folder = folder
        self.line = Line(wire)
        self.address = address
        self.reported: list[str] = []
        self.wrong: list[str] = []

    # of each tracker

    def tracker(self) -> Tracker:
        raise LookupError

    def source(self) -> Source:
        raise LookupError

    def documents(self) -> dict[str, str]:
        raise LookupError

    def save(self, name: str, text: str) -> None:
        raise LookupError

    def tickets(self) -> dict[str, tuple[str, set[str]]]:
        """Title and assignees by key."""
        raise LookupError

    def people_act(self) -> None:
        """One ticket is done, one is not to be done, one gets another assignee."""
        raise LookupError

    # what happens

    def steps(self) -> Iterator[str]:
        """The story; yields after each step."""
        yield self._reported("the first run", self.run)
        for _ in range(2):
            if len(self.tickets()) < len(OWNERS):
                yield self._reported("one more first run", self.run)
        self.people_act()
        yield self._reported("a run after people's changes to tickets", self.run)
        text = self.documents()["checkout.md"]
        self.save("checkout.md", text.replace("the old queue", "the old queue now").replace("04-03", "04-10"))
        yield self._reported("a run after a change of a document", self.run)
        self.forget()
        self.save("login.md", LOGIN)
        yield self._reported("a run without journal and links", self.run)
        yield self._reported("the doctor", self.doctor)
        yield self._reported("reminders", self.remind)

    def run(self) -> None:
        watcher = Watcher()
        journal = open_journal(f"sqlite:///{self.folder}/journal.db")
        tracker, source = self.tracker(), self.source()
        resolver = Resolver(
            {tracker.name: tracker},
            Destination(tracker.name, ""),
            People([Person("Ana Lima", {"github": "ana", "jira": "ana@example.org"})]),
        )
        engine = Engine(
            sources={"docs": source},
            trackers={tracker.name: tracker},
            resolver=resolver,
            journal=journal,
            clock=self.clock,
            policy=Policy(today=date(2026, 3, 1)),
            observer=watcher,
        )
        try:
            summary = engine.run(Request())
            if summary.failed or summary.conflicts:
                self.reported += [note for report in watcher.reports for note in _notes(report)] or ["failed"]
        finally:
            journal.close()
            tracker.close()
            source.close()

    def doctor(self) -> None:
        tracker, source = self.tracker(), self.source()
        findings = [*tracker.check(), *source.check()]
        self.reported += [found.detail for found in findings if not found.well]
        tracker.close()
        source.close()

    def remind(self) -> None:
        tracker = self.tracker()
        assert isinstance(tracker, Reminder)
        since = self.clock.now() - timedelta(days=7)
        for ticket in list(tracker.changed(tracker.project_of(""), "").tickets):
            if ticket.assignees and not tracker.reminded(ticket, since):
                tracker.remind(ticket, "a reminder")
                if not tracker.reminded(ticket, since):
                    self.wrong.append(f"{ticket.ref.key} would be reminded again")
        tracker.close()

    def forget(self) -> None:
        for path in self.folder.glob("journal.db*"):
            path.unlink()

    def _reported(self, step: str, happens: Callable[[], None]) -> str:
        try:
            happens()
        except SyncError as error:
            self.reported.append(f"{type(error).__name__}: {error}")
        self.clock.sleep(3600)
        return step


class GitHubTeam(Team):
    """Documents and tickets on GitHub; due dates in an issue field."""

    name = "github"
    due = "auto"

    def __init__(self, folder: Path) -> None:
        self.site = GitHubSite(lambda: self.clock.now())
        super().__init__(folder, GitHub(self.site), "http://127.0.0.1:1")
        self.shop = self.site.repository("Acme/Shop")
        self.docs = self.site.repository("Acme/Docs")
        for login in ("ana", "bo"):
            self.site.account(login)
        self.site.add_field("Acme", "Target date")
        self.docs.commit({name: text.encode() for name, text in ORIGINALS.items()}, "two")
        self.cache: dict[str, bytes] = {}

    def tracker(self) -> GitHubTracker:
        return GitHubTracker(self.address, self.clock, token=f"ghp_{MARK}", repository="Acme/Shop", due=self.due)

    def source(self) -> GitHubSource:
        self.cache = {}
        return GitHubSource("docs", "Acme/Docs", self.clock, base_url=self.address, token=f"ghp_{MARK}")

    def documents(self) -> dict[str, str]:
        return {name: data.decode() for name, data in self.docs.files().items()}

    def save(self, name: str, text: str) -> None:
        self.docs.commit({**self.docs.files(), name: text.encode()}, "edit")

    def tickets(self) -> dict[str, tuple[str, set[str]]]:
        return {
            f"Acme/Shop#{number}": (issue.title, {login.lower() for login in issue.assignees})
            for number, issue in self.shop.issues.items()
        }

    def people_act(self) -> None:
        for issue in self.shop.issues.values():
            if "lag" in issue.title:
                self.site.close(issue)
            if "fallback" in issue.title:
                self.site.close(issue, "not_planned")
            if "failover" in issue.title:
                self.site.edit(issue, assignees=["ana"])


class ProtectedTeam(GitHubTeam):
    """Due dates in milestones; the branch of the documents takes changes by pull requests alone."""

    name = "github, milestones and pull requests"
    due = "milestone"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.docs.protected.add("main")

    def documents(self) -> dict[str, str]:
        """As they will be once the pull request is merged."""
        open_pulls = any(issue.pull and issue.state == "open" for issue in self.docs.issues.values())
        branch = "postmortem-sync/main" if open_pulls else "main"
        return {name: data.decode() for name, data in self.docs.files(branch).items()}

    def save(self, name: str, text: str) -> None:
        self.merge()
        super().save(name, text)

    def run(self) -> None:
        super().run()
        self.merge()

    def merge(self) -> None:
        """A person merges what is proposed."""
        merged = {name: text.encode() for name, text in self.documents().items()}
        for issue in self.docs.issues.values():
            if issue.pull and issue.state == "open":
                self.site.close(issue)
                self.docs.commit(merged, "merge")


class JiraTeam(Team):
    simulator: type[JiraRest]

    def __init__(self, folder: Path) -> None:
        self.site = JiraSite(lambda: self.clock.now())
        super().__init__(folder, self.simulator(self.site), "http://127.0.0.1:2")
        self.logins = {person.id: person.login for person in self.site.people}
        self.site.people[2].name = "bo"
        self.docs = folder / "docs"
        self.docs.mkdir()
        for name, text in ORIGINALS.items():
            self.save(name, text)

    @property
    def cloud(self) -> bool:
        return self.simulator is JiraCloud

    def tracker(self) -> JiraTracker:
        values: dict[str, Any] = {"project": "OPS", "email": self.site.me.email if self.cloud else ""}
        return JiraTracker(self.address, f"robot-{MARK}", self.clock, **values)

    def source(self) -> FilesSource:
        return FilesSource("docs", self.docs, sleep=self.clock.sleep)

    def documents(self) -> dict[str, str]:
        return {path.name: path.read_text("utf-8") for path in sorted(self.docs.iterdir())}

    def save(self, name: str, text: str) -> None:
        (self.docs / name).write_text(text, "utf-8")

    def tickets(self) -> dict[str, tuple[str, set[str]]]:
        found = {}
        for issue in self.site.issues:
            assignee = issue.fields.get("assignee")
            found[issue.key] = (issue.fields["summary"], {self.logins[assignee]} if assignee else set())
        return found

    def people_act(self) -> None:
        ana = self.site.people[1]
        for issue in self.site.issues:
            title = issue.fields["summary"]
            if "lag" in title:
                self.site.set_status(issue, "Done", "Done")
            if "fallback" in title:
                self.site.set_status(issue, "Rejected", "Won't Do")
            if "failover" in title:
                self.site.edit(issue, {"assignee": ana.id}, {})


class CloudTeam(JiraTeam):
    name = "jira cloud"
    simulator = JiraCloud


class DataCenterTeam(JiraTeam):
    name = "jira data center"
    simulator = JiraDataCenter


TEAMS: tuple[type[GitHubTeam | JiraTeam], ...] = (GitHubTeam, ProtectedTeam, CloudTeam, DataCenterTeam)


@contextmanager
def at_work(kind: type[GitHubTeam | JiraTeam], folder: Path) -> Iterator[Team]:
    """A team whose calls reach its simulator without a socket and without a look at the vendor's description."""
    team = kind(folder)
    with (
        mock.patch.object(Description, "available", False),
        mock.patch.object(jira_spec, "AVAILABLE", False),
        reaching(team.line, team.address),
    ):
        yield team


def plainly(team: Team, text: str) -> str:
    """A document in which each ticket goes by the word of its title instead of its number."""
    words = {key: next((word for word in OWNERS if word in title), "?") for key, (title, _) in team.tickets().items()}

    def one(match: re.Match[str]) -> str:
        key = match[0].replace("/issues/", "#").rpartition("/browse/")[2]
        return f"<{words.get(key, 'unknown')}>"

    return re.sub(r"Acme/Shop(?:#|/issues/)\d+|OPS-\d+", one, text)


def _notes(report: DocumentReport) -> list[str]:
    return [*report.errors, *(note for outcome in report.outcomes for note in outcome.notes)]
