"""A box ticked by hand, where that is to close the ticket, and the tracker that does not do it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.model import State
from tests.adapters.github.worlds import GitHubWorld, github_world
from tests.adapters.jira.worlds import JiraWorld, world_of
from tests.contract.trackers import TrackerWorld
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_datacenter import JiraDataCenter
from tests.simulators.jira_wire import Fault
from tests.worlds import World

TEXT = "---\ndate: 2026-02-20\nstatus: published\n---\n# Outage\n\n## Action items\n\n- [ ] Add an alert\n"
CLOSE = {"on_ticked": "close"}


@pytest.fixture(params=["github", "github drops it", "jira cloud", "jira data center"])
def team(request: pytest.FixtureRequest) -> Iterator[tuple[TrackerWorld, str]]:
    kind = request.param
    if kind.startswith("github"):
        with github_world() as github:
            yield github, kind
    else:
        with world_of(JiraCloud if "cloud" in kind else JiraDataCenter) as jira:
            yield jira, kind


def forbid(world: TrackerWorld, kind: str) -> None:
    if isinstance(world, JiraWorld):
        world.site.permissions["TRANSITION_ISSUES"] = False
    elif isinstance(world, GitHubWorld) and "drops" in kind:
        world.github.closes = False
    elif isinstance(world, GitHubWorld):
        reported = {"message": "Resource not accessible by personal access token"}
        world.github.faults.append(Fault("before", "PATCH", status=403, body=reported, times=99))


def allow(world: TrackerWorld) -> None:
    if isinstance(world, JiraWorld):
        world.site.permissions.clear()
    elif isinstance(world, GitHubWorld):
        world.github.closes = True
        world.github.faults.clear()


def test_a_close_that_fails_leaves_the_box_and_is_tried_again(team: tuple[TrackerWorld, str], tmp_path: Path) -> None:
    world, kind = team
    files = World(tmp_path)
    files.clock = world.clock
    files.write("a.md", TEXT)

    def run() -> int:
        world.clock.sleep(900)
        return files.run(elsewhere=world.tracker, policy=CLOSE).exit_status

    assert run() == 0
    ref = next(iter(world.tracker.changed(world.project, "").tickets)).ref
    assert "- [ ]" in files.read("a.md")
    ticked = files.read("a.md").replace("- [ ]", "- [x]")
    files.write("a.md", ticked)
    forbid(world, kind)
    for _ in range(3):
        assert run() == 1
        assert files.read("a.md") == ticked
    found = world.tracker.lookup([ref])[ref]
    assert found is not None
    assert found.state is State.OPEN
    allow(world)
    assert run() == 0
    found = world.tracker.lookup([ref])[ref]
    assert found is not None
    assert found.state is State.DONE
    assert "- [x]" in files.read("a.md")
    assert run() == 0
