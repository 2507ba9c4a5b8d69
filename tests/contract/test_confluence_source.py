from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.confluence.worlds import SIMULATORS, ConfluenceWorld, world_of
from tests.contract.sources import SourceContract


@pytest.fixture(params=SIMULATORS, ids=lambda simulator: simulator.__name__)
def world(request: pytest.FixtureRequest) -> Iterator[ConfluenceWorld]:
    with world_of(request.param) as opened:
        yield opened


class TestConfluenceSource(SourceContract):
    pass
