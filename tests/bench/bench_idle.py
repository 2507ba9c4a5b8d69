"""An idle run over 2,000 postmortems and 10,000 tickets against reading and hashing those files in plain Python."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.worlds import World

POSTMORTEMS = 2000
ITEMS = 5


def document(number: int) -> str:
    """A postmortem of about 3 kB with five action items."""
    story = "The service answered slowly while the cache of another region was rebuilt, and nothing said so. " * 22
    items = "".join(
        f"- [ ] Change number {n} after incident {number}, owner: Bo Ek, due: 2026-05-0{n + 1}\n" for n in range(ITEMS)
    )
    return (
        f"---\ndate: 2026-02-{number % 27 + 1:02d}\nstatus: published\n---\n# Incident {number}\n\n"
        f"## Summary\n\n{story}\n\n## Action items\n\n{items}"
    )


def read_and_hash(folder: Path) -> int:
    """What any program must do at least to know that nothing changed."""
    count = 0
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            with open(os.path.join(root, name), "rb") as file:
                hashlib.sha256(file.read()).hexdigest()
            count += 1
    return count


def best(times: int, work: object) -> float:
    """Seconds of the fastest of several goes."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()  # type: ignore[operator]
        found.append(time.perf_counter() - start)
    return min(found)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="postmortem-sync-bench-"))
    try:
        world = World(folder)
        for number in range(POSTMORTEMS):
            world.write(f"{number % 20:02d}/{number:05d}.md", document(number))
        start = time.perf_counter()
        first = world.run(new_tickets=None)
        print(
            f"first run: {first.created} tickets, {first.written_back} documents, {time.perf_counter() - start:.1f} s"
        )
        summary = world.run()
        assert (summary.created, summary.written_back, summary.updated) == (0, 0, 0), summary
        assert summary.items == POSTMORTEMS * ITEMS, summary
        idle = best(5, world.run)
        plain = best(5, lambda: read_and_hash(world.docs))
        ratio = f"{idle / plain:.1f} times (aim: 3)"
        print(f"idle run {idle * 1000:.0f} ms, reading and hashing {plain * 1000:.0f} ms: {ratio}")
    finally:
        shutil.rmtree(folder)
    help_seconds = best(9, lambda: _python("-m", "sync.cli", "--help"))
    bare_seconds = best(9, lambda: _python("-c", "pass"))
    print(
        f"sync --help {help_seconds * 1000:.0f} ms, python -c pass {bare_seconds * 1000:.0f} ms:"
        f" {help_seconds / bare_seconds:.1f} times (aim: 6)"
    )
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
