"""Thousands of postmortems at once: peak memory, calls, and time against what the trackers' pace allows.

The program runs as cron would run it, each hour until all is done, then once more for what the tracker tells of its
own work, then idle. Time is virtual: waits cost none, and each answer of a tracker takes a tenth of a second.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.canaries import MARK
from tests.faults.clock import SharedClock

KINDS = ("local", "github", "jira cloud", "jira data center")
SIZES = (100, 300)
FULL = (500, 1000, 5000)
ITEMS = 5
HOUR = 3600.0
CALLS_A_MINUTE = 300
"""What the settings allow on Jira, whose own limits are not published."""

CONTENT_AN_HOUR = 500
"""What GitHub allows of new issues."""

SETTINGS = {
    "local": 'tracker = "local"\n',
    "github": 'tracker = "github"\n[github]\nbase_url = "{address}"\nrepository = "Acme/Shop"\n',
    "jira cloud": 'tracker = "jira"\n[jira]\nbase_url = "{address}"\nproject = "OPS"\nemail = "robot@example.org"\n',
    "jira data center": 'tracker = "jira"\n[jira]\nbase_url = "{address}"\nproject = "OPS"\n',
}
SECRETS = {"SYNC_GITHUB__TOKEN": f"ghp_{MARK}", "SYNC_JIRA__TOKEN": f"robot-{MARK}"}


@dataclass
class Took:
    """What one run, or several, took: `kb` at most at once, `calls`, seconds of each kind."""

    runs: int = 0
    kb: int = 0
    calls: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    virtual: float = 0.0
    summary: dict[str, Any] = field(default_factory=dict)

    def add(self, other: Took) -> None:
        self.runs, self.kb, self.calls = self.runs + 1, max(self.kb, other.kb), self.calls + other.calls
        self.wall, self.cpu = self.wall + other.wall, self.cpu + other.cpu
        self.summary = other.summary


def document(number: int) -> str:
    """A postmortem of about 3 kB with five action items."""
    story = "The service answered slowly while the cache of another region was rebuilt, and nothing said so. " * 22
    items = "".join(f"- [ ] Change number {n} after incident {number}, due: 2026-05-0{n + 1}\n" for n in range(ITEMS))
    head = f"---\ndate: 2026-02-{number % 27 + 1:02d}\nstatus: published\n---\n# Incident {number}\n\n"
    return f"{head}## Summary\n\n{story}\n\n## Action items\n\n{items}"


class Load:
    """So many postmortems, a tracker at the other end, and runs."""

    def __init__(self, kind: str, folder: Path, postmortems: int) -> None:
        self.kind = kind
        self.folder = folder
        self.postmortems = postmortems
        self.clock = SharedClock(folder / "clock")
        for number in range(postmortems):
            place = folder / "docs" / f"{number % 20:02d}" / f"{number:05d}.md"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(document(number))
            os.utime(place, (1, 1))

    def measure(self) -> tuple[Took, Took]:
        """(the first runs, an idle one)."""
        command = [sys.executable, "-m", "tests.bench.load_sites", self.kind, str(self.folder)]
        if self.kind == "local":
            return self._runs("")
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as site:
            assert site.stdin
            assert site.stdout
            try:
                return self._runs(site.stdout.readline().strip())
            finally:
                site.stdin.close()

    def _runs(self, address: str) -> tuple[Took, Took]:
        pace = f"requests_per_minute = {CALLS_A_MINUTE}\n" if "jira" in self.kind else ""
        limits = f"[limits]\nnew_tickets = {10**6}\nmax_age_days = 36500\n{pace}"
        text = (
            SETTINGS[self.kind].format(address=address)
            + f'{limits}[sources.docs]\npath = "docs"\nurl = "https://docs.example.org/"\n'
        )
        (self.folder / "sync.toml").write_text(text)
        first = Took()
        began = self.clock.now().timestamp()
        made = 0
        while made < self.postmortems * ITEMS:
            one = self._run()
            first.add(one)
            first.virtual = self.clock.now().timestamp() - began
            made += one.summary["created"]
            assert one.summary["created"], one.summary
            self.clock.sleep(HOUR - first.virtual % HOUR)
        self._run()
        self.clock.sleep(HOUR)
        idle = self._run()
        reported = idle.summary
        assert (reported["created"], reported["updated"], reported["written_back"], reported["failed"]) == (
            0,
            0,
            0,
            0,
        ), reported
        assert reported["items"] == reported["unchanged"] == self.postmortems * ITEMS, reported
        return first, idle

    def _run(self) -> Took:
        program = [sys.executable, "-m", "tests.bench.load_program", str(self.folder / "clock")]
        call = [*program, "run", "--force", "--json", "--config", str(self.folder / "sync.toml")]
        start, virtual = time.perf_counter(), self.clock.now().timestamp()
        ended = subprocess.run(call, env=os.environ | SECRETS, capture_output=True, text=True, check=False)
        assert ended.returncode in (0, 1), ended.stderr[-2000:]
        summary = json.loads(ended.stdout.splitlines()[-1])
        took = json.loads(ended.stderr.splitlines()[-1])
        wall = time.perf_counter() - start
        calls = sum(summary["requests"].values())
        return Took(1, took["kb"], calls, wall, took["cpu"], self.clock.now().timestamp() - virtual, summary)


def least(kind: str, postmortems: int, calls: int) -> float:
    """Seconds below which the pace cannot be kept; 0 where there is none."""
    if kind == "github":
        # The first hour's share may be made at once.
        return (postmortems * ITEMS / CONTENT_AN_HOUR - 1) * HOUR
    return calls * 60.0 / CALLS_A_MINUTE if "jira" in kind else 0.0


def line(kind: str, postmortems: int, first: Took, idle: Took) -> str:
    bound = least(kind, postmortems, first.calls)
    paced = f"{first.virtual / HOUR:.1f} h, {first.virtual / bound:.2f} times" if bound > HOUR else "-"
    if 0 < bound <= HOUR:
        paced = f"{first.virtual / 60:.0f} min, {first.virtual / bound:.2f} times"
    return (
        f"| {kind} | {postmortems:,} | {first.runs} | {first.kb / 1024:.0f} MB | {first.calls:,} | {first.wall:.0f} s |"
        f" {first.cpu:.0f} s | {paced} | {idle.kb / 1024:.0f} MB | {idle.calls} | {idle.wall:.1f} s |"
    )


COLUMNS = (
    *("tracker", "postmortems", "runs", "memory", "calls", "time", "of the processor", "against the rate limit"),
    *("idle: memory", "calls", "time"),
)


def main(sizes: tuple[int, ...] = SIZES, kinds: tuple[str, ...] = KINDS) -> None:
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}", flush=True)
    for kind in kinds:
        for postmortems in sizes:
            folder = Path(tempfile.mkdtemp(prefix="postmortem-sync-bench-"))
            try:
                first, idle = Load(kind, folder, postmortems).measure()
            finally:
                shutil.rmtree(folder)
            print(line(kind, postmortems, first, idle), flush=True)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    chosen = tuple(int(word) for word in arguments if word.isdecimal())
    main(FULL if "full" in arguments else chosen or SIZES, tuple(k for k in KINDS if k in arguments) or KINDS)
