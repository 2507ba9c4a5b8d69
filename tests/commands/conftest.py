from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.teams import TRACKERS, Team, team_on


@pytest.fixture(params=TRACKERS)
def team(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Team]:
    """A team on each tracker in turn."""
    with team_on(request.param, tmp_path, monkeypatch, capfd) as team:
        yield team
