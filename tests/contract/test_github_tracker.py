from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.adapters.github.worlds import GitHubWorld, github_world
from tests.contract.trackers import TrackerContract


@pytest.fixture(params=["field", "milestone", "body", "project"])
def world(request: pytest.FixtureRequest) -> Iterator[GitHubWorld]:
    with github_world(due=request.param, board=request.param == "project") as opened:
        if request.param == "field":
            opened.site.add_field("Acme", "Target date")
        opened.site.lag = timedelta(seconds=45)
        yield opened


class TestGitHubTracker(TrackerContract):
    pass
