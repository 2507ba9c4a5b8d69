"""What a run costs in calls to a tracker: idle it must not grow with the tickets, and with changes only by them."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from sync.model import State, TicketRef
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
        summary = team.run(elsewhere=world.tracker, new_tickets=None)
        assert (summary.failed, summary.conflicts) == (0, 0), summary
        world.clock.sleep(3600)
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


def main() -> None:
    print("tracker     tickets   first run   idle   1 % closed   (calls)")
    for tickets in SIZES:
        folder = Path(tempfile.mkdtemp(prefix="postmortem-sync-bench-"))
        jira = JiraWorld(JiraCloud, TickingClock())
        try:
            with jira.jira.serving():
                jira.tracker = jira.open()
                first, idle, changed = measure(jira, folder, tickets)
                jira.tracker.close()
        finally:
            shutil.rmtree(folder)
        print(f"Jira Cloud  {tickets:7d}  {first:10d}  {idle:5d}  {changed:11d}", flush=True)


if __name__ == "__main__":
    main()
