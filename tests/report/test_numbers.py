"""Every number of a report over two years of 500 postmortems equals one that is counted here, plainly and anew."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from sync.journal.open import open_journal
from sync.report.history import from_journal, past
from sync.report.report import report
from tests.report.histories import TODAY, PlainItem, PlainPostmortem, fill, generate

Pair = tuple[PlainPostmortem, PlainItem]


@pytest.fixture(scope="module")
def world() -> tuple[list[Pair], list[PlainPostmortem], dict[str, Any]]:
    """(items, postmortems, the report's JSON)."""
    postmortems = generate(500)
    journal = open_journal("sqlite://")
    present = fill(journal, postmortems)
    facts = from_journal(past(journal.history()), journal.every_ticket(), {}, {"docs": present})
    journal.close()
    pairs = [(one, item) for one in postmortems for item in one.items]
    return pairs, postmortems, report(facts, TODAY).to_json()


def late(item: PlainItem) -> bool:
    return item.state == "open" and item.due is not None and item.due < TODAY


def took(item: PlainItem) -> int | None:
    if item.state == "done" and item.closed and item.start:
        return max(0, (item.closed - item.start).days)
    return None


def middle(numbers: list[int]) -> float | None:
    numbers = sorted(numbers)
    if not numbers:
        return None
    half = len(numbers) // 2
    return float(numbers[half]) if len(numbers) % 2 else (numbers[half - 1] + numbers[half]) / 2


def counts(items: list[PlainItem]) -> dict[str, int]:
    found = {"items": 0, "open": 0, "overdue": 0, "done": 0, "wontdo": 0}
    for item in items:
        found["items"] += 1
        found[item.state] += 1
        found["overdue"] += late(item)
    return found


def within(items: list[PlainItem]) -> dict[str, dict[str, object]]:
    rates: dict[str, dict[str, object]] = {}
    for window in (30, 60, 90):
        done = of = 0
        for item in items:
            if item.start is None or item.state == "wontdo" or item.start + timedelta(days=window) > TODAY:
                continue
            if item.state == "done":
                if item.closed is None:
                    continue
                done += item.closed <= item.start + timedelta(days=window)
            of += 1
        rates[str(window)] = {"done": done, "of": of, "share": round(done / of, 4) if of else None}
    return rates


def speed(items: list[PlainItem]) -> dict[str, object]:
    days = sorted(days for item in items if (days := took(item)) is not None)
    place = 0
    while days and (place + 1) * 10 < len(days) * 9:
        place += 1
    undated = sum(item.state == "done" and took(item) is None for item in items)
    return {"items": len(days), "median": middle(days), "p90": days[place] if days else None, "undated": undated}


def groups(pairs: list[Pair], name: Callable[[Pair], str], nameless: str = "not stated") -> list[dict[str, object]]:
    names = sorted({name(pair) for pair in pairs}, key=lambda one: (one == "", one.lower()))
    found: list[dict[str, object]] = []
    for one in names:
        mine = [pair for pair in pairs if name(pair) == one]
        items = [item for _, item in mine]
        found.append(
            {
                "name": one or nameless,
                "postmortems": len({postmortem.path for postmortem, _ in mine}),
                "counts": counts(items),
                "within": within(items),
                "speed": speed(items),
            }
        )
    return found


def test_the_history_is_worth_counting(world: tuple[list[Pair], list[PlainPostmortem], dict[str, Any]]) -> None:
    pairs, postmortems, _ = world
    items = [item for _, item in pairs]
    assert len(postmortems) == 501
    assert len(items) > 1400
    assert {len(item.moves) for item in items} == {0, 1, 2, 3, 4}
    assert any(item.closed and item.start and item.closed < item.start for item in items)
    assert any(item.state == "done" and item.closed is None for item in items)
    assert any(one.day is None for one in postmortems)


def test_the_sums(world: tuple[list[Pair], list[PlainPostmortem], dict[str, Any]]) -> None:
    pairs, postmortems, reported = world
    items = [item for _, item in pairs]
    still = [item for item in items if item.state == "open"]
    assert (reported["today"], reported["since"], reported["origin"], reported["failed"]) == (
        "2026-11-23",
        "2024-11-20",
        "journal",
        [],
    )
    assert reported["postmortems"] == len(postmortems)
    assert reported["counts"] == counts(items)
    assert reported["no_ticket"] == len([item for item in still if not item.tracker])
    assert reported["no_owner"] == len([item for item in still if not item.owners])
    assert reported["no_due"] == len([item for item in still if not item.due])
    assert reported["within"] == within(items)
    assert reported["speed"] == speed(items)


def test_the_ages(world: tuple[list[Pair], list[PlainPostmortem], dict[str, Any]]) -> None:
    pairs, _, reported = world
    aged = [(item, (TODAY - item.start).days) for _, item in pairs if item.state == "open" and item.start]
    days = [age for _, age in aged]
    assert {name: reported["ages"][name] for name in ("items", "median", "oldest")} == {
        "items": len(days),
        "median": middle(days),
        "oldest": max(days),
    }
    edges = [(0, 30), (31, 60), (61, 90), (91, 180), (181, 365), (366, None)]
    for bucket, (first, last) in zip(reported["ages"]["buckets"], edges, strict=True):
        inside = [item for item, age in aged if first <= age <= (10_000 if last is None else last)]
        assert bucket == {"first": first, "last": last, "open": len(inside), "overdue": sum(map(late, inside))}


def test_by_everything(world: tuple[list[Pair], list[PlainPostmortem], dict[str, Any]]) -> None:
    pairs, _, reported = world
    assert reported["teams"] == groups(pairs, lambda pair: pair[0].team)
    assert reported["services"] == groups(pairs, lambda pair: pair[0].service)
    assert reported["severities"] == groups(pairs, lambda pair: pair[0].severity)
    assert reported["trackers"] == groups(pairs, lambda pair: pair[1].tracker, "no ticket")
    begun = [pair for pair in pairs if pair[1].start]
    assert reported["months"] == groups(begun, lambda pair: str(pair[1].start)[:7])


def test_the_flow(world: tuple[list[Pair], list[PlainPostmortem], dict[str, Any]]) -> None:
    pairs, _, reported = world
    known = [i for _, i in pairs if i.start and (i.state == "open" or i.closed)]
    spans = [(i.start, max(i.closed, i.start) if i.closed else None) for i in known if i.start]
    months = sorted({str(TODAY - timedelta(days=n))[:7] for n in range(800)})
    first = min(str(start)[:7] for start, _ in spans)
    expected = [
        {
            "month": month,
            "begun": sum(str(start)[:7] == month for start, _ in spans),
            "closed": sum(str(end)[:7] == month for _, end in spans if end),
            "open": sum(str(start)[:7] <= month and (end is None or str(end)[:7] > month) for start, end in spans),
        }
        for month in months
        if month >= first
    ]
    assert reported["flow"] == expected


def test_the_owners_are_alphabetical_and_have_only_open_work(
    world: tuple[list[Pair], list[PlainPostmortem], dict[str, Any]],
) -> None:
    pairs, _, reported = world
    still = [item for _, item in pairs if item.state == "open"]
    expected = []
    for name in ["Ana Lima", "Bo Ek", "Cleo Okafor", "Dai Kim", "élodie Roux", "Felix Adler", "Storage team", ""]:
        mine = [item for item in still if (name in item.owners if name else not item.owners)]
        coming: list[date] = [item.due for item in mine if item.due and item.due >= TODAY]
        expected.append(
            {
                "owner": name or "nobody",
                "open": len(mine),
                "overdue": sum(map(late, mine)),
                "next_due": str(min(coming)) if coming else None,
            }
        )
    assert reported["owners"] == expected
    names = [load["owner"] for load in reported["owners"][:-1]]
    bare = [unicodedata.normalize("NFKD", name)[0].lower() for name in names]
    assert bare == sorted(bare)


def test_the_due_dates_that_slipped(world: tuple[list[Pair], list[PlainPostmortem], dict[str, Any]]) -> None:
    pairs, _, reported = world
    moved = [item for _, item in pairs if item.moves]
    every = [days for item in moved for days in item.moves]
    slips = reported["slips"]
    assert {name: value for name, value in slips.items() if name != "open"} == {
        "items": len(moved),
        "moves": len(every),
        "days": middle(every),
        "once": sum(len(item.moves) == 1 for item in moved),
        "twice": sum(len(item.moves) == 2 for item in moved),
        "more": sum(len(item.moves) > 2 for item in moved),
    }
    assert sorted((line["key"], line["moves"], line["days"]) for line in slips["open"]) == sorted(
        (item.key, len(item.moves), sum(item.moves)) for item in moved if item.state == "open"
    )


def test_the_lists(world: tuple[list[Pair], list[PlainPostmortem], dict[str, Any]]) -> None:
    pairs, postmortems, reported = world
    expected = [
        ((TODAY - item.due).days, item.text, str(item.due), item.owners, item.tracker, item.key, one.title, one.team)
        for one, item in pairs
        if late(item) and item.due
    ]
    names = ("days", "text", "due", "owners", "tracker", "key", "postmortem", "team")
    assert sorted(tuple(line[name] for name in names) for line in reported["overdue"]) == sorted(expected)
    assert [line["days"] for line in reported["overdue"]] == sorted((line[0] for line in expected), reverse=True)
    quiet = []
    for one in postmortems:
        states = [item.state for item in one.items]
        if "open" in states and "done" not in states:
            days = [item.start for item in one.items if item.start]
            day = min(days) if days else None
            ago = (TODAY - day).days if day else None
            quiet.append((one.path, one.title, str(day) if day else None, ago, len(states), states.count("open")))
    columns = ("path", "title", "day", "days", "items", "open")
    assert sorted(map(str, (tuple(one[name] for name in columns) for one in reported["nothing_done"]))) == sorted(
        map(str, quiet)
    )
    waiting = [(kind, words, one.title) for one in postmortems for kind, words in one.waiting]
    assert sorted((one["kind"], one["text"], one["postmortem"]) for one in reported["waiting"]) == sorted(waiting)
    assert reported["waiting_by"] == {
        kind: sum(one[0] == kind for one in waiting) for kind in ("conflict", "orphan", "owner")
    }
    assert reported.keys() == {
        *("today", "since", "origin", "failed", "postmortems", "counts", "no_ticket", "no_owner", "no_due", "within"),
        *("speed", "ages", "months", "flow", "teams", "services", "severities", "trackers", "owners", "slips"),
        *("nothing_done", "overdue", "waiting", "waiting_by"),
    }
