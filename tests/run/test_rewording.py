"""An item reworded after its ticket was made and before its link was written has one ticket, or a person is asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sync.model import State, Ticket
from sync.run.summary import Summary
from tests.adapters.github.worlds import github_world
from tests.adapters.jira.worlds import world_of
from tests.contract.test_local_tracker import LocalWorld
from tests.contract.trackers import TrackerWorld
from tests.properties.test_many_runs import Crash
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_datacenter import JiraDataCenter
from tests.worlds import World

HEAD = "---\ndate: 2026-02-20\nstatus: published\n---\n# Outage\n\n## Action items\n\n"
OLD = "Add an alert on the age of the oldest message"
SMALL = "Add an alert on the age of the very oldest message"
LARGE = "Page somebody when mail is late"
OTHER = "Move the disk of the mailer"
CRASHES = {"before the answer was noted": ("create", True), "before the write": ("write", False)}


class Dying:
    """Wraps a port: the process dies in one of its calls, before it or after it was carried out."""

    def __init__(self, port: Any, name: str, after: bool) -> None:
        self._port, self._name, self._after = port, name, after

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        if name != self._name:
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            if self._after:
                value(*args, **kwargs)
            raise Crash

        return call


class Team(World):
    """A folder, and any tracker."""

    def __init__(self, folder: Path, there: TrackerWorld) -> None:
        super().__init__(folder)
        self.there = there
        self.clock = there.clock

    def put(self, *lines: str) -> None:
        self.write("a.md", HEAD + "".join(f"- [ ] {line}\n" for line in lines))

    def dies(self, how: str) -> None:
        name, after = CRASHES[how]
        with pytest.raises(Crash):
            self.run(elsewhere=self.there.tracker, wrap=lambda port: Dying(port, name, after))

    def runs(self, **values: Any) -> Summary:
        """Two runs, far enough apart for a tracker's index to show what the first made."""
        first = self.run(elsewhere=self.there.tracker, **values)
        self.there.settle()
        self.run(elsewhere=self.there.tracker, **values)
        return first

    def loses_its_journal(self) -> None:
        shutil.rmtree(self.state)
        self.there.settle()

    def all(self) -> list[Ticket]:
        self.there.settle()
        tracker = self.there.tracker
        return sorted(tracker.changed(tracker.project_of(""), "").tickets, key=lambda ticket: ticket.created)

    def reported(self) -> str:
        reported = [line for report in self.watcher.reports for line in report.earlier]
        for report in self.watcher.reports:
            reported += [reason for outcome in report.outcomes for reason in outcome.change.reasons]
        return "\n".join(reported)

    def linked(self, text: str) -> str:
        """What follows an item's words on its line."""
        return next(line.partition(text)[2] for line in self.read("a.md").splitlines() if text in line)


def tracker_world(name: str, folder: Path) -> AbstractContextManager[TrackerWorld]:
    if name == "github":
        return github_world()
    if name == "local":
        return nullcontext(LocalWorld(folder / "tickets.db"))
    return world_of(JiraCloud if name == "jira cloud" else JiraDataCenter)


TRACKERS = ("local", "github", "jira cloud", "jira datacenter")


@contextmanager
def team_on(name: str, folder: Path) -> Iterator[Team]:
    """A team on a tracker whose index lags, where it has one."""
    with tracker_world(name, folder) as there:
        if name in ("github", "jira cloud"):
            there.site.lag = timedelta(seconds=45)  # type: ignore[attr-defined]
        yield Team(folder / "team", there)
        if name == "local":
            there.tracker.close()


@pytest.fixture(params=TRACKERS)
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Team]:
    with team_on(request.param, tmp_path) as team:
        yield team


