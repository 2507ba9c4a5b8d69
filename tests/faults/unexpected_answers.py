"""Each place of each answer made unexpected, one at a time. `python -m tests.faults.unexpected_answers`."""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.distortions import Path as Place
from tests.faults.distortions import made_unexpected, paths, ways
from tests.faults.unexpected_stories import OWNERS, TEAMS, Team, at_work, plainly
from tests.simulators.jira_wire import Answer, Asked

HEALING = 2
"""Runs after the story, with a server that is well again."""

WELL_FORMED = re.compile(
    # A list that is empty, or a page that holds fewer than there are, is what a server may say.
    r": (the whole|(\S+\.)?(issues|tree|nodes|assignees|labels|issueErrors|issueTypes|values|fields)) emptied$"
    # What a person may have written, or cleared.
    r"|: (\S+\.)?(title|body|text|content|duedate|summary|labels\.0|name|login|displayName) emptied$"
    r"|: (\S+\.)?(body|title|value|text) null$"
    # What the vendors allow to be null or absent: a closed account, a reason, a date, an assignee.
    r"|: (\S+\.)?(user|author|creator|assignee|milestone|duedate|due_on|dueOn|resolution|updated|state_?[rR]eason"
    r"|resolutiondate|statuscategorychangedate|closed_?[aA]t|nodes|labels|issueFieldValues|issue_field_values|value"
    r"|field|databaseId|defaultBranchRef|target|repository|issuelinks|r0|i\d) (null|removed|list of null|empty object)$"
    # What is in a property, anybody may change.
    r"|: (\S+\.)?(value|postmortem-sync)(\.\S+)? [\w ]+$"
    r"|: (\S+\.)?properties (emptied|empty object|object)$"
)
"""Answers that are no odder than what is promised. Something wrong may follow from them; an exception may not."""


@dataclass(frozen=True)
class Case:
    """One answer made unexpected at one place.

    Attributes:
        call: its number in the story; endpoint: what it answers, for people.
    """

    team: int
    call: int
    endpoint: str
    place: Place
    way: str

    def __str__(self) -> str:
        where = ".".join(map(str, self.place)) or "the whole"
        return f"{TEAMS[self.team].name}: {self.endpoint}: {where} {self.way}"


@dataclass
class Clean:
    """The story as it goes when every answer is well: the states of each line of each document, and the end."""

    lines: dict[str, list[set[str]]] = field(default_factory=dict)
    end: dict[str, str] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)

    def saw(self, team: Team) -> None:
        for name, text in team.documents().items():
            self.end[name] = plainly(team, text)
            rows = self.end[name].splitlines()
            known = self.lines.setdefault(name, [set() for _ in rows])
            for place, row in enumerate(rows):
                known[place].add(row)


@dataclass(frozen=True)
class Verdict:
    """What came of a case.

    Attributes:
        reported: the team was told that something is wrong.
        believed: what followed from an answer that is well-formed, though it is not true.
        wrong: what must not be; empty when all is well.
    """

    case: Case
    reported: bool
    believed: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


def rehearse(number: int) -> Clean:
    """The story without an unexpected answer, and every case that it offers."""
    clean = Clean()
    with tempfile.TemporaryDirectory(dir=_memory()) as folder, at_work(TEAMS[number], Path(folder)) as team:
        team.line.keep = True
        clean.saw(team)
        for _ in team.steps():
            clean.saw(team)
        assert team.reported == [] or all("Somebody" in reported for reported in team.reported), team.reported
        for _ in range(HEALING):
            team.run()
            clean.saw(team)
        clean.cases = list(_cases(number, team.line.answers))
    return clean


def _cases(team: int, answers: Sequence[tuple[Asked, Answer]]) -> Iterator[Case]:
    """One for each place and way of an endpoint's answers, at the first call that has it and at the last."""
    seen: dict[tuple[str, Place, str], list[Case]] = {}
    for number, (asked, answer) in enumerate(answers):
        if answer.body is None or answer.status >= 400:
            continue
        endpoint = _endpoint(asked)
        for place in paths(answer.body):
            for way in ways(answer.body, place):
                kept = seen.setdefault((endpoint, tuple(0 if isinstance(s, int) else s for s in place), way), [])
                kept[1:] = [Case(team, number, endpoint, place, way)]
    for kept in seen.values():
        yield from kept


def _endpoint(asked: Asked) -> str:
    path = re.sub(r"[0-9a-f]{40}|(?<=/)(OPS-)?\d+", "*", asked.path)
    if asked.path != "/graphql":
        return f"{asked.method} {path}"
    query = str(asked.body.get("query"))
    words = re.findall(r"viewer|defaultBranchRef|createCommitOnBranch|issueOrPullRequest|expression|oid:|ref\(", query)
    return f"GraphQL {' '.join(dict.fromkeys(words))}"


