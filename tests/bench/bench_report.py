"""A report over 10,000 postmortems against reading the same rows with sqlite3 and json, and nothing else."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from sync.journal.open import open_journal
from tests.bench.bench_idle import best
from tests.report.histories import fill, generate

POSTMORTEMS = 10_000
SETTINGS = '[state]\nurl = "sqlite:///journal.db"\n'


def plain(place: Path) -> int:
    """What any program must do at least: read every row, and decode it."""
    with closing(sqlite3.connect(place)) as store:
        events = [json.loads(row[0]) for row in store.execute("SELECT details FROM history ORDER BY number")]
        tickets = [json.loads(row[0]) for row in store.execute("SELECT ticket FROM tickets")]
    return len(events) + len(tickets)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="postmortem-sync-bench-") as name:
        folder = Path(name)
        (folder / "sync.toml").write_text(SETTINGS, encoding="utf-8")
        place = folder / "journal.db"
        journal = open_journal(f"sqlite:///{place}")
        postmortems = generate(POSTMORTEMS)
        fill(journal, postmortems)
        journal.close()
        items = sum(len(one.items) for one in postmortems)
        print(f"{POSTMORTEMS} postmortems, {items} items, a journal of {place.stat().st_size / 1e6:.0f} MB")
        reading = best(3, lambda: plain(place))
        base = _child(folder, "-c", "from tests.bench.bench_report import plain; from pathlib import Path;"
                      "plain(Path('journal.db'))")  # fmt: skip
        print(f"reading it plainly {reading * 1000:.0f} ms, {base[1]:.0f} MB")
        for words in (["--json"], ["--html", "report.html"]):
            seconds, memory = min(_child(folder, "-m", "sync.cli", "report", *words) for _ in range(2))
            ratio = f"{seconds / reading:.1f} times"
            print(f"sync report {words[0]}: {seconds * 1000:.0f} ms, {ratio}; peak memory {memory:.0f} MB")
        print(f"page: {(folder / 'report.html').stat().st_size / 1e6:.2f} MB")


def _child(folder: Path, *arguments: str) -> tuple[float, float]:
    """(seconds, peak memory in MB) of a process of its own."""
    root = str(Path(__file__).parents[2])
    measured = (
        "import resource, subprocess, sys;"
        "subprocess.run([sys.executable, *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", measured, *arguments],
        cwd=folder,
        env={"PYTHONPATH": root, "PATH": "/usr/bin:/bin"},
        check=True,
        capture_output=True,
        text=True,
    )
    return time.perf_counter() - start, int(done.stdout) / 1024


if __name__ == "__main__":
    main()
