"""What a ticket tells of its item: its context reaches every tracker, and nothing stands there twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.github.worlds import github_world
from tests.adapters.jira.worlds import world_of
from tests.contract.trackers import TrackerWorld
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_datacenter import JiraDataCenter
from tests.worlds import World

TEXT = """---
date: 2026-02-20
status: published
---
# Outage

## Action items

- [ ] Fix the limit of the queue (due: 2026-04-03)
  - it was set in 2019
  - see the dashboard
"""


@pytest.fixture(params=["github", "jira cloud", "jira data center"])
def tracker(request: pytest.FixtureRequest) -> Iterator[TrackerWorld]:
    if request.param == "github":
        with github_world() as github:
            yield github
    else:
        with world_of(JiraCloud if "cloud" in request.param else JiraDataCenter) as jira:
            yield jira


def described(world: TrackerWorld) -> str:
    """The description of the one ticket, as the tracker has it."""
    site = world.site  # type: ignore[attr-defined]
    if hasattr(site, "issues"):
        description = site.issues[0].fields["description"]
        return description if isinstance(description, str) else json.dumps(description, ensure_ascii=False)
    return str(next(iter(site.find(world.project).issues.values())).body)


def test_what_is_nested_below_an_item_reaches_its_ticket(tracker: TrackerWorld, tmp_path: Path) -> None:
    files = World(tmp_path)
    files.clock = tracker.clock
    files.write("a.md", TEXT)
    assert files.run(elsewhere=tracker.tracker).created == 1
    text = described(tracker)
    for words in ("it was set in 2019", "see the dashboard", "Action items"):
        assert text.count(words) == 1
    assert text.count("2026-04-03") == 1
    assert "Fix the limit" in text
    tracker.clock.sleep(3600)
    again = files.run(elsewhere=tracker.tracker, fingerprint="another")
    assert (again.updated, again.written_back) == (0, 0)
