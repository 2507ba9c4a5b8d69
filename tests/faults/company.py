"""Others at work at the same time: runs, machines, people."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from itertools import count

from tests.faults.attacks import Attack, at_request
from tests.faults.inside import LATE, happen, line_of
from tests.faults.meeting import Meeting, at_lock
from tests.faults.program import Programs
from tests.faults.tally import Tally, originals
from tests.faults.teams import CRON, GitHubSourceTeam, Team, blame
from tests.simulators.gate import soon

BETWEEN_SAVES = (10, 60)
"""Operations of a run from one save of a person to the next: nobody saves twice between a look and a rename."""

WAYS = ("append", "save", "swap")
"""How an editor saves: at the end, in place, by renaming another file."""


def at_once(attack: Attack, tally: Tally, runs: int, machines: int) -> None:
    """So many runs at once, on machines that share documents and tracker, and nothing else.

    Every other time they meet: no create gets through before each machine has looked for tickets that are there
    already and is about to make its own, and each further run stands at the lock of its machine. Else they only
    begin together.
    """

    def harm(team: Team, number: int) -> int:
        names = ["one" if n == 0 else f"machine {n}" for n in range(machines)]
        for name in names:
            team.machine(name)
        meeting = Meeting(team.folder / "meeting")
        if number % 2:
            meeting.open()
        with meeting.on(team.wire):
            meet = str(meeting.place)
            jobs = [
                attack.programs.start(team.job(names[n % machines], mutate=attack.mutate, meet=meet))
                for n in range(runs)
            ]
            if not number % 2:
                _all_there(attack.programs, meeting, jobs, machines)
        for job in jobs:
            blame(tally, attack.programs.end(job))
        tally.runs += runs - 1
        return runs - 1

    attack.each(tally, harm, attack.size)


def _all_there(programs: Programs, meeting: Meeting, jobs: Sequence[int], machines: int) -> None:
    """Wait until one run of each machine is about to make tickets, and all others wait for it."""

    def there() -> bool:
        ended = next((job for job in jobs if not programs.runs(job)), None)
        assert ended is None, f"a run ended before it met the others: {programs.end(ended)}"
        return meeting.held() >= machines and all(map(at_lock, jobs))

    soon(there, f"{meeting.held()} of {machines} machines are about to make tickets")


def another_at_each_request(attack: Attack, tally: Tally) -> None:
    """A whole run on a machine without our journal, right before a request of ours arrives."""
    moments = attack.some(attack.requests())
    elsewhere = Programs()

    def harm(team: Team, number: int) -> int:
        job = team.job("another", mutate=attack.mutate)
        at_request(team, moments[number], lambda: blame(tally, elsewhere.run(job)), None)
        attack.run_with(team, tally)
        tally.runs += 1
        return 1

    try:
        attack.each(tally, harm, len(moments))
    finally:
        elsewhere.close()


def document_edited(attack: Attack, tally: Tally) -> None:
    """A person saves a document right before an operation of a run."""
    moments = attack.moments()
    names = list(originals())

    def harm(team: Team, number: int) -> int:
        name = names[number % len(names)]
        team.edited = {name: originals()[name] + LATE.decode()}
        what = f"{attack.chance.choice(WAYS)} {team.docs / name}"
        ended = team.run(at=moments[number], what=what, mutate=attack.mutate)
        blame(tally, ended)
        if ended.operations < moments[number]:
            team.edited = {}  # it took fewer operations than the run that was counted: nobody came to edit
            return 0
        tally.lost_edits += not team.documents()[name].endswith(LATE)
        return 1

    attack.each(tally, harm, len(moments))


def saved_again_and_again(attack: Attack, tally: Tally) -> None:
    """A person saves a document again and again while runs go on: what they read, with a line more. Every other time
    the editor empties the file first, and fills it a little later."""
    operations = attack.operations()

    def harm(team: Team, number: int) -> int:
        place, saved = team.docs / "tasks.md", list[str]()
        for turn in range(3):
            events = tuple(_saves(attack.chance, operations, str(place), turn))
            ended = team.run(events=events, mutate=attack.mutate)
            blame(tally, ended)
            done = sum(moment <= ended.operations for moment, _ in events)
            if done and events[done - 1][1].startswith("empty "):
                happen(events[done][1], team.folder / "clock")
                done += 1
            saved += [what.split()[-1] for _, what in events[:done] if what.startswith("fill ")]
            team.clock.sleep(CRON)
        tally.runs += 2
        text = place.read_bytes()
        tally.lost_edits += sum(line_of(line) not in text for line in saved)
        place.write_bytes(re.sub(line_of(r"[\d-]+"), b"", text))
        return len(saved)

    attack.each(tally, harm, attack.size)


def _saves(chance: random.Random, operations: int, place: str, turn: int) -> Iterator[tuple[int, str]]:
    """What happens at which operations of a run."""
    moment = 0
    for number in count():
        moment += chance.randrange(*BETWEEN_SAVES)
        if moment > operations:
            return
        if number % 2:
            yield moment, f"empty {place}"
            moment += chance.randrange(1, BETWEEN_SAVES[0])
        yield moment, f"fill {place} {turn}-{number}"


def page_edited(attack: Attack, tally: Tally) -> None:
    """A person publishes an edit of a page right before a request of a run arrives."""
    from tests.faults.pages import LATE as SENTENCE
    from tests.faults.pages import ORIGINALS, PagesTeam

    names = list(originals())
    cases = [(moment, name) for moment in range(1, attack.requests() + 1) for name in names]
    chosen = cases if len(cases) <= attack.size else [cases[n - 1] for n in attack.some(len(cases))]

    def harm(team: Team, number: int) -> int:
        assert isinstance(team, PagesTeam)
        moment, name = chosen[number]
        at_request(team, moment, lambda: team.edit(name), None)
        attack.run_with(team, tally)
        team.edited = {name: ORIGINALS[name] + SENTENCE}
        tally.lost_edits += not team.documents()[name].endswith(SENTENCE.encode())
        return 1

    attack.each(tally, harm, len(chosen))


def branch_moved(attack: Attack, tally: Tally) -> None:
    """A person commits to the branch right before a request of a run arrives."""
    names = list(originals())
    cases = [(moment, name) for moment in range(1, attack.requests() + 1) for name in names]
    chosen = cases if len(cases) <= attack.size else [cases[n - 1] for n in attack.some(len(cases))]

    def harm(team: Team, number: int) -> int:
        assert isinstance(team, GitHubSourceTeam)
        moment, name = chosen[number]
        at_request(team, moment, lambda: team.put({name: team.pages.files()[name] + LATE}), None)
        attack.run_with(team, tally)
        team.edited = {name: originals()[name] + LATE.decode()}
        tally.lost_edits += not team.documents()[name].endswith(LATE)
        return 1

    attack.each(tally, harm, len(chosen))
