"""Jira sites for tests: a simulator on loopback, and trackers that talk to it as to the real one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from adapters.jira.tracker import JiraTracker
from sync.marks import key_from
from sync.model import Base, Body, DesiredTicket, Mark, Owner, OwnerKind, State, Ticket, TicketRef
from sync.model.names import item_digest
from tests.canaries import MARK
from tests.clocks import VirtualClock
from tests.contract.trackers import TrackerWorld
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_datacenter import JiraDataCenter
from tests.simulators.jira_rest import JiraRest
from tests.simulators.jira_site import Issue, Person, Site

POSTMORTEM = "github.com/acme/docs#docs/outage.md"
KEY = key_from(f"key-{MARK}")


class JiraWorld(TrackerWorld):
    """A site with one project, OPS, and a tracker on it."""

    tracker: JiraTracker

    def __init__(self, simulator: type[JiraRest], clock: VirtualClock | None = None) -> None:
        self.clock = clock or VirtualClock()
        self.site = Site(self.clock.now)
        self.jira = simulator(self.site)
        self.cloud = simulator is JiraCloud
        self.project = "OPS"
        ana = self.site.people[1]
        self.ana = ana.id if self.cloud else ana.login
        self.bo = self.site.people[2].id if self.cloud else self.site.people[2].login
        self.owner = (Owner("Ana Lima", OwnerKind.NAME), self.ana)
        self.opened: list[JiraTracker] = []
        self.settings: dict[str, Any] = {}
        """Of every tracker that is opened from now on."""

    def open(self, **settings: Any) -> JiraTracker:
        """A tracker on the site, with settings of its own."""
        values: dict[str, Any] = {"project": "OPS", "mark_key": KEY, "timeout": (30.0, 30.0)} | settings
        if self.cloud:
            values = {"email": self.site.me.email, "gateway": self.jira.base_url} | values
        token = values.pop("token", self.jira.secret)
        tracker = JiraTracker(values.pop("base_url", self.jira.base_url), token, self.clock, **values)
        self.opened.append(tracker)
        return tracker

    def issue(self, ref: TicketRef | str) -> Issue:
        return self.site.find(ref if isinstance(ref, str) else ref.key)

    def second_machine(self) -> JiraTracker:
        return self.open()

    def person_creates(self, title: str, body: str = "") -> TicketRef:
        fields = {"project": {"key": "OPS"}, "issuetype": {"name": "Task"}, "summary": title}
        issue = self.site.create(fields, {}, by=Person("5b109f2e9729b51b54dc274d", "Cy Doe", login="cy"))
        return TicketRef("jira", "OPS", issue.key)

    def person_closes(self, ref: TicketRef, state: State) -> None:
        status, resolution = ("Done", "Done") if state is State.DONE else ("Rejected", "Won't Do")
        self.site.set_status(self.issue(ref), status, resolution)

    def person_reopens(self, ref: TicketRef) -> None:
        self.site.set_status(self.issue(ref), "To Do")

    def person_retitles(self, ref: TicketRef, title: str) -> None:
        self.site.edit(self.issue(ref), {"summary": title}, {})

    def person_deletes(self, ref: TicketRef) -> None:
        self.site.delete(self.issue(ref))

    def comments(self, ref: TicketRef) -> list[tuple[str, tuple[str, ...]]]:
        found = []
        for author, body in self.issue(ref).comments:
            assert author == self.site.me.id
            if self.cloud:
                nodes = [node for block in body["content"] for node in block["content"]]
                reported = "".join(node.get("text", "") for node in nodes)
                called = [str(node["attrs"]["id"]) for node in nodes if node["type"] == "mention"]
            else:
                reported = re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), body)
                called = re.findall(r"\[~([^\]]+)\]", body)
            found.append((reported, tuple(called)))
        return found


@contextmanager
def world_of(simulator: type[JiraRest]) -> Iterator[JiraWorld]:
    """A world with a tracker open; whatever the API's description does not allow fails the test."""
    world = JiraWorld(simulator)
    with world.jira.serving():
        world.tracker = world.open()
        yield world
        for tracker in world.opened:
            tracker.close()
    assert world.jira.violations == []


BODY = Body(
    text="Alert on replica lag",
    postmortem_title="Checkout outage",
    postmortem_url="https://example.org/pm/1",
    owners=("Ana Lima",),
    due="3 April 2026",
)


def desired(tracker: JiraTracker, title: str = "Alert on replica lag", **values: Any) -> DesiredTicket:
    """A desired ticket as planning hands it over."""
    postmortem = values.pop("postmortem", POSTMORTEM)
    identity = Mark(postmortem, "a print", item_digest(title), nonce=f"nonce {item_digest(title)}")
    body = values.pop("body", BODY)
    one = tracker.normalise(DesiredTicket(values.pop("project", "OPS"), title, body, identity, **values))
    base = Base(one.title, one.assignees, one.due, tracker.body_digest(one))
    return DesiredTicket(
        **{n: getattr(one, n) for n in DesiredTicket.__slots__} | {"mark": replace(identity, base=base)}
    )


def made(tracker: JiraTracker, one: DesiredTicket) -> Ticket:
    """The ticket of a create that must succeed with nothing left out."""
    answer = tracker.create([one])[0]
    assert answer.error is None, answer.error
    assert answer.written is not None
    assert answer.written.dropped == ()
    return answer.written.ticket


SIMULATORS: tuple[type[JiraRest], ...] = (JiraCloud, JiraDataCenter)
