from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.github.source_worlds import GitHubSourceWorld, source_world
from tests.contract.sources import SourceContract


@pytest.fixture(params=["direct", "below a folder"])
def world(request: pytest.FixtureRequest) -> Iterator[GitHubSourceWorld]:
    with source_world(folder="handbook/ops" if request.param == "below a folder" else "") as opened:
        yield opened


class TestGitHubSource(SourceContract):
    pass
