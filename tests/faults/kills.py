"""Kills real processes of the program at every kind of moment, and counts what is wrong afterwards.

A run is forked with its modules loaded, counts every call of a function of ours or of a library's C code, and
kills itself with SIGKILL at the n-th. Then the program runs undisturbed until nothing changes any more.
"""

from __future__ import annotations

import os
import random
import re
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from tests.worlds import World

HEAD = "---\ndate: 2026-02-20\nstatus: published\n---\n# Outage {n}\n\n## Action items\n\n"
TABLE = "| Action | Owner |\n|---|---|\n| Move the disk of k3 | Bo Ek |\n| Test k4 |\n"
OURS = (f"{os.sep}sync{os.sep}", f"{os.sep}adapters{os.sep}")


@dataclass
class Tally:
    """What a scenario did and what it found; everything but the first three must be 0."""

    scenario: str
    runs: int = 0
    faults: int = 0
    recovery: int = 0
    duplicates: int = 0
    lost_items: int = 0
    lost_edits: int = 0
    wrong_bytes: int = 0
    unhandled: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def bad(self) -> int:
        return self.duplicates + self.lost_items + self.lost_edits + self.wrong_bytes + self.unhandled


def build(folder: Path) -> World:
    """A team with three documents of different notations; one ticket exists already and is closed by a person."""
    world = World(folder, time.sleep)
    world.write("tasks.md", HEAD.format(n=1) + "- [ ] Check the queue of k1\n- [ ] Alert on the age of k2\n")
    world.write(
        "table.md", HEAD.format(n=2) + "| Action | Owner |\n|---|---|\n| Move the disk of k3 | Bo Ek |\n| Test k4 |\n"
    )
    world.write("late.md", (HEAD.format(n=3) + "* Limit the retries of k5\n").replace("\n", "\r\n"))
    world.run("late.md")
    world.person("LOCAL-1", state="done", title="A person's words on k5")
    return world


ITEMS = ("k1", "k2", "k3", "k4", "k5")


def in_process(work: Callable[[], Any]) -> int:
    """Run in a process of its own; the signal that ended it, or minus its exit status."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    return ended & 0x7F if ended & 0x7F else -(ended >> 8)


def counts(frame: FrameType, event: str) -> bool:
    """Whether an event of the profiler is a moment at which a process may be killed."""
    return event in ("c_call", "c_return") or (event == "call" and any(o in frame.f_code.co_filename for o in OURS))


def killed_at(moment: int) -> Callable[[FrameType, str, Any], None]:
    """A profiler that ends the process at the n-th call."""
    left = moment

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal left
        left -= counts(frame, event)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return count


def calls_of(world: World) -> int:
    """How many such calls a whole run of this world takes."""
    reader, writer = os.pipe()

    def work() -> None:
        number = 0

        def count(frame: FrameType, event: str, argument: Any) -> None:
            nonlocal number
            if event in ("c_call", "c_return") or (
                event == "call" and any(o in frame.f_code.co_filename for o in OURS)
            ):
                number += 1

        sys.setprofile(count)
        try:
            world.run()
        finally:
            sys.setprofile(None)
        os.write(writer, str(number).encode())

    in_process(work)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        return int(pipe.read() or 0)


def recover(world: World, tally: Tally, machine: str = "one") -> None:
    """Run until a run changes nothing; count what is wrong then."""
    for attempt in range(1, 6):
        before = [(p, p.read_bytes()) for p in sorted(world.docs.rglob("*.md"))], world.tickets()
        if in_process(lambda: world.run(machine=machine)) != 0:
            tally.unhandled += 1
        if before == ([(p, p.read_bytes()) for p in sorted(world.docs.rglob("*.md"))], world.tickets()):
            tally.recovery = max(tally.recovery, attempt - 1)
            break
    else:
        tally.notes.append("it never settles")
        tally.unhandled += 1
    judge(world, tally)


def judge(world: World, tally: Tally) -> None:
    """Count duplicates, lost items, lost edits of people, and bytes that are not ours."""
    text = "".join(path.read_bytes().decode() for path in sorted(world.docs.rglob("*.md")))
    live = [ticket for ticket in world.tickets() if not ticket.duplicate_of]
    for token in ITEMS:
        found = [ticket for ticket in live if token in ticket.title]
        tally.duplicates += max(0, len(found) - 1)
        if not found or sum(f"(local:{ticket.ref.key})" in text for ticket in found) != 1:
            tally.lost_items += 1
    tally.lost_edits += not any(ticket.title == "A person's words on k5" for ticket in live)
    tally.wrong_bytes += strip_ours(world) != originals()
    tally.wrong_bytes += bool(list(world.docs.rglob("*.tmp")))


def originals() -> dict[str, str]:
    """The documents without anything of ours."""
    return {
        "tasks.md": HEAD.format(n=1) + "- [ ] Check the queue of k1\n- [ ] Alert on the age of k2\n",
        "table.md": HEAD.format(n=2) + TABLE,
        "late.md": (HEAD.format(n=3) + "* Limit the retries of k5\n").replace("\n", "\r\n"),
    }


def strip_ours(world: World) -> dict[str, str]:
    """The documents with our bytes taken out by plain search, not by the program's own parser."""
    result: dict[str, str] = {}
    for path in world.docs.rglob("*.md"):
        text = path.read_bytes().decode()
        text = re.sub(r" \(\[LOCAL-\d+\]\(local:LOCAL-\d+\)(?:, (?:open|done \d{4}-\d\d-\d\d))?\)", "", text)
        text = text.replace(" Ticket | Status |", "").replace("|---|---| --- | --- |", "|---|---|")
        text = re.sub(r"\| Test k4 \| \| \[LOCAL-\d+\]\(local:LOCAL-\d+\) \| Open \|", "| Test k4 |", text)
        text = re.sub(r" \[LOCAL-\d+\]\(local:LOCAL-\d+\) \| Open \|", "", text)
        result[path.name] = text
    return result


