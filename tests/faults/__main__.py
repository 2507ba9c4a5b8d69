"""Every fault, many times: `make faults`. Prints one table; the seed makes it repeatable."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.faults import kills
from tests.faults.kills import Tally


def scenarios(seed: int, size: int) -> list[tuple[str, Callable[[Path, Tally], None]]]:
    """What is tried, by name; `size` multiplies how often."""
    return [
        ("killed anywhere", lambda f, t: kills.kill_anywhere(f, 15 * size, seed, t)),
        ("killed, and the journal lost", lambda f, t: kills.kill_and_lose_the_journal(f, 8 * size, seed + 1, t)),
        ("2 runs at once", lambda f, t: kills.at_once(f, size, 2, True, t)),
        ("4 runs at once", lambda f, t: kills.at_once(f, size, 4, True, t)),
        ("8 runs at once", lambda f, t: kills.at_once(f, size, 8, True, t)),
        ("2 machines at once, no shared state", lambda f, t: kills.at_once(f, 2 * size, 2, False, t)),
        ("edited while runs go on", lambda f, t: kills.edited_under_our_hands(f, size, seed, t)),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--size", type=int, default=20, help="how many times the short version (default 20)")
    options = parser.parse_args()
    print(f"embedded tracker, seed {options.seed}, size {options.size}\n\n{kills.HEADER}", flush=True)
    bad = 0
    for name, scenario in scenarios(options.seed, options.size):
        folder = Path(tempfile.mkdtemp(prefix="postmortem-sync-faults-"))
        tally = Tally(name)
        try:
            scenario(folder, tally)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(kills.row(tally), flush=True)
        for note in tally.notes[:5]:
            print(f"  {note}", file=sys.stderr)
        bad += tally.bad
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
