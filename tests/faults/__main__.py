"""Every fault, many times: `make faults`. Prints one table; the seed makes it repeatable."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from tests.faults import page
from tests.faults.scenarios import SCENARIOS
from tests.faults.tally import HEADER, Tally, row
from tests.faults.together import Case, tallies

SEED = 2026
IN_TURN = 10**6


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--size", type=int, default=16, help="cases of a scenario on a tracker (default 16)")
    parser.add_argument("--in-turn", type=int, default=IN_TURN, help="the same where each moment has its turn")
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    parser.add_argument("--tracker", default="", help="trackers whose name holds this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="side by side (default: one a core)")
    parser.add_argument("--markdown", type=Path, help="write the table into this page as well")
    options = parser.parse_args()
    cases: list[Case] = [
        (name, tracker, options.seed, options.in_turn if scenario.in_turn else options.size, "")
        for name, scenario in SCENARIOS.items()
        for tracker in scenario.trackers
        if options.only in name and options.tracker in tracker
    ]
    began = time.monotonic()
    done: list[Tally] = []
    print(HEADER, flush=True)
    for tally in tallies(cases, options.jobs):
        done.append(tally)
        print(row(tally), flush=True)
        for note in tally.notes[:6]:
            print(f"    {note}", file=sys.stderr)
    minutes = (time.monotonic() - began) / 60
    reported = page.summary(done, options.seed, minutes)
    print(f"\n{reported}")
    if options.markdown:
        page.put(options.markdown, "faults", "\n".join([reported, "", HEADER, *map(row, done)]))
    return 1 if any(tally.bad for tally in done) else 0


if __name__ == "__main__":
    sys.exit(main())