def kill_anywhere(folder: Path, kills: int, seed: int, tally: Tally) -> None:
    """One kill a world, at a random call of the run."""
    chance = random.Random(seed)
    total = calls_of(build(folder / "count"))
    for number in range(kills):
        world = build(folder / str(number))
        moment = chance.randrange(1, total)

        def work(world: World = world, moment: int = moment) -> None:
            sys.setprofile(killed_at(moment))
            world.run()

        tally.runs += 1
        tally.faults += in_process(work) == signal.SIGKILL
        bad = tally.bad
        recover(world, tally)
        if tally.bad > bad:
            tally.notes.append(f"kill {number} at call {moment} of {total}")


def kill_and_lose_the_journal(folder: Path, kills: int, seed: int, tally: Tally) -> None:
    """The same, and the journal is gone afterwards."""
    chance = random.Random(seed)
    total = calls_of(build(folder / "count"))
    for number in range(kills):
        world = build(folder / str(number))
        moment = chance.randrange(1, total)

        def work(world: World = world, moment: int = moment) -> None:
            sys.setprofile(killed_at(moment))
            world.run()

        tally.runs += 1
        tally.faults += in_process(work) == signal.SIGKILL
        recover(world, tally, machine="another")


def at_once(folder: Path, rounds: int, machines: int, shared: bool, tally: Tally) -> None:
    """Several runs start at the same moment, on one machine or on machines that share no state."""
    for number in range(rounds):
        world = build(folder / str(number))
        children = []
        for machine in range(machines):
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    world.run(machine="one" if shared else f"m{machine}")
                    status = 0
                finally:
                    os._exit(status)
            children.append(child)
        tally.runs += machines
        tally.faults += machines - 1
        tally.unhandled += sum(os.waitpid(child, 0)[1] != 0 for child in children)
        recover(world, tally)


def edited_under_our_hands(folder: Path, rounds: int, seed: int, tally: Tally) -> None:
    """A person saves the document again and again while runs go on; every word they saved must be there."""
    chance = random.Random(seed)
    for number in range(rounds):
        world = build(folder / str(number))
        place = world.docs / "tasks.md"
        child = os.fork()
        if child == 0:
            status = 1
            try:
                for _ in range(4):
                    world.run()
                status = 0
            finally:
                os._exit(status)
        saved = 0
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            text = place.read_bytes()
            saved += 1
            # An editor that saves in place of what it has just read, as the slowest of them do.
            line = f"Line {saved} of a person.\n\n## Action items".encode()
            place.write_bytes(text.replace(b"## Action items", line))
            time.sleep(chance.random() * 0.15)
        tally.runs += 4
        tally.faults += saved
        tally.lost_edits += sum(f"Line {n} of a person.\n" not in place.read_text() for n in range(1, saved + 1))
        place.write_bytes(re.sub(rb"Line \d+ of a person\.\n\n", b"", place.read_bytes()))
        recover(world, tally)


HEADER = (
    "| scenario | runs | faults | duplicates | lost items | lost edits | wrong bytes | unhandled | runs to recover |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def row(tally: Tally) -> str:
    figures = (
        *(tally.runs, tally.faults, tally.duplicates, tally.lost_items),
        *(tally.lost_edits, tally.wrong_bytes, tally.unhandled, tally.recovery),
    )
    return f"| {tally.scenario} | " + " | ".join(map(str, figures)) + " |"
