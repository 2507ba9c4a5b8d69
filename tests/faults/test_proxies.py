"""Behind a company's proxy, of both kinds: a create whose connection drops is not made a second time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.meeting import CREATES
from tests.faults.program import Programs
from tests.faults.scenarios import PROXIED
from tests.faults.tally import ITEMS
from tests.faults.teams import team_on
from tests.simulators.jira_wire import Fault


@pytest.fixture(scope="module")
def programs() -> Iterator[Programs]:
    started = Programs()
    yield started
    started.close()


@pytest.mark.parametrize("kind", PROXIED)
def test_a_create_whose_connection_drops_is_told_and_looked_for(programs: Programs, tmp_path: Path, kind: str) -> None:
    with team_on(kind, tmp_path / "team", programs) as team:
        assert team.wire is not None
        team.wire.faults.append(Fault("drop_after", "POST", CREATES))
        ended = team.run()
        assert ended.status == 1, ended.err
        assert json.loads(ended.out.splitlines()[-1])["failed"]
        for _ in range(3):
            team.clock.sleep(900)
            ended = team.run()
        assert ended.status == 0, ended.err
        titles = [ticket.title for ticket in team.tickets()]
        assert len(titles) == len(ITEMS)
