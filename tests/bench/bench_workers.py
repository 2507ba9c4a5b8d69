"""The same postmortems on 1, 2 and 4 workers against a Jira that takes its time: scaling, duplicates, what was lost.

Everything is real but Jira: processes of `sync worker --drain`, PostgreSQL, files, the clock.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.postgres import Postgres, running

WORKERS = (1, 2, 4)
SMALL = 120
FULL = 5000
ITEMS = 2
JOBS = 4
LATENCY = 0.2
SETTINGS = """tracker = "jira"
[sources.docs]
path = "docs"
[limits]
new_tickets = 1000000
max_age_days = 36500
[jira]
base_url = "{address}"
project = "OPS"
email = "{email}"
[state]
url = "{url}"
[worker]
jobs = {jobs}
every_minutes = 59
"""
DOCUMENT = """---
date: 2026-02-{day:02d}
---
# Incident {number}

The service answered slowly while the cache of another region was rebuilt, and nothing said so.

## Action items

- [ ] First change after incident {number}, due: 2026-05-01
- [ ] Second change after incident {number}, due: 2026-05-02
"""


@dataclass(frozen=True, slots=True)
class Took:
    """What one phase took: seconds, of them until the first document was written, of the processors, of Jira's."""

    seconds: float
    scan: float
    cpu: float
    site_cpu: float
    calls: int
    truth: dict[str, Any]
    lost: int


class Site:
    """A Jira in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdin
        assert process.stdout
        self._in, self._out = process.stdin, process.stdout
        self.where: dict[str, str] = json.loads(self._out.readline())

    def ask(self, command: str) -> dict[str, Any]:
        self._in.write(command + "\n")
        self._in.flush()
        told: dict[str, Any] = json.loads(self._out.readline())
        return told


@contextmanager
def site(latency: float) -> Iterator[Site]:
    command = [sys.executable, "-m", "tests.bench.worker_site", str(latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Site(process)
        finally:
            assert process.stdin
            process.stdin.close()


class Load:
    """So many postmortems in a folder, an empty database and an empty Jira."""

    def __init__(self, folder: Path, postmortems: int, jira: Site, url: str, jobs: int) -> None:
        self.folder = folder
        self.jira = jira
        for number in range(postmortems):
            place = folder / "docs" / f"{number % 50:02d}" / f"{number:05d}.md"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(DOCUMENT.format(number=number, day=number % 27 + 1))
        (folder / "sync.toml").write_text(SETTINGS.format(url=url, jobs=jobs, **jira.where))

    def drain(self, workers: int, mark: str) -> Took:
        """Let so many workers do all there is. `mark` is what a finished item has in its line."""
        before = self.jira.ask("truth")
        environment = os.environ | {"SYNC_JIRA__TOKEN": self.jira.where["token"]}
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        started = time.time()
        logs = [(self.folder / f"worker-{n}.log").open("w") for n in range(workers)]
        command = [sys.executable, "-m", "sync.cli", "worker", "--drain"]
        processes = [
            subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log) for log in logs
        ]
        for process in processes:
            assert process.wait() == 0, (self.folder / "worker-0.log").read_text()[-2000:]
        seconds = time.perf_counter() - began
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
        for log in logs:
            log.close()
        truth = self.jira.ask("truth")
        written = [path.stat().st_mtime for path in self.folder.glob("docs/*/*.md")]
        done = sum(len(re.findall(mark, path.read_text(), re.MULTILINE)) for path in self.folder.glob("docs/*/*.md"))
        return Took(
            seconds,
            min(written) - started,
            now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime,
            truth["cpu"] - before["cpu"],
            truth["calls"] - before["calls"],
            truth,
            len(written) * ITEMS - done,
        )


def measure(postgres: Postgres, workers: int, postmortems: int, latency: float, jobs: int) -> tuple[Took, Took]:
    """(every ticket is made, every ticket was closed and it is brought back)."""
    folder = Path(tempfile.mkdtemp(prefix="postmortem-sync-bench-"))
    try:
        with site(latency) as jira:
            load = Load(folder, postmortems, jira, postgres.database(), jobs)
            made = load.drain(workers, r"^- \[ \] .*\(\[OPS-\d+\]")
            jira.ask("close")
            return made, load.drain(workers, r"^- \[x\] .*\(\[OPS-\d+\]")
    finally:
        shutil.rmtree(folder)


def main(postmortems: int = SMALL, latency: float = LATENCY, jobs: int = JOBS) -> None:
    with running() as postgres:
        for workers in WORKERS:
            for what, took in zip(("made", "back"), measure(postgres, workers, postmortems, latency, jobs)):
                print(what, workers, f"{postmortems / took.seconds:.1f}/s", took, flush=True)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
