"""Switches safeguards off, one at a time, and shows which scenario then fails: `make mutations`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tests.faults import page
from tests.faults.tally import Tally
from tests.faults.together import Case, tallies

NOTICED_BY = {
    "the intent record": (
        ("index lags, answers lost", "github", 12),
        ("index lags, answers lost", "github source", 12),
    ),
    "the mark look-up": (
        ("the same, and the journal lost", "github", 100),
        ("the same, and the journal lost", "jira cloud", 100),
        ("killed, and the journal lost", "local", 60),
    ),
    "the re-read before the rename": (("document edited at each operation", "local", 1000),),
    "the look at what was there after it": (("document edited at each operation", "local", 1000),),
    "expectedHeadOid": (("branch moved at each request", "github source", 100),),
    "the page's version": (
        ("page edited at each request", "confluence cloud", 100),
        ("page edited at each request", "confluence data center", 100),
    ),
    "the healing of twins": (
        ("2 machines at once, no shared state", "github", 24),
        ("2 machines at once, no shared state", "jira cloud", 24),
    ),
}
"""The scenarios that are to fail when a safeguard is off, with the tracker and the number of cases."""

HEADER = (
    "| switched off | scenario | tracker | cases | wrong with all on | wrong without it | what is wrong |\n"
    "|---|---|---|--:|--:|--:|---|"
)


def main() -> int:
    """Exit status 1 when a safeguard is missed by a scenario that is to notice, or it fails with all of them on."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mutations", description=__doc__)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="side by side (default: one a core)")
    parser.add_argument("--markdown", type=Path, help="write the table into this page as well")
    options = parser.parse_args()
    named = [(safeguard, *place) for safeguard, places in NOTICED_BY.items() for place in places]
    cases: list[Case] = []
    for safeguard, scenario, tracker, size in named:
        cases += [(scenario, tracker, options.seed, size, off) for off in ("", safeguard)]
    lines = [HEADER]
    print(HEADER, flush=True)
    missed = 0
    done = tallies(cases, options.jobs)
    for safeguard, *_ in named:
        healthy, harmed = next(done), next(done)
        missed += bool(healthy.bad) or not harmed.bad
        lines.append(
            f"| {safeguard} | {harmed.scenario} | {harmed.tracker} | {harmed.runs} | {healthy.bad} | {harmed.bad} |"
            f" {what_is_wrong(harmed)} |"
        )
        print(lines[-1], flush=True)
    if options.markdown:
        page.put(options.markdown, "mutations", "\n".join(lines))
    return 1 if missed else 0


def what_is_wrong(tally: Tally) -> str:
    """In words, with counts."""
    found = {
        "duplicates": tally.duplicates,
        "twins that had to be healed": 0 if tally.may_twin else tally.twins,
        "lost items": tally.lost_items,
        "lost edits": tally.lost_edits,
        "documents with wrong bytes": tally.wrong_bytes,
        "unhandled errors": tally.unhandled,
    }
    return ", ".join(f"{number} {name}" for name, number in found.items() if number) or "nothing"


if __name__ == "__main__":
    sys.exit(main())
