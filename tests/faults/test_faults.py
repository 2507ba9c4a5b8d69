"""The short version of `make faults`, with a fixed seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.__main__ import scenarios
from tests.faults.kills import Tally, row


@pytest.mark.parametrize("number", range(len(scenarios(2026, 1))), ids=[name for name, _ in scenarios(2026, 1)])
def test_nothing_is_lost_and_nothing_is_made_twice(tmp_path: Path, number: int) -> None:
    name, scenario = scenarios(2026, 1)[number]
    tally = Tally(name)
    scenario(tmp_path, tally)
    assert tally.runs
    assert not tally.bad, f"{row(tally)} {tally.notes}"
