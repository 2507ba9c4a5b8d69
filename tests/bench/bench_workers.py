"""The same postmortems on 1, 2 and 4 workers against a Jira that takes its time: scaling, duplicates, what was lost.

Everything is real but Jira: processes of `sync worker --drain`, PostgreSQL, files, the clock. Two kinds of work: new
tickets are made, about five calls a postmortem; and tickets that were closed are brought back, one call a postmortem.
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
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.postgres import Postgres, running

WORKERS = (1, 2, 4)
KINDS = ("made", "back")
ITEMS = 2
OPEN = re.compile(r"^- \[ \] .*\(\[OPS-\d+\]", re.MULTILINE)
DONE = re.compile(r"^- \[x\] .*\(\[OPS-\d+\]", re.MULTILINE)
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
COLUMNS = (
    *("work", "postmortems", "latency", "jobs a worker", "workers", "until the first", "to the last", "a second"),
    *("scaling", "calls", "processor: workers", "Jira", "tickets", "duplicates", "lost"),
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made, and brought back, with how many jobs a worker, and what each answer of Jira takes.

    Attributes:
        made, back: postmortems.
    """

    made: int
    made_jobs: int
    made_latency: float
    back: int
    back_jobs: int
    back_latency: float


SMALL = Size(60, 2, 0.2, 100, 2, 0.2)
FULL = Size(300, 4, 0.4, 5000, 2, 0.25)


@dataclass(frozen=True, slots=True)
class Took:
    """What a drain took.

    Attributes:
        first: seconds until a document was written: workers start, Jira is listed, documents are planned by one.
        last: seconds from there until the last one was written: what many workers share.
        cpu, site_cpu: seconds of the processor: of the workers, of Jira.
        lost: items whose line does not say what it should.
    """

    first: float
    last: float
    cpu: float
    site_cpu: float
    calls: int
    tickets: int
    duplicates: int
    lost: int


class Site:
    """A Jira in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin
        assert process.stdout
        self._in, self._out = process.stdin, process.stdout
        self.where: dict[str, str] = json.loads(self._out.readline())

    def ask(self, command: str) -> dict[str, Any]:
        """See `worker_site`; answers the truth."""
        self._in.write(command + "\n")
        self._in.flush()
        reported: dict[str, Any] = json.loads(self._out.readline())
        return reported


@contextmanager
def site(latency: float) -> Iterator[Site]:
    command = [sys.executable, "-m", "tests.bench.worker_site", str(latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Site(process)
        finally:
            assert process.stdin
            process.stdin.close()


@contextmanager
def scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="postmortem-sync-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def write(folder: Path, postmortems: int) -> None:
    for number in range(postmortems):
        place = folder / "docs" / f"{number % 50:02d}" / f"{number:05d}.md"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(DOCUMENT.format(number=number, day=number % 27 + 1))


def drain(folder: Path, jira: Site, url: str, workers: int, jobs: int, finished: re.Pattern[str]) -> Took:
    """Let so many workers do all there is to do.

    Args:
        finished: what the line of a finished item looks like.
    """
    (folder / "sync.toml").write_text(SETTINGS.format(url=url, **jira.where))
    command = [sys.executable, "-m", "sync.cli", "worker", "--drain", "--jobs", str(jobs)]
    environment = os.environ | {"SYNC_JIRA__TOKEN": jira.where["token"]}
    before, used = jira.ask("truth"), _processor()
    with ExitStack() as opened:
        logs = [opened.enter_context((folder / f"worker-{n}.log").open("w+")) for n in range(workers)]
        began = time.time()
        each = [subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) for log in logs]
        for process, log in zip(each, logs, strict=True):
            if process.wait():
                log.seek(0)
                raise AssertionError(log.read()[-2000:])
    after = jira.ask("truth")
    paths = list(folder.glob("docs/*/*.md"))
    done = sum(len(finished.findall(path.read_text())) for path in paths)
    written = [path.stat().st_mtime for path in paths]
    return Took(
        min(written) - began,
        max(written) - min(written),
        _processor() - used,
        after["cpu"] - before["cpu"],
        after["calls"] - before["calls"],
        after["tickets"],
        after["duplicates"],
        len(paths) * ITEMS - done,
    )


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def made(postgres: Postgres, size: Size, workers: int) -> Took:
    """Tickets for new postmortems, into an empty Jira and an empty database."""
    with scratch() as folder, site(size.made_latency) as jira:
        write(folder, size.made)
        return drain(folder, jira, postgres.database(), workers, size.made_jobs, OPEN)


def brought_back(postgres: Postgres, size: Size) -> Iterator[tuple[int, Took]]:
    """Every ticket was made, by all the workers and without latency, and closed.

    Each number of workers begins with the same documents and a copy of the database.
    """
    with scratch() as first, site(0.0) as jira:
        write(first, size.back)
        url = postgres.database()
        took = drain(first, jira, url, max(WORKERS), size.made_jobs, OPEN)
        print(line("made", size.back, 0.0, size.made_jobs, max(WORKERS), took), flush=True)
        jira.ask("close")
        jira.ask(f"latency {size.back_latency}")
        for workers in WORKERS:
            with scratch() as folder:
                shutil.copytree(first / "docs", folder / "docs")
                yield workers, drain(folder, jira, postgres.database(url), workers, size.back_jobs, DONE)


def line(
    work: str, postmortems: int, latency: float, jobs: int, workers: int, took: Took, alone: Took | None = None
) -> str:
    scaling = f"{alone.last / took.last:.2f}" if alone else "-"
    cells = (
        *(work, f"{postmortems:,}", f"{latency * 1000:.0f} ms", jobs, workers, f"{took.first:.0f} s"),
        *(f"{took.last:.0f} s", f"{postmortems / took.last:.1f}", scaling),
        *(f"{took.calls:,}", f"{took.cpu:.0f} s", f"{took.site_cpu:.0f} s"),
        *(f"{took.tickets:,}", took.duplicates, took.lost),
    )
    return f"| {' | '.join(map(str, cells))} |"


def main(size: Size = SMALL, kinds: tuple[str, ...] = KINDS) -> None:
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}", flush=True)
    alone: Took | None = None
    with running() as postgres:
        for workers in WORKERS if "made" in kinds else ():
            took = made(postgres, size, workers)
            alone = alone or took
            print(line("made", size.made, size.made_latency, size.made_jobs, workers, took, alone), flush=True)
        alone = None
        for workers, took in brought_back(postgres, size) if "back" in kinds else ():
            alone = alone or took
            print(line("brought back", size.back, size.back_latency, size.back_jobs, workers, took, alone), flush=True)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(FULL if "full" in arguments else SMALL, tuple(kind for kind in KINDS if kind in arguments) or KINDS)