@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("journal", ["kept", "kept, in a hurry", "lost"])
class TestBeforeTheLinkArrived:
    def crashed(self, team: Team, crash: str, journal: str, *lines: str) -> None:
        team.put(*lines)
        team.dies(crash)
        if journal == "lost":
            team.loses_its_journal()
        elif journal == "kept":
            team.there.settle()

    def test_an_item_that_was_reworded_is_held_and_its_link_says_that_it_is_the_same(
        self, team: Team, crash: str, journal: str
    ) -> None:
        self.crashed(team, crash, journal, OLD, OTHER)
        team.put(SMALL, OTHER)
        team.runs()
        assert {ticket.title for ticket in team.all()} <= {OLD, OTHER}
        assert team.linked(SMALL) == ""
        assert "(" in team.linked(OTHER)
        old = next(ticket for ticket in team.all() if ticket.title == OLD)
        summary = team.run(elsewhere=team.there.tracker)
        assert (summary.held, summary.exit_status) == (1, 1)
        assert (
            f"it may be {old.ref.key} ({OLD!r}) reworded; if it is, link {old.ref.key} on its line" in team.reported()
        )
        team.write("a.md", team.read("a.md").replace(SMALL, f"{SMALL} ([{old.ref.key}]({old.url}))"))
        team.runs()
        assert {ticket.title for ticket in team.all()} == {SMALL, OTHER}

    def test_other_words_are_another_item(self, team: Team, crash: str, journal: str) -> None:
        self.crashed(team, crash, journal, OLD)
        team.put(LARGE)
        team.runs()
        assert {ticket.title for ticket in team.all()} == {OLD, LARGE}
        assert "(" in team.linked(LARGE)

    def test_a_held_item_whose_ticket_was_closed_meanwhile_is_held_still(
        self, team: Team, crash: str, journal: str
    ) -> None:
        self.crashed(team, crash, journal, OLD)
        team.there.settle()
        (old,) = team.all()
        team.there.person_closes(old.ref, State.DONE)
        team.there.settle()
        team.put(SMALL)
        team.runs()
        assert [ticket.title for ticket in team.all()] == [OLD]
        assert f"it may be {old.ref.key}" in team.reported()

    def test_one_is_reworded_and_one_removed(self, team: Team, crash: str, journal: str) -> None:
        self.crashed(team, crash, journal, OLD, OTHER)
        team.put(SMALL)
        team.runs()
        assert {ticket.title for ticket in team.all()} <= {OLD, OTHER}
        assert team.linked(SMALL) == ""

    def test_of_two_items_of_the_same_words_the_one_that_stayed_has_its_ticket(
        self, team: Team, crash: str, journal: str
    ) -> None:
        self.crashed(team, crash, journal, OLD, OLD)
        team.put(SMALL, OLD)
        team.runs()
        assert "(" in team.linked(OLD)
        # Where the process died after the first of the two, the other item never had a ticket.
        assert [ticket.title for ticket in team.all()] in ([OLD, OLD], [OLD, SMALL])
        assert (team.linked(SMALL) == "") == ([ticket.title for ticket in team.all()] == [OLD, OLD])


def test_a_line_saved_over_its_link_and_reworded_is_asked_about(team: Team) -> None:
    team.put(OLD)
    team.runs()
    team.put(SMALL)
    team.runs()
    (ticket,) = team.all()
    assert f"it may be {ticket.ref.key}" in team.reported()


@pytest.mark.parametrize("journal", ["kept", "lost"])
def test_an_item_in_the_place_of_one_removed_with_its_link_has_a_ticket_of_its_own(team: Team, journal: str) -> None:
    team.put(OLD)
    team.runs()
    if journal == "lost":
        team.loses_its_journal()
    team.put(LARGE)
    assert team.runs().created == 1
    assert sorted(ticket.title for ticket in team.all()) == sorted((OLD, LARGE))


def test_one_orphan_holds_back_only_the_nearest_of_its_successors(team: Team) -> None:
    team.put("Add an alert for disk usage on db hosts")
    team.runs()
    team.put(*(f"Add an alert for {what} usage on db hosts" for what in ("memory", "inode", "swap")))
    assert team.runs().created == 3


def test_of_two_successors_the_nearer_one_is_held(team: Team) -> None:
    team.put("Add an alert for disk usage on db hosts")
    team.runs()
    team.put("Add an alert for disk usage on all db hosts", "Add an alert for the memory usage on some hosts")
    summary = team.run(elsewhere=team.there.tracker)
    assert (summary.created, summary.held) == (1, 1)
    assert team.linked("Add an alert for disk usage on all db hosts") == ""