def judge(case: Case, clean: Clean) -> Verdict:
    """Live through the story with one unexpected answer."""
    wrong: list[str] = []
    believed: list[str] = []
    with tempfile.TemporaryDirectory(dir=_memory()) as folder, at_work(TEAMS[case.team], Path(folder)) as team:
        team.line.at = case.call
        team.line.change = lambda body: made_unexpected(body, case.place, case.way)
        try:
            for step in team.steps():
                wrong += (f"{found} after {step}" for found in _seen(team, clean))
            for _ in range(HEALING):
                team.run()
                team.clock.sleep(3600)
            wrong += team.wrong
            wrong += (f"{found} at the end" for found in _seen(team, clean, end=True))
            if WELL_FORMED.search(str(case)):
                believed, wrong = wrong, []
        except Exception as error:  # noqa: BLE001 - any is a finding
            place = traceback.extract_tb(error.__traceback__)[-1]
            wrong.append(f"{type(error).__name__} in {Path(place.filename).name} {place.name}: {error}")
        if team.line.unexpected is None:
            wrong.append("the call was never made")
        return Verdict(case, bool(team.reported), tuple(believed), tuple(dict.fromkeys(wrong)))


def _seen(team: Team, clean: Clean, end: bool = False) -> Iterator[str]:
    tickets = team.tickets()
    if len(tickets) > len(OWNERS) or (end and len(tickets) < len(OWNERS)):
        yield f"{len(tickets)} tickets for {len(OWNERS)} items"
    for key, (title, who) in tickets.items():
        allowed = next((names for word, names in OWNERS.items() if word in title), set())
        if not who <= allowed:
            yield f"{key} is assigned to {', '.join(sorted(who))}"
    for name, text in team.documents().items():
        plain = plainly(team, text)
        rows = plain.splitlines()
        known = clean.lines[name]
        strange = [row for row, states in zip(rows, known, strict=False) if row not in states]
        if len(rows) != len(known) or strange:
            yield f"{name} has {strange or len(rows)}"
        elif end and plain != clean.end[name]:
            wanted = clean.end[name].splitlines()
            yield f"{name} ends as {[a for a, b in zip(rows, wanted, strict=True) if a != b]}"


def _memory() -> str | None:
    return "/dev/shm" if os.path.isdir("/dev/shm") else None


_cleans: dict[int, Clean] = {}


def judged(case: Case) -> Verdict:
    """The same; the rehearsal is made once in a process."""
    if case.team not in _cleans:
        _cleans[case.team] = rehearse(case.team)
    return judge(case, _cleans[case.team])


def sample(seed: int, team: int, size: int) -> list[Case]:
    """So many cases of a team, of as many endpoints as there are."""
    if team not in _cleans:
        _cleans[team] = rehearse(team)
    by_endpoint: dict[str, list[Case]] = {}
    for case in _cleans[team].cases:
        by_endpoint.setdefault(case.endpoint, []).append(case)
    chance = random.Random(seed)
    kinds = list(by_endpoint.values())
    return [chance.choice(kinds[number % len(kinds)]) for number in range(size)]


CAME = ("told", "without effect", "believed", "wrong")


def _what_came(verdict: Verdict) -> str:
    if verdict.wrong:
        return "wrong"
    return "believed" if verdict.believed else "told" if verdict.reported else "without effect"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.unexpected_answers", description=__doc__)
    parser.add_argument("--team", default="", help="teams whose name holds this")
    parser.add_argument("--only", default="", help="cases whose description holds this")
    parser.add_argument("--part", type=int, default=1, help="every so-manieth case only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    began = time.monotonic()
    bad = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        for number, kind in enumerate(TEAMS):
            if options.team not in kind.name:
                continue
            clean = rehearse(number)
            cases = [case for case in clean.cases if options.only in str(case)][:: options.part]
            endpoints = len({case.endpoint for case in cases})
            came: Counter[str] = Counter()
            for verdict in pool.map(judged, cases, chunksize=16):
                came[_what_came(verdict)] += 1
                if verdict.wrong:
                    print(f"  {verdict.case}: {'; '.join(verdict.wrong)[:600]}")
            bad += came["wrong"]
            reported = ", ".join(f"{came[name]} {name}" for name in CAME)
            print(f"{kind.name}: {len(cases)} unexpected answers of {endpoints} endpoints: {reported}", flush=True)
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
