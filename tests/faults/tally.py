"""What an attack did and what it found, and the documents that are attacked."""

from __future__ import annotations

from dataclasses import dataclass, field

HEAD = "---\ndate: 2026-02-20\nstatus: published\n---\n# Outage {n}\n\n## Action items\n\n"
TABLE = "| Action | Owner |\n|---|---|\n| Move the disk of k3 | Bo Ek |\n| Test k4 |\n"
ITEMS = ("k1", "k2", "k3", "k4", "k5")
"""A word of each action item, which its ticket's title keeps."""


def originals() -> dict[str, str]:
    """The documents without anything of ours."""
    return {
        "tasks.md": HEAD.format(n=1) + "- [ ] Check the queue of k1\n- [ ] Alert on the age of k2\n",
        "table.md": HEAD.format(n=2) + TABLE,
        "late.md": (HEAD.format(n=3) + "* Limit the retries of k5\n").replace("\n", "\r\n"),
    }


@dataclass
class Tally:
    """What a scenario did on a tracker, and what was wrong in the end.

    Attributes:
        runs: of the program with faults, the runs to recover not counted.
        faults: that were injected.
        recovery: the most runs it took until nothing changed any more.
        twins: tickets that were made twice and closed as duplicates of the older.
        may_twin: whether that is all that can be done: runs that cannot see each other, an index that lags for
            longer than its tracker promises.
        notes: which cases were wrong.
    """

    scenario: str
    tracker: str = ""
    may_twin: bool = False
    runs: int = 0
    faults: int = 0
    recovery: int = 0
    twins: int = 0
    duplicates: int = 0
    lost_items: int = 0
    lost_edits: int = 0
    wrong_bytes: int = 0
    unhandled: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def bad(self) -> int:
        """How much is wrong."""
        wrong = self.duplicates + self.lost_items + self.lost_edits + self.wrong_bytes + self.unhandled
        return wrong + (0 if self.may_twin else self.twins)


HEADER = (
    "| scenario | tracker | runs | faults | duplicates | healed twins | lost items | lost edits | wrong bytes"
    " | unhandled | runs to recover |\n"
    "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def row(tally: Tally) -> str:
    """The tally as a row of a Markdown table."""
    figures = (
        *(tally.runs, tally.faults, tally.duplicates, tally.twins, tally.lost_items),
        *(tally.lost_edits, tally.wrong_bytes, tally.unhandled, tally.recovery),
    )
    return f"| {tally.scenario} | {tally.tracker} | " + " | ".join(map(str, figures)) + " |"
