"""A worker is killed in the middle of a create: another takes over, waits until it can know, and makes no second."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.simulators.gate import soon
from tests.simulators.jira_wire import Fault
from tests.worker.companies import Company, company

SETTLE = 600.0
"""Seconds that Jira may take to show a new ticket, for these workers."""

SLOW_JIRA = f"""
import adapters.jira.dialect as dialect
object.__setattr__(dialect.CLOUD, "settle_seconds", {SETTLE})
"""
LATER = f"""
from datetime import datetime, timedelta, UTC
from sync.wiring.teams import WorkerClock
WorkerClock.now = lambda clock: datetime.now(UTC) + timedelta(seconds={SETTLE + 60})
"""
STUCK = {"X-Simulated-Delay": "60"}
BULK = "/issue/bulk$"
FAULTS = {
    "it was carried out": Fault("delay", "POST", BULK, seconds=60.0),
    "it was not": Fault("before", "POST", BULK, headers=STUCK),
}


@pytest.fixture
def firm(tmp_path: Path, postgres: Postgres) -> Iterator[Company]:
    with company(tmp_path, postgres.database()) as made:
        made.before = SLOW_JIRA
        yield made


@pytest.mark.parametrize("fate", FAULTS)
def test_a_worker_killed_in_a_create_leaves_exactly_one_ticket(firm: Company, fate: str) -> None:
    # Neither a listing nor a search shows what is new: only a read by key does.
    firm.world.site.lag = timedelta(hours=1)
    firm.configure(more="[worker]\njobs = 1\n")
    firm.write(1)
    firm.world.jira.faults.append(FAULTS[fate])
    first = firm.start()
    soon(lambda: firm.world.jira.calls("POST", BULK), "a create")
    first.send_signal(signal.SIGKILL)
    first.communicate()
    firm.later()
    made = 2 if fate == "it was carried out" else 0
    assert len(firm.world.site.issues) == made

    status, _, err = firm.call("--drain")
    assert status == 0, err
    assert "taken over from a worker that is gone" in err
    assert len(firm.world.jira.calls("POST", BULK)) == 1, "nothing is made again before it is certain"
    assert firm.linked() == 0

    firm.later()
    status, _, err = firm.call("--drain", before=LATER)
    assert status == 0, err
    assert firm.tickets() == dict.fromkeys(firm.wanted(), 1)
    assert firm.linked() == 2
    assert len(firm.world.jira.calls("POST", BULK)) == (1 if made else 2)
