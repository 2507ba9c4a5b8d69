"""A team whose postmortems and tickets live on GitHub: from the first run to documents that are true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from adapters.github.source import GitHubSource
from sync.journal.open import open_journal
from sync.model import State, TicketRef
from sync.plan import Policy
from sync.run.desired import Resolver
from sync.run.engine import Engine, Request
from sync.run.people import People, Person
from sync.run.routes import Destination
from sync.run.summary import Summary
from tests.adapters.github.worlds import PROJECT, TOKEN, GitHubWorld, github_world
from tests.simulators.jira_wire import Fault
from tests.worlds import Watcher

CHECKOUT = """---
date: 2026-02-20
status: published
service: checkout
---
# Checkout outage

## Action items

- [ ] Alert on replica lag (owner: Ana Lima, due: 2026-04-03)
- [ ] Document the failover (owner: @bo-ek)
- [ ] Drop the old queue (owner: Somebody Unknown)
"""
LOGIN = """---
date: 2026-02-25
---
# Login latency

| Action | Owner | Due | Status |
|---|---|---|---|
| Cache the session lookup | @ana | 2026-05-01 | Open |
| Test the fallback | @bo-ek | | Open |
"""
LOST = Fault("drop_after", "POST", "/Shop/issues$")


class Team:
    """A repository of postmortems, another for tickets. Each run opens everything anew, as a process would."""

    def __init__(self, world: GitHubWorld, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.docs = world.site.repository("Acme/Docs")
        self.docs.commit({"postmortems/checkout.md": CHECKOUT.encode(), "postmortems/login.md": LOGIN.encode()}, "two")
        self.cache: dict[str, bytes] = {}
        self.watcher = Watcher()
        self.calls: list[str] = []

    def run(self, journal: str = "state") -> Summary:
        self.watcher = Watcher()
        self.world.github.log.clear()
        opened = open_journal(f"sqlite:///{self.folder / journal}.db")
        tracker = self.world.open()
        source = GitHubSource(
            "docs",
            "Acme/Docs",
            self.world.clock,
            path="postmortems",
            base_url=self.world.github.base_url,
            token=TOKEN,
            cache=self.cache,
            timeout=(30.0, 30.0),
        )
        engine = Engine(
            sources={"docs": source},
            trackers={"github": tracker},
            resolver=Resolver(
                {"github": tracker},
                Destination("github", ""),
                People([Person("Ana Lima", {"github": "ana"})]),
            ),
            journal=opened,
            clock=self.world.clock,
            policy=Policy(today=date(2026, 3, 1)),
            observer=self.watcher,
        )
        try:
            return engine.run(Request())
        finally:
            opened.close()
            source.close()
            self.world.clock.sleep(3600)

    def text(self, name: str) -> str:
        return self.docs.files()[f"postmortems/{name}.md"].decode()

    def ref(self, number: int) -> TicketRef:
        return TicketRef("github", PROJECT, f"{PROJECT}#{number}")

    def link(self, number: int) -> str:
        return f"[{PROJECT}#{number}]({self.world.github.base_url}/{PROJECT}/issues/{number})"

    @property
    def notes(self) -> list[str]:
        return [note for report in self.watcher.reports for outcome in report.outcomes for note in outcome.notes]


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with github_world() as world:
        world.site.add_field("Acme", "Target date")
        yield Team(world, tmp_path)
        # The source and the tracker keep their own pace.
        world.github.hasty = 0


def test_from_the_first_run_to_true_documents(team: Team) -> None:
    world = team.world
    first = team.run()
    assert (first.created, first.failed, first.written_back) == (5, 0, 2)
    assert any("Somebody Unknown" in note for note in team.notes)
    assert len(team.docs.commits) == 3
    titles = {issue.title: issue for issue in world.issues()}
    assert titles["Alert on replica lag"].assignees == ["Ana"]
    assert list(titles["Alert on replica lag"].fields.values()) == ["2026-04-03"]
    assert titles["Drop the old queue"].assignees == []
    numbers = {title: issue.number for title, issue in titles.items()}
    assert team.link(numbers["Alert on replica lag"]) in team.text("checkout")
    assert team.link(numbers["Test the fallback"]) in team.text("login")

    for _ in range(3):
        quiet = team.run()
        assert (quiet.created, quiet.updated, quiet.written_back, quiet.failed) == (0, 0, 0, 0)
        assert world.github.writes() == []
    assert [(asked.method, asked.path) for asked in world.github.calls()] == [
        ("GET", f"/repos/{PROJECT}/issues"),
        ("POST", "/graphql"),
    ]
    assert quiet.requests == {"github": 1, "source docs": 1}

    world.person_closes(team.ref(numbers["Alert on replica lag"]), State.DONE)
    world.person_closes(team.ref(numbers["Cache the session lookup"]), State.WONTDO)
    world.site.edit(titles["Document the failover"], assignees=["Ana"])
    reported = team.run()
    assert (reported.written_back, reported.created, reported.updated, reported.failed) == (2, 0, 0, 0)
    assert len(team.docs.commits) == 4
    assert "- [x] Alert on replica lag" in team.text("checkout")
    assert "- [ ] Document the failover" in team.text("checkout")
    assert "Won't do" in team.text("login")
    assert "(owner: @bo-ek)" in team.text("checkout")
    assert titles["Document the failover"].assignees == ["Ana"]

    idle = team.run()
    assert (idle.updated, idle.written_back) == (0, 0)
    assert idle.requests["github"] == 1


def test_a_lost_journal_and_lost_links_cost_calls_and_no_issues(team: Team) -> None:
    team.run()
    before = {name: team.text(name) for name in ("checkout", "login")}
    files = {"postmortems/checkout.md": CHECKOUT.encode(), "postmortems/login.md": LOGIN.encode()}
    team.docs.commit(files, "somebody reverts")
    again = team.run(journal="another")
    assert again.created == 0
    assert len(team.world.issues()) == 5
    assert {name: team.text(name) for name in ("checkout", "login")} == before


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncate", "after"])
@pytest.mark.parametrize("skip", [0, 3])
def test_a_create_whose_answer_is_lost_becomes_one_issue(team: Team, kind: str, skip: int) -> None:
    team.world.github.faults.append(Fault(kind, LOST.method, LOST.path, status=502, skip=skip))
    first = team.run()
    assert (first.created, first.failed) == (4, 1)
    second = team.run()
    assert second.failed == 0
    titles = [issue.title for issue in team.world.issues()]
    assert sorted(titles) == sorted(set(titles))
    assert len(titles) == 5
    assert all(team.link(number) in team.text("checkout") + team.text("login") for number in range(1, 6))
    assert team.run().requests["github"] == 1


def test_a_document_edited_during_the_run_keeps_the_edit(team: Team) -> None:
    world, edited = team.world, "- [ ] Document the failover for everybody (owner: @bo-ek)"
    original, done = world.github.handle, list[bool]()

    def meanwhile(asked):  # type: ignore[no-untyped-def]
        if "createCommitOnBranch" in str(asked.body) and not done:
            done.append(True)
            text = team.text("checkout").replace("# Checkout outage", "# Checkout outage of February")
            files = {**team.docs.files(), "postmortems/checkout.md": text.encode()}
            team.docs.commit(files, "a person edits")
        return original(asked)

    world.github.handle = meanwhile  # type: ignore[method-assign]
    summary = team.run()
    assert (summary.created, summary.failed) == (5, 0)
    assert "# Checkout outage of February" in team.text("checkout")
    assert edited not in team.text("checkout")
    assert all(team.link(number) in team.text("checkout") + team.text("login") for number in range(1, 6))


def test_a_protected_branch_gets_a_pull_request_and_idle_runs_leave_it_alone(team: Team) -> None:
    team.docs.protected.add("main")
    first = team.run()
    assert (first.created, first.failed) == (5, 0)
    assert team.text("checkout") == CHECKOUT
    pulls = [issue for issue in team.docs.issues.values() if issue.pull]
    assert len(pulls) == 1
    quiet = team.run()
    assert (quiet.created, quiet.written_back) == (0, 0)
    proposed = team.docs.files("postmortem-sync/main")
    team.docs.protected.clear()
    team.docs.commit(proposed, "merged")
    team.world.site.close(pulls[0])
    merged = team.run()
    assert (merged.created, merged.updated, merged.written_back) == (0, 0, 0)
    assert len(team.world.issues()) == 5


def test_twins_heal(team: Team) -> None:
    team.run()
    twin = team.world.issues()[0]
    copy = team.world.twin(twin)
    healed = team.run()
    assert healed.failed == 0
    assert (copy.state, copy.state_reason) == ("closed", "duplicate")
    assert twin.state == "open"
    team.run()
    assert len(copy.comments) == 1


def test_somebody_s_copy_of_an_issue_does_no_harm(team: Team) -> None:
    team.run()
    original = team.world.issues()[0]
    copy = team.world.site.issue(
        team.world.repository, "A copy", original.body, team.world.bo, labels=["postmortem-sync"]
    )
    copy.created = original.created.replace(year=2025)
    assert team.run().failed == 0
    assert (original.state, copy.state) == ("open", "open")


def test_a_transferred_issue_is_followed_to_its_new_place(team: Team) -> None:
    team.run()
    store = team.world.site.repository("acme/store")
    original = next(i for i in team.world.issues() if i.title == "Document the failover")
    moved = team.world.site.transfer(original, store)
    team.world.site.close(moved)
    team.docs.commit(
        {**team.docs.files(), "postmortems/checkout.md": (team.text("checkout") + "\nMore.\n").encode()},
        "a person adds",
    )
    summary = team.run()
    assert (summary.created, summary.failed) == (0, 0)
    assert f"[acme/store#1]({team.world.github.base_url}/acme/store/issues/1)" in team.text("checkout")
    assert "- [x] Document the failover" in team.text("checkout")
