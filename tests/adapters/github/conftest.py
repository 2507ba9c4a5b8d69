from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.github.source_worlds import GitHubSourceWorld, source_world
from tests.adapters.github.worlds import GitHubWorld, github_world


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    """An organisation without issue fields: due dates go into the description."""
    with github_world() as opened:
        yield opened


@pytest.fixture
def fielded() -> Iterator[GitHubWorld]:
    """An organisation with the issue field that due dates go to."""
    with github_world() as opened:
        opened.site.add_field("Acme", "Target date")
        yield opened


@pytest.fixture
def docs() -> Iterator[GitHubSourceWorld]:
    """A repository of postmortems."""
    with source_world() as opened:
        yield opened
