"""A team with Jira: a required field of their own, a due date the create screen does not have, a ticket closed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adapters.files.source import FilesSource
from adapters.jira.tracker import JiraTracker
from sync.journal.open import open_journal
from sync.model import State, TicketRef
from sync.plan import Policy
from sync.run.desired import Resolver
from sync.run.engine import Engine, Request
from sync.run.people import People, Person
from sync.run.routes import Destination
from sync.run.summary import Summary
from tests.adapters.jira.worlds import JiraWorld
from tests.simulators.jira_site import Field
from tests.worlds import Watcher

DOCUMENT = """---
date: 2026-02-20
status: published
service: checkout
---
# Checkout outage

## Action items

- [ ] Alert on replica lag (owner: Ana Lima, due: 2026-04-03)
- [ ] Document the failover (owner: Bo Chen)
"""


class Team:
    """A folder of postmortems and a Jira. Each run opens everything anew, as a process would."""

    def __init__(self, world: JiraWorld, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.document = folder / "docs" / "outage.md"
        self.document.parent.mkdir()
        self.document.write_text(DOCUMENT, encoding="utf-8")
        self.watcher = Watcher()

    def run(self, tracker: JiraTracker, journal: str = "state") -> Summary:
        self.watcher = Watcher()
        url = f"sqlite:///{self.folder / journal}.db"
        opened = open_journal(url)
        people = People([Person("Ana Lima", {"jira": "ana@example.org"})])
        engine = Engine(
            sources={"docs": FilesSource("docs", self.document.parent)},
            trackers={"jira": tracker},
            resolver=Resolver({"jira": tracker}, Destination("jira", "OPS"), people),
            journal=opened,
            clock=self.world.clock,
            policy=Policy(today=date(2026, 3, 1)),
            observer=self.watcher,
        )
        try:
            return engine.run(Request())
        finally:
            opened.close()
            self.world.clock.sleep(3600)

    @property
    def text(self) -> str:
        return self.document.read_text(encoding="utf-8")


@pytest.fixture
def team(world: JiraWorld, tmp_path: Path) -> Team:
    project = world.site.projects["OPS"]
    project.fields["duedate"].create = False
    project.fields["customfield_7"] = Field("customfield_7", "Service", "option", required=True, allowed=("checkout",))
    return Team(world, tmp_path)


def test_from_the_first_run_to_a_true_document(team: Team) -> None:
    world = team.world
    first = team.run(world.open())
    assert (first.created, first.failed) == (0, 2)
    reported = [outcome.error for report in team.watcher.reports for outcome in report.outcomes]
    assert all('Add to [jira.fields] in sync.toml: "Service" = "checkout"' in line for line in reported)
    assert team.text == DOCUMENT

    fields = {"Service": "{service}"}
    second = team.run(world.open(fields=fields))
    assert (second.created, second.failed) == (2, 0)
    assert f"- [ ] Alert on replica lag ([OPS-1]({world.jira.base_url}/browse/OPS-1))" in team.text.replace(
        " (owner: Ana Lima, due: 2026-04-03)", ""
    )
    alert = world.site.issues[0]
    assert alert.fields["assignee"] == world.site.people[1].id
    assert alert.fields["duedate"] == "2026-04-03"

    for _ in range(2):
        world.jira.log.clear()
        quiet = team.run(world.open(fields=fields))
        assert (quiet.created, quiet.updated, quiet.written_back) == (0, 0, 0)
        assert {call.method for call in world.jira.calls()} == {"GET"}
    assert [call.method for call in world.jira.calls()] == ["GET"]

    world.person_closes(TicketRef("jira", "OPS", "OPS-1"), State.DONE)
    closed = team.run(world.open(fields=fields))
    assert closed.written_back == 1
    assert "- [x] Alert on replica lag" in team.text
    assert "- [ ] Document the failover" in team.text


def test_a_lost_journal_costs_calls_and_no_tickets(team: Team) -> None:
    settings = {"fields": {"Service": "{service}"}}
    team.run(team.world.open(**settings))
    before = team.text
    team.document.write_text(DOCUMENT, encoding="utf-8")
    again = team.run(team.world.open(**settings), journal="another")
    assert again.created == 0
    assert len(team.world.site.issues) == 2
    assert team.text == before


def test_a_moved_ticket_is_followed_and_its_link_rewritten(team: Team) -> None:
    world = team.world
    settings = {"fields": {"Service": "{service}"}}
    team.run(world.open(**settings))
    team.run(world.open(**settings))
    world.site.add_project("PAY")
    world.site.move(world.issue("OPS-1"), "PAY")
    reported = team.run(world.open(**settings))
    assert (reported.created, reported.failed) == (0, 0)
    assert world.issue("PAY-1").status == "To Do"
    world.person_closes(TicketRef("jira", "PAY", "PAY-1"), State.DONE)
    for _ in range(2):
        reported = team.run(world.open(**settings))
        assert (reported.created, reported.failed) == (0, 0)
    assert "- [x] Alert on replica lag" in team.text
    assert f"[PAY-1]({world.jira.base_url}/browse/PAY-1)" in team.text
    assert world.issue("PAY-1").resolution == "Done"
    assert world.issue("PAY-1").links == []
