from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.confluence.worlds import SIMULATORS, ConfluenceWorld, world_of
from tests.simulators.confluence_cloud import ConfluenceCloud
from tests.simulators.confluence_datacenter import ConfluenceDataCenter


@pytest.fixture(params=SIMULATORS, ids=lambda simulator: simulator.__name__)
def world(request: pytest.FixtureRequest) -> Iterator[ConfluenceWorld]:
    """Cloud and Data Center, one after the other."""
    with world_of(request.param) as opened:
        yield opened


@pytest.fixture
def cloud() -> Iterator[ConfluenceWorld]:
    with world_of(ConfluenceCloud) as opened:
        yield opened


@pytest.fixture
def datacenter() -> Iterator[ConfluenceWorld]:
    with world_of(ConfluenceDataCenter) as opened:
        yield opened
