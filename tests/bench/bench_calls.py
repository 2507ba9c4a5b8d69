"""What a run costs in calls to a tracker: idle it must not grow with the tickets, and with changes only by them."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import deque
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from adapters.github import tracker
from sync.model import State, TicketRef
from tests.adapters.github.worlds import github_world
from tests.adapters.jira.worlds import JiraWorld
from tests.clocks import VirtualClock
from tests.contract.trackers import TrackerWorld
from tests.simulators.jira_cloud import JiraCloud
from tests.worlds import World

SIZES = (1, 100, 1000, 10000)
ITEMS = 5
HEAD = "---\ndate: 2026-02-20\nstatus: published\n---\n# Incident {n}\n\n## Action items\n\n"


class TickingClock(VirtualClock):
    """A clock by which every look at it takes a twentieth of a second, as calls do."""

    def now(self) -> datetime:
        self.sleep(0.05)
        return super().now()


def measure(world: TrackerWorld, folder: Path, tickets: int) -> tuple[int, int, int]:
    """Calls of a first run, of an idle one, and of one after 1 % of the tickets were closed."""
    team = World(folder)
    team.clock = world.clock
    for number in range((tickets + ITEMS - 1) // ITEMS):
        count = min(ITEMS, tickets - number * ITEMS)
        lines = "".join(f"- [ ] Change number {n} after incident {number}\n" for n in range(count))
        team.write(f"{number:05d}.md", HEAD.format(n=number) + lines)

    def run() -> int:
        before = world.tracker.requests()
        while True:
            summary = team.run(elsewhere=world.tracker, new_tickets=None)
            world.clock.sleep(3600)
            # A tracker that allows so many new tickets an hour is asked again when the hour is over.
            if not summary.failed:
                break
        return world.tracker.requests() - before

    first = run()
    run()
    idle = run()
    listing = world.tracker.changed(world.tracker.project_of(""), "")
    refs: list[TicketRef] = [ticket.ref for ticket in listing.tickets]
    assert len(refs) == tickets
    for ref in refs[:: 100 if tickets >= 100 else 1][: max(1, tickets // 100)]:
        world.person_closes(ref, State.DONE)
    world.settle()
    return first, idle, run()


def jira(folder: Path, tickets: int) -> tuple[int, int, int]:
    world = JiraWorld(JiraCloud, TickingClock())
    with world.jira.serving():
        world.tracker = world.open()
        try:
            return measure(world, folder, tickets)
        finally:
            world.tracker.close()


def github(folder: Path, tickets: int) -> tuple[int, int, int]:
    with github_world() as world, patch.object(tracker, "CONTENT", ()):
        # Twenty hours of GitHub's limits on new issues are left out: they cost time and no calls.
        world.github.quota = sys.maxsize
        world.github.content = deque(maxlen=0)
        world.tracker = world.open()
        return measure(world, folder, tickets)


def main() -> None:
    print("tracker      tickets   first run   idle   1 % closed   (calls)")
    for name, measured, sizes in (("Jira Cloud", jira, SIZES), ("GitHub", github, SIZES)):
        for tickets in sizes:
            folder = Path(tempfile.mkdtemp(prefix="postmortem-sync-bench-"))
            try:
                first, idle, changed = measured(folder, tickets)
            finally:
                shutil.rmtree(folder)
            print(f"{name:<11}  {tickets:7d}  {first:10d}  {idle:5d}  {changed:11d}", flush=True)


if __name__ == "__main__":
    main()
