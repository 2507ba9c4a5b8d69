"""A GitHub for tests: a simulator on loopback, and trackers that talk to it as to the real one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from adapters.github.settings import GitHubProjectSettings
from adapters.github.text import with_mark
from adapters.github.tracker import GitHubTracker
from sync.marks import encode, key_from
from sync.model import DesiredTicket, Owner, OwnerKind, State, TicketRef
from tests.canaries import MARK
from tests.clocks import VirtualClock
from tests.contract.trackers import TrackerWorld
from tests.contract.trackers import desired as desired_in
from tests.simulators.github_server import GitHub
from tests.simulators.github_site import Issue, Repository, Site

TOKEN = f"ghp_{MARK}"
KEY = key_from(TOKEN)
PROJECT = "Acme/Shop"


class GitHubWorld(TrackerWorld):
    """A server with one repository, Acme/Shop, and a tracker on it."""

    tracker: GitHubTracker

    def __init__(self, due: str = "auto", organisation: bool = True, board: bool = False) -> None:
        self.clock = VirtualClock()
        self.site = Site(self.clock.now)
        self.github = GitHub(self.site)
        self.repository = self.site.repository(PROJECT, organisation)
        self.project = PROJECT
        self.ana = self.site.account("Ana")
        self.bo = self.site.account("bo-ek")
        self.owner = (Owner("@Ana", OwnerKind.HANDLE), "ana")
        self.due = due
        self.board = self.github.boards.add("Acme", 5, organisation) if board else None
        # What people do on a board is no change of the issue.
        self.idle_calls = 2 if board else 1
        self.opened: list[GitHubTracker] = []

    def open(self, **settings: Any) -> GitHubTracker:
        """A tracker on the server, with settings of its own."""
        self.clock.sleep(1)
        values: dict[str, Any] = {"token": TOKEN, "repository": PROJECT, "due": self.due, "mark_key": KEY}
        values["timeout"] = (30.0, 30.0)
        values |= {"board": GitHubProjectSettings(number=5)} if self.board else {}
        values |= settings
        if values.get("app_id"):
            values["token"] = ""
        tracker = GitHubTracker(values.pop("base_url", self.github.base_url), self.clock, **values)
        self.opened.append(tracker)
        return tracker

    def issue(self, ref: TicketRef) -> Issue:
        repository = self.site.find(ref.project)
        assert repository is not None
        return repository.issues[int(ref.key.rpartition("#")[2])]

    def twin(self, issue: Issue) -> Issue:
        """Another issue for the same item, as a second machine of ours makes one that cannot see the first."""
        ref = TicketRef("github", PROJECT, f"{PROJECT}#{issue.number}")
        ticket = self.tracker.lookup([ref])[ref]
        assert ticket is not None
        assert ticket.mark is not None
        mark = encode(replace(ticket.mark, nonce="another create"), KEY, creator=str(self.site.me.id))
        body = with_mark(issue.body, mark)
        return self.site.issue(self.repository, issue.title, body, self.site.me, labels=list(issue.labels))

    def issues(self, repository: Repository | None = None) -> list[Issue]:
        return list((repository or self.repository).issues.values())

    def desired(self, text: str = "Alert on a full queue", **values: Any) -> DesiredTicket:
        return desired_in(self, text, **values)

    def second_machine(self) -> GitHubTracker:
        return self.open()

    def person_creates(self, title: str, body: str = "") -> TicketRef:
        made = self.site.issue(self.repository, title, body, self.bo)
        return TicketRef("github", PROJECT, f"{PROJECT}#{made.number}")

    def person_closes(self, ref: TicketRef, state: State) -> None:
        self.site.close(self.issue(ref), "completed" if state is State.DONE else "not_planned")

    def person_reopens(self, ref: TicketRef) -> None:
        self.site.reopen(self.issue(ref))

    def person_retitles(self, ref: TicketRef, title: str) -> None:
        self.site.edit(self.issue(ref), title=title)

    def person_deletes(self, ref: TicketRef) -> None:
        self.issue(ref).deleted = True

    def comments(self, ref: TicketRef) -> list[tuple[str, tuple[str, ...]]]:
        bodies = [comment.body for comment in self.issue(ref).comments if comment.user is self.site.me]
        return [(body, tuple(name.lower() for name in re.findall(r"@([\w-]+)", body))) for body in bodies]


@contextmanager
def github_world(**settings: Any) -> Iterator[GitHubWorld]:
    """A world with a tracker open; whatever the API's description does not allow fails the test."""
    world = GitHubWorld(**settings)
    with world.github.serving():
        world.tracker = world.open()
        yield world
        for tracker in world.opened:
            tracker.close()
    assert world.github.violations == []
    assert world.github.hasty == 0
