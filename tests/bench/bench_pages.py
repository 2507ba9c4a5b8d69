"""A thousand pages of Confluence in one run, beside Jira: calls, peak memory and time, then an idle run.

The program runs in a process of its own against simulators in this one. Waits are virtual.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from tests.faults.clock import SharedClock
from tests.faults.pages import ORIGINALS, products
from tests.simulators.confluence_site import Site as ConfluenceSite
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_datacenter import JiraDataCenter
from tests.simulators.jira_site import Site as JiraSite

SIZES = (100, 1000)


class Run(NamedTuple):
    """One run: calls of each product, peak memory in MB, seconds by the clock on the wall, and what it says."""

    pages: int
    tickets: int
    memory: int
    seconds: float
    summary: dict[str, Any]


def run(folder: Path, environment: dict[str, str], clock: Path, calls: list[int], *options: str) -> Run:
    before, began = list(calls), time.monotonic()
    command = [sys.executable, "-m", "tests.bench.load_program", str(clock), "run", "--json", "--quiet", *options]
    place = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment}
    done = subprocess.run(command, cwd=folder, env=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    used = json.loads(done.stderr.splitlines()[-1])
    summary = json.loads(done.stdout.splitlines()[-1])
    return Run(calls[0] - before[0], calls[1] - before[1], used["kb"] // 1024, time.monotonic() - began, summary)


def measure(cloud: bool, size: int) -> tuple[Run, Run]:
    """The first run over so many pages, and one after it that has nothing to do."""
    with tempfile.TemporaryDirectory(prefix="pms-pages-") as name:
        folder = Path(name)
        clock = SharedClock(folder / "clock")
        site, pages = JiraSite(clock.now), ConfluenceSite(clock.now)
        jira = (JiraCloud if cloud else JiraDataCenter)(site)
        both, confluence = products(jira, cloud, pages)
        calls = [0, 0]
        handle = both.handle

        def counted(asked: Any) -> Any:
            calls[not asked.path.startswith(f"{confluence.product}/")] += 1
            return handle(asked)

        both.handle = counted  # type: ignore[method-assign]
        bodies = list(ORIGINALS.values())
        for number in range(size):
            body = bodies[number % 3].replace(" of k", f" {number} of k")
            pages.page(f"Outage {number}", body, labels=("postmortem",))
        with both.serving() as address:
            jira.base_url = confluence.base_url = address
            email = f'email = "{site.me.email}"\n' if cloud else ""
            (folder / "sync.toml").write_text(
                f'tracker = "jira"\n[jira]\nbase_url = "{address}"\ngateway = "{address}"\nproject = "OPS"\n{email}'
                f'[confluence]\nbase_url = "{address}{confluence.product}"\n'
                '[sources.pages]\nkind = "confluence"\nlabel = "postmortem"\n'
                "[limits]\nmax_age_days = 36500\nnew_tickets = 100000\n",
                encoding="utf-8",
            )
            secrets = {"SYNC_JIRA__TOKEN": jira.secret} | ({} if cloud else {"SYNC_CONFLUENCE__TOKEN": jira.secret})
            first = run(folder, secrets, folder / "clock", calls)
            clock.sleep(600)
            # What the tracker tells of its own work.
            run(folder, secrets, folder / "clock", calls)
            clock.sleep(600)
            return first, run(folder, secrets, folder / "clock", calls)


def main() -> None:
    print("| site | pages | tickets | calls to Confluence | to Jira | memory | time | idle: calls | memory | time |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for cloud in (True, False):
        for size in SIZES:
            first, idle = measure(cloud, size)
            assert first.summary["written_back"] == size
            assert (idle.summary["created"], idle.summary["written_back"]) == (0, 0)
            print(
                f"| {'cloud' if cloud else 'data center'} | {size:,} | {first.summary['created']:,} | {first.pages:,} |"
                f" {first.tickets:,} | {first.memory} MB | {first.seconds:.0f} s |"
                f" {idle.pages} + {idle.tickets} | {idle.memory} MB | {idle.seconds:.1f} s |",
                flush=True,
            )


if __name__ == "__main__":
    main()
