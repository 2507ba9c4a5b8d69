"""The state store, the disk and the clock."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tests.faults.attacks import Attack
from tests.faults.tally import Tally
from tests.faults.teams import CRON, Team, blame

HARMS = ("deleted", "emptied", "nonsense", "cut", "flipped", "old", "locked", "run locked")
SIZES = (0, 64, 200, 4096, 20_000, 60_000, 100_000)


def journal_harmed(attack: Attack, tally: Tally) -> None:
    """After a run that was killed: deleted, emptied, overwritten, cut short, bits flipped, an old copy put back, or
    held by somebody else for longer than is waited."""

    def harm(team: Team, number: int) -> int:
        place, kind = team.journal(), HARMS[number % len(HARMS)]
        for path in place.parent.glob("journal.db*"):
            shutil.copy(path, team.folder / f"old-{path.name}")
        team.run(at=attack.chance.randrange(1, 300), mutate=attack.mutate)
        team.clock.sleep(CRON)
        with _harmed(attack, team, place, kind):
            patience = 0.5 if kind == "locked" else 60.0
            ended = team.run(mutate=attack.mutate, settings={"SYNC_STATE__LOCK_SECONDS": "1"}, patience=patience)
        blame(tally, ended)
        if kind in ("locked", "run locked") and ended.status != 2:
            tally.notes.append(f"{kind}, and it ends with {ended.status}")
            tally.unhandled += 1
        team.obey(ended)
        return 1

    attack.each(tally, harm, attack.size)


@contextlib.contextmanager
def _harmed(attack: Attack, team: Team, place: Path, kind: str) -> Iterator[None]:
    there = place.stat().st_size if place.exists() else 0
    if kind == "deleted":
        for path in place.parent.glob("journal.db*"):
            path.unlink()
    elif kind == "emptied":
        place.write_bytes(b"")
    elif kind == "nonsense":
        place.write_bytes(attack.chance.randbytes(40_000))
    elif kind == "cut":
        place.write_bytes(place.read_bytes()[: there // 3])
    elif kind == "flipped":
        data = bytearray(place.read_bytes())
        for _ in range(40):
            data[attack.chance.randrange(100, there)] ^= 1 << attack.chance.randrange(8)
        place.write_bytes(data)
    elif kind == "old":
        for path in place.parent.glob("journal.db*"):
            path.unlink()
        for path in team.folder.glob("old-journal.db*"):
            shutil.copy(path, place.parent / path.name.removeprefix("old-"))
    elif kind == "locked":
        holder = sqlite3.connect(place, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        yield
        holder.execute("ROLLBACK")
        holder.close()
        return
    elif kind == "run locked":
        with place.with_name(f"{place.name}.run.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    yield


def disk_full(attack: Attack, tally: Tally) -> None:
    """No file may grow beyond a size."""

    def harm(team: Team, number: int) -> int:
        size = SIZES[number % len(SIZES)] or attack.chance.randrange(1, 100_000)
        ended = team.run(file_bytes=size, mutate=attack.mutate)
        blame(tally, ended)
        team.obey(ended)
        return 1

    attack.each(tally, harm, attack.size)


def read_only(attack: Attack, tally: Tally) -> None:
    """During a run, nothing can be written: the documents, the state store, or anything at all."""

    def harm(team: Team, number: int) -> int:
        chosen = (team.docs, team.journal().parent, team.folder)[number % 3]
        modes = {path: path.stat().st_mode for path in (team.folder, *team.folder.rglob("*"))}
        for path, mode in modes.items():
            # Whoever runs it may read everything, and write what is not to be read-only.
            kept = path.is_relative_to(chosen) and path.name != "clock"
            path.chmod(0o555 if kept else mode | 0o777)
        ended = team.run(mutate=attack.mutate, obedient=True)
        for path, mode in modes.items():
            if path.exists():
                path.chmod(mode)
        blame(tally, ended)
        return 1

    attack.each(tally, harm, min(attack.size, 6))


def clock_set(attack: Attack, tally: Tally) -> None:
    """The machine's clock is set back or forward by minutes, hours or a day at an operation, and, every other time,
    the run is killed soon after; it is set right before the next run, or stays wrong."""
    moments = attack.moments()

    def harm(team: Team, number: int) -> int:
        seconds = attack.chance.choice((-86_400, -7_200, -300, 300, 7_200, 86_400))
        moment = moments[number % len(moments)]
        if number % 2:
            team.clock.set_wrong(seconds)
            done = 1 + team.run(at=moment, mutate=attack.mutate).killed
        else:
            blame(tally, team.run(at=moment, what=f"clock {seconds}", mutate=attack.mutate))
            done = 1
        if number % 4 < 2:
            team.clock.set_wrong(-seconds)
        return done

    attack.each(tally, harm, max(1, attack.size))
