from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.jira.worlds import SIMULATORS, JiraWorld, world_of
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_datacenter import JiraDataCenter


@pytest.fixture(params=SIMULATORS, ids=["cloud", "datacenter"])
def world(request: pytest.FixtureRequest) -> Iterator[JiraWorld]:
    """Either of the two."""
    with world_of(request.param) as opened:
        yield opened


@pytest.fixture
def cloud() -> Iterator[JiraWorld]:
    with world_of(JiraCloud) as opened:
        yield opened


@pytest.fixture
def datacenter() -> Iterator[JiraWorld]:
    with world_of(JiraDataCenter) as opened:
        yield opened
