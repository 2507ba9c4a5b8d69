"""A team that works in Confluence and Jira: pages, issues, and whole runs over both simulators."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from adapters.confluence.source import ConfluenceSource
from adapters.jira.tracker import JiraTracker
from sync.journal.open import open_journal
from sync.plan import Policy
from sync.ports import Source
from sync.run.desired import Resolver
from sync.run.engine import Engine, Request
from sync.run.people import People
from sync.run.routes import Destination
from sync.run.summary import Summary
from tests.adapters.confluence.worlds import LABEL, ConfluenceWorld, world_of
from tests.adapters.jira.worlds import JiraWorld
from tests.simulators.confluence_cloud import ConfluenceCloud
from tests.simulators.confluence_rest import ConfluenceRest
from tests.simulators.confluence_site import Page, Person
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_datacenter import JiraDataCenter
from tests.simulators.jira_wire import Answer, Asked, Wire
from tests.worlds import Watcher

DETAILS = (
    '<ac:structured-macro ac:name="details"><ac:rich-text-body><table><tbody>'
    "<tr><th><p>Date</p></th><td><p>2026-02-20</p></td></tr>"
    "<tr><th><p>Status</p></th><td><p>Final</p></td></tr>"
    "<tr><th><p>Service</p></th><td><p>checkout</p></td></tr>"
    "<tr><th><p>Severity</p></th><td><p>SEV-2</p></td></tr>"
    "</tbody></table></ac:rich-text-body></ac:structured-macro>"
)


def task(number: int, words: str, status: str = "incomplete") -> str:
    return (
        f"<ac:task>\n<ac:task-id>{number}</ac:task-id>\n<ac:task-status>{status}</ac:task-status>\n"
        f'<ac:task-body><span class="placeholder-inline-tasks">{words}</span></ac:task-body>\n</ac:task>\n'
    )


class Team:
    """Each run opens everything anew, as a process would. Jira's people are those of Confluence."""

    def __init__(self, world: ConfluenceWorld, jira: JiraWorld, folder: Path) -> None:
        self.world = world
        self.jira = jira
        self.folder = folder
        self.watcher = Watcher()
        self.site = world.site
        for page in (world.a, world.b):
            self.site.remove(page)
        self.cloud = world.cloud
        others = jira.site.people[1:]
        # One organisation: on Cloud one account in both products, on Data Centers the same login.
        self.site.me = Person(jira.site.me.id, jira.site.me.name, jira.site.me.email, jira.site.me.login)
        self.site.people = [self.site.me] + [
            Person(one.id if self.cloud else f"8a7f80{one.login:0>26}", one.name, login=one.login) for one in others
        ]
        self.ana, self.bo = (self.mention(one) for one in self.site.people[1:3])

    def mention(self, person: Person) -> str:
        kind = "account-id" if self.cloud else "userkey"
        return f'<ac:link><ri:user ri:{kind}="{person.id}" /></ac:link>'

    def postmortem(self, title: str, body: str, **more: Any) -> Page:
        return self.site.page(title, body, labels=(LABEL,), **more)

    def run(self, machine: str = "one", source: ConfluenceSource | None = None, **request: Any) -> Summary:
        """One run of one machine."""
        self.watcher = Watcher()
        opened = open_journal(f"sqlite:///{self.folder / machine}.db")
        pages: Source = source or self.world.open(memory=self.folder / f"{machine}.json")
        tracker: JiraTracker = self.jira.open()
        engine = Engine(
            sources={"pages": pages},
            trackers={"jira": tracker},
            resolver=Resolver({"jira": tracker}, Destination("jira", "OPS"), People([])),
            journal=opened,
            clock=self.world.clock,
            policy=Policy(today=date(2026, 3, 1)),
            observer=self.watcher,
        )
        try:
            return engine.run(Request(**request))
        finally:
            opened.close()

    def said(self) -> list[str]:
        """What the last run told of documents."""
        reports = self.watcher.reports
        return [line for one in reports for line in (*one.errors, *one.notes, one.skipped) if line]


class _Both(Wire):
    """One site of Cloud, with Jira at its root and Confluence below /wiki."""

    def __init__(self, team: Team) -> None:
        super().__init__()
        self._jira, self._confluence = team.jira.jira, team.world.confluence

    def answer(self, asked: Asked) -> Answer | None:
        wiki = asked.path.startswith(("/wiki", "/ex/confluence", "/_edge"))
        return (self._confluence if wiki else self._jira).answer(asked)


@contextmanager
def one_site(team: Team) -> Iterator[str]:
    """Both products at one address, which they then name as their own."""
    with _Both(team).serving() as site:
        team.jira.jira.base_url = team.world.confluence.base_url = site
        yield site


@contextmanager
def team_of(simulator: type[ConfluenceRest], folder: Path) -> Iterator[Team]:
    """A team on Cloud or on Data Centers; whatever the descriptions of the APIs do not allow fails the test."""
    with world_of(simulator) as world:
        jira = JiraWorld(JiraCloud if simulator is ConfluenceCloud else JiraDataCenter, world.clock)
        with jira.jira.serving():
            yield Team(world, jira, folder)
            for tracker in jira.opened:
                tracker.close()
        assert jira.jira.violations == []
