from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.adapters.jira.worlds import SIMULATORS, JiraWorld, world_of
from tests.contract.trackers import TrackerContract
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_datacenter import JiraDataCenter
from tests.simulators.jira_site import Field


@pytest.fixture(params=SIMULATORS, ids=["cloud", "datacenter"])
def world(request: pytest.FixtureRequest) -> Iterator[JiraWorld]:
    with world_of(request.param) as opened:
        opened.site.lag = timedelta(seconds=90 if opened.cloud else 0)
        yield opened


class TestJiraTracker(TrackerContract):
    pass


class TestJiraTrackerAtTheGateway(TrackerContract):
    @pytest.fixture
    def world(self) -> Iterator[JiraWorld]:
        with world_of(JiraCloud) as opened:
            assert isinstance(opened.jira, JiraCloud)
            opened.jira.scoped = True
            opened.settings = {"cloud_id": opened.jira.cloud_id}
            opened.tracker = opened.open()
            yield opened


class TestJiraTrackerWithAnEpicLink(TrackerContract):
    @pytest.fixture
    def world(self) -> Iterator[JiraWorld]:
        with world_of(JiraDataCenter) as opened:
            fields = opened.site.projects["OPS"].fields
            fields["parent"].create = fields["parent"].edit = False
            fields["customfield_10014"] = Field("customfield_10014", "Epic Link", "epic")
            yield opened
