"""The other end of the load benchmark, in a process of its own: a simulator that answers until its input ends."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.faults.clock import SharedClock
from tests.simulators import jira_spec
from tests.simulators.github_server import GitHub
from tests.simulators.github_shapes import DESCRIPTION
from tests.simulators.github_site import Site as GitHubSite
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_datacenter import JiraDataCenter
from tests.simulators.jira_site import Site as JiraSite
from tests.simulators.jira_wire import Answer, Asked, Wire

ANSWER_SECONDS = 0.1
"""What each answer takes of the virtual time."""


def slow(wire: Wire, clock: SharedClock) -> Wire:
    """The same, keeping no log of thousands of requests, and taking its time; GitHub's quota is full each hour."""
    real = wire.handle
    hour = 0

    def handle(asked: Asked) -> Answer:
        nonlocal hour
        clock.sleep(ANSWER_SECONDS)
        wire.log.clear()
        now = int(clock.now().timestamp() // 3600)
        if isinstance(wire, GitHub) and now != hour:
            hour, wire.quota = now, 5000
        return real(asked)

    wire.handle = handle  # type: ignore[method-assign]
    return wire


def site(kind: str, clock: SharedClock) -> Wire:
    """A simulator by its name."""
    if kind == "github":
        there = GitHubSite(clock.now)
        there.repository("Acme/Shop")
        there.account("bo")
        return GitHub(there)
    return (JiraCloud if kind == "jira cloud" else JiraDataCenter)(JiraSite(clock.now))


def main() -> None:
    kind, folder = sys.argv[1:]
    # The tests hold each answer against the vendors' descriptions; here that would be most of the time.
    DESCRIPTION._place = Path("/nowhere")
    jira_spec.AVAILABLE = False
    JiraCloud.check_description = lambda self, value: None  # type: ignore[method-assign]
    clock = SharedClock(Path(folder) / "clock")
    wire = slow(site(kind, clock), clock)
    with wire.serving() as address:
        print(address, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
