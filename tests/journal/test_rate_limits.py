"""Whoever shares a state store keeps one pace at a tracker: calls never come closer than its limits allow."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from sync.journal import schema
from sync.journal.journal import Journal
from sync.journal.open import open_journal
from sync.journal.rate_limits import SharedRateLimiter
from sync.ports import Limit


@pytest.fixture(params=["sqlite", "postgresql"])
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Journal]]:
    """Four that have opened the same store."""
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").database()
    opened = [open_journal(url) for _ in range(4)]
    yield opened
    for journal in opened:
        journal.close()


def times(journal: Journal, kind: str) -> list[float]:
    with journal.transaction() as connection:
        table = schema.rate_limits
        return sorted(connection.execute(sa.select(table.c.at).where(table.c.kind == kind)).scalars())


def test_turns_that_many_take_at_once_keep_their_distance(machines: list[Journal]) -> None:
    limits = {"call": Limit(0.5), "create": Limit(0.0, ((3, 10.0),))}

    def work(journal: Journal) -> list[float]:
        limiter = SharedRateLimiter(journal, "account")
        return [limiter.take(limits, 1000.0) for _ in range(5)]

    with ThreadPoolExecutor(len(machines)) as pool:
        waits = [wait for some in pool.map(work, machines) for wait in some]
    assert len(waits) == 20
    for kind, (calls, seconds) in {"call": (1, 0.5), "create": (3, 10.0)}.items():
        taken = times(machines[0], kind)
        assert len(taken) == 20
        assert all(later - first >= seconds - 1e-6 for first, later in zip(taken, taken[calls:], strict=False))
    # Another account has a pace of its own.
    assert SharedRateLimiter(machines[0], "another").take(limits, 0.0) == 0.0


def test_what_takes_too_long_or_is_only_asked_for_is_not_reserved(machines: list[Journal]) -> None:
    first, second = (SharedRateLimiter(journal, "account") for journal in machines[:2])
    limits = {"call": Limit(60.0)}
    assert first.take(limits, 1.0) == 0.0
    assert second.take(limits, 1.0) > 50
    assert second.take(limits, 1000.0, reserve=False) > 50
    assert len(times(machines[0], "call")) == 1


def test_when_the_tracker_asks_one_to_stay_away_all_do(machines: list[Journal]) -> None:
    SharedRateLimiter(machines[0], "account").close(300.0)
    assert SharedRateLimiter(machines[1], "account").take({"call": Limit()}, 1.0) > 290
    assert SharedRateLimiter(machines[1], "another").take({"call": Limit()}, 1.0) == 0.0
