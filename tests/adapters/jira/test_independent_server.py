"""A Data Center that others wrote (jira820), for the operations that it has: no bulk create, no issue properties."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import requests

from adapters.jira.tracker import JiraTracker
from sync.model import Patch, State, Ticket, TicketRef
from tests.clocks import VirtualClock
from tests.simulators.gate import soon

pytestmark = pytest.mark.skipif(importlib.util.find_spec("jira820") is None, reason="jira820 is not installed")

CONFIG = """
project_key: OPS
statuses: [[Open, todo, "1"], [In Progress, inprogress, "3"], [Done, done, "10002"], [Rejected, done, "10003"]]
transition_screens: {Done: ["resolution?"], Rejected: ["resolution?"]}
epics_per_module: 1
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    config: Path = tmp_path_factory.mktemp("jira820") / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    surroundings = {"JIRA820_HOST": "127.0.0.1", "JIRA820_PORT": str(port), "JIRA820_CONFIG": str(config)}
    command = [sys.executable, "-m", "jira820"]
    silent = subprocess.DEVNULL
    process = subprocess.Popen(command, env={**os.environ, **surroundings}, stdout=silent, stderr=silent)
    base = f"http://127.0.0.1:{port}"
    try:
        soon(lambda: _answers(base), "that the server answers")
        yield base
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(base: str) -> bool:
    try:
        return requests.get(f"{base}/rest/api/2/serverInfo", timeout=30).ok
    except requests.RequestException:
        return False


@pytest.fixture
def tracker(server: str) -> Iterator[JiraTracker]:
    opened = JiraTracker(server, "token", VirtualClock(datetime.now(UTC)), project="OPS")
    yield opened
    opened.close()


@pytest.fixture
def ticket(server: str, tracker: JiraTracker) -> Ticket:
    fields = {
        "project": {"key": "OPS"},
        "issuetype": {"name": "Task"},
        "summary": "Ours",
        "labels": ["postmortem-sync"],
    }
    made = requests.post(f"{server}/rest/api/2/issue", json={"fields": fields}, timeout=60)
    ref = TicketRef("jira", "OPS", made.json()["key"])
    found = tracker.lookup([ref])[ref]
    assert found is not None
    return found


def test_tickets_are_listed_and_looked_up(tracker: JiraTracker, ticket: Ticket) -> None:
    missing = TicketRef("jira", "OPS", "OPS-99999")
    assert tracker.lookup([ticket.ref, missing]) == {ticket.ref: ticket, missing: None}
    assert ticket in list(tracker.changed("OPS", "").tickets)
    assert ticket.mark is None


def test_fields_are_changed_and_read_back(tracker: JiraTracker, ticket: Ticket) -> None:
    written = tracker.update(ticket, Patch(title="New title", due=date(2026, 5, 1), assignees=("admin",)))
    assert (written.ticket.title, written.ticket.due) == ("New title", date(2026, 5, 1))
    assert written.ticket.assignees == ("admin",)
    assert written.dropped == ()


def test_tickets_are_closed_and_reopened(tracker: JiraTracker, ticket: Ticket) -> None:
    closed = tracker.update(ticket, Patch(state=State.DONE)).ticket
    assert closed.state is State.DONE
    assert closed.closed_on is not None
    assert tracker.update(closed, Patch(state=State.OPEN)).ticket.state is State.OPEN


def test_a_duplicate_is_linked_and_closed(tracker: JiraTracker, ticket: Ticket) -> None:
    written = tracker.update(ticket, Patch(state=State.WONTDO, duplicate_of="OPS-1"))
    assert written.ticket.state is State.WONTDO
    assert written.ticket.duplicate_of == "OPS-1"
