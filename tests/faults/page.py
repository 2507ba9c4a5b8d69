"""What docs/reliability.md gets from here: blocks between comments, the words around them stay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.faults.tally import Tally


def summary(done: Sequence[Tally], seed: int, minutes: float) -> str:
    """One sentence about many tallies."""
    kills = {
        tracker: sum(t.faults for t in done if t.tracker == tracker and ("kill" in t.scenario or "same" in t.scenario))
        for tracker in dict.fromkeys(tally.tracker for tally in done)
    }
    reported = ", ".join(f"{tracker} {number}" for tracker, number in kills.items() if number)
    return (
        f"Seed {seed}: {sum(t.runs for t in done)} runs with {sum(t.faults for t in done)} faults"
        f" in {minutes:.0f} minutes, {sum(t.bad for t in done)} of them wrong. Kills: {reported}."
    )


def put(page: Path, name: str, text: str) -> None:
    """Put text between `<!-- NAME -->` and `<!-- end of NAME -->`. Raises ValueError when they are not there."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    old = page.read_text("utf-8")
    first, last = old.index(begin) + len(begin), old.index(end)
    page.write_text(f"{old[:first]}\n{text.strip()}\n\n{old[last:]}", encoding="utf-8")
