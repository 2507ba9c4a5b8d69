from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.adapters.jira.worlds import SIMULATORS, JiraWorld, world_of
from tests.contract.trackers import TrackerContract


@pytest.fixture(params=SIMULATORS, ids=["cloud", "datacenter"])
def world(request: pytest.FixtureRequest) -> Iterator[JiraWorld]:
    with world_of(request.param) as opened:
        opened.site.lag = timedelta(seconds=90 if opened.cloud else 0)
        yield opened


class TestJiraTracker(TrackerContract):
    pass
