"""Every number of a report over two years of 500 postmortems equals one that is counted here, plainly and anew."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from sync.journal.open import open_journal
from sync.policies.days import within as period
from sync.policies.policies import DeadlinePolicy, Match, Policies
from sync.report.history import from_journal, past
from sync.report.report import report
from tests.report.histories import SPELLED, TODAY, PlainItem, PlainPostmortem, fill, generate, is_started

Pair = tuple[PlainPostmortem, PlainItem]
POLICIES = Policies(
    (
        DeadlinePolicy(
            "severe", Match(severity=("1",)), period("1 week"), period("15 working days"), period("8 weeks")
        ),
        DeadlinePolicy("urgent", Match(priority=("P0",), service=("*",)), due=period("30 days")),
        DeadlinePolicy("rest", assigned=period("20 working days"), done=period("90d")),
    )
)


@pytest.fixture(scope="module")
def world() -> tuple[list[Pair], list[PlainPostmortem], dict[str, Any]]:
    """(items, postmortems, the report's JSON)."""
    postmortems = generate(500)
    journal = open_journal("sqlite://")
    present = fill(journal, postmortems)
    facts = from_journal(past(journal.history()), journal.every_ticket(), {}, {"docs": present})
    journal.close()
    pairs = [(one, item) for one in postmortems for item in one.items]
    return pairs, postmortems, report(facts, TODAY, POLICIES).to_json()


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
    assert reported["started"] == len([item for item in still if is_started(item)]) > 0
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
    assert reported["severities"] == groups(pairs, lambda pair: SPELLED.get(pair[0].severity, pair[0].severity))
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
        kind: sum(one[0] == kind for one in waiting) for kind in ("conflict", "held", "orphan", "owner")
    }
    assert reported.keys() == {
        *("today", "since", "origin", "failed", "postmortems", "counts", "no_ticket", "no_owner", "no_due", "within"),
        *("speed", "ages", "months", "flow", "teams", "services", "severities", "trackers", "owners", "slips"),
        *("nothing_done", "overdue", "waiting", "waiting_by", "policies", "breaches", "elsewhere", "unresolved"),
        *("items", "baseline", "selection", "started", "in_time"),
    }


def share(done: int, of: int) -> dict[str, object]:
    return {"done": done, "of": of, "share": round(done / of, 4) if of else None}


def test_what_was_finished_in_its_time(world: tuple[list[Pair], list[PlainPostmortem], dict[str, Any]]) -> None:
    pairs, _, reported = world
    sums: dict[tuple[str, str], list[int]] = {}
    undated = 0
    for one, item in pairs:
        if item.state == "wontdo":
            continue
        if item.due is None:
            undated += 1
            continue
        first = item.due - timedelta(days=sum(item.moves))
        if first >= TODAY:
            continue
        severity = SPELLED.get(one.severity, one.severity) or "not stated"
        for name in ((severity, str(first)[:7]), (severity, ""), ("", str(first)[:7]), ("", "")):
            done, of, unknown = sums.setdefault(name, [0, 0, 0])
            if item.state == "done" and item.closed is None:
                sums[name] = [done, of, unknown + 1]
            else:
                in_time = item.state == "done" and item.closed is not None and item.closed <= first
                sums[name] = [done + in_time, of + 1, unknown]
    found = reported["in_time"]
    done, of, unknown = sums.pop(("", ""))
    assert 0.2 < done / of < 0.8
    assert min(unknown, undated) > 0
    assert (found["rate"], found["unknown"], found["undated"]) == (share(done, of), unknown, undated)
    rows = [*found["severities"], *found["months"], *found["each"]]
    by_name = {(one["severity"], one["month"]): (one["rate"], one["unknown"]) for one in rows}
    assert by_name == {name: (share(done, of), unknown) for name, (done, of, unknown) in sums.items()}
    assert len(by_name) == len(rows)
    assert [one["month"] for one in found["months"]] == sorted(one["month"] for one in found["months"])
    assert found["severities"][-1]["severity"] == "not stated"


def worked(day: date, number: int) -> date:
    """The day on which so many days from Monday to Friday have passed after a day."""
    while number:
        day += timedelta(days=1)
        number -= day.weekday() not in (5, 6)
    return day


def asked(one: PlainPostmortem, item: PlainItem) -> list[tuple[str, str, date | None]]:
    """(policy, kind, last day) of what is asked of an item."""
    start = item.start
    severe, urgent = one.severity in ("SEV-1", "P1"), item.priority == "P0" and one.service != ""
    found: list[tuple[str, str, date | None]] = []
    if severe:
        found.append(("severe", "assigned", start + timedelta(days=7) if start else None))
        found.append(("severe", "due", worked(start, 15) if start else None))
        found.append(("severe", "done", start + timedelta(days=56) if start else None))
    else:
        found.append(("rest", "assigned", worked(start, 20) if start else None))
        if urgent:
            found.append(("urgent", "due", start + timedelta(days=30) if start else None))
        found.append(("rest", "done", start + timedelta(days=90) if start else None))
    return found


def stands(item: PlainItem, kind: str, by: date | None) -> str:
    if item.state == "wontdo":
        return ""
    if by is None:
        return "unknown"
    if kind == "assigned":
        if item.owners:
            return "kept"
        return "unknown" if item.state == "done" else "broken" if by < TODAY else "running"
    closed_in_time = item.state == "done" and item.closed is not None and item.closed <= by
    if closed_in_time or (kind == "due" and item.due is not None and item.due <= by):
        return "kept"
    if item.state == "done":
        reported = item.closed is not None or (kind == "due" and item.due is not None)
        return "broken" if reported else "unknown"
    return "broken" if kind == "due" or by < TODAY else "running"


def test_the_policies(world: tuple[list[Pair], list[PlainPostmortem], dict[str, Any]]) -> None:
    pairs, _, reported = world
    verdicts = [
        (policy, kind, by, stands(item, kind, by), one, item)
        for one, item in pairs
        for policy, kind, by in asked(one, item)
    ]
    for entry in reported["policies"]:
        mine = [
            verdict for policy, kind, _, verdict, _, _ in verdicts if (policy, kind) == (entry["policy"], entry["kind"])
        ]
        kept, over = mine.count("kept"), mine.count("kept") + mine.count("broken")
        assert entry["kept"] == {"done": kept, "of": over, "share": round(kept / over, 4)}
        assert (entry["running"], entry["unknown"]) == (mine.count("running"), mine.count("unknown"))
        assert kept
        assert kept < over
    assert [(one["policy"], one["kind"], one["within"]) for one in reported["policies"]] == [
        ("severe", "assigned", "1 week"),
        ("severe", "due", "15 working days"),
        ("severe", "done", "8 weeks"),
        ("urgent", "due", "30 days"),
        ("rest", "assigned", "20 working days"),
        ("rest", "done", "90 days"),
    ]
    expected = []
    for policy, kind, by, verdict, one, item in verdicts:
        if by and verdict == "broken" and item.state == "open":
            last = item.due if kind == "due" and item.due else TODAY
            expected.append((policy, kind, str(by), item.text, one.title, max(0, (last - by).days)))
    columns = ("policy", "kind", "by", "text", "postmortem", "days")
    assert sorted(tuple(one[name] for name in columns) for one in reported["breaches"]) == sorted(expected)
    assert [one["days"] for one in reported["breaches"]] == sorted((one[-1] for one in expected), reverse=True)


def test_every_item_is_listed_and_nobody_is_named_for_what_is_done(
    world: tuple[list[Pair], list[PlainPostmortem], dict[str, Any]],
) -> None:
    pairs, _, reported = world
    expected = [
        (
            *(
                is_started(item),
                one.title,
                item.text,
                item.state,
                sorted(item.owners) if item.state == "open" else [],
                item.key,
            ),
            *(str(item.closed) if item.closed else None, (TODAY - item.due).days if late(item) and item.due else 0),
            sorted(
                kind for _, kind, by in asked(one, item) if stands(item, kind, by) == "broken" and item.state == "open"
            ),
        )
        for one, item in pairs
    ]
    names = ("started", "postmortem", "text", "state", "owners", "key", "closed_on", "late", "breaks")
    found = [{**one, "owners": sorted(one["owners"])} for one in reported["items"]]
    assert sorted(map(str, (tuple(one[name] for name in names) for one in found))) == sorted(map(str, expected))
    states = [one["state"] == "open" for one in found]
    assert states == sorted(states, reverse=True)


def test_the_figures_of_a_month_ago(world: tuple[list[Pair], list[PlainPostmortem], dict[str, Any]]) -> None:
    pairs, _, reported = world
    day = date(2026, 10, 23)
    then = [item for _, item in pairs if item.start is None or item.start <= day]
    states = [item.state if item.closed is None or item.closed <= day else "open" for item in then]
    assert reported["baseline"]["day"] == str(day)
    assert reported["baseline"]["counts"] == {
        "items": len(then),
        "open": states.count("open"),
        "overdue": sum(
            state == "open" and item.due is not None and item.due < day
            for item, state in zip(then, states, strict=True)
        ),
        "done": states.count("done"),
        "wontdo": states.count("wontdo"),
    }
    assert states.count("open") != [item.state for item in then].count("open")
    for window in (30, 60, 90):
        over = [
            (item.start, item.closed if state == "done" else None)
            for item, state in zip(then, states, strict=True)
            if item.start and item.start + timedelta(days=window) <= day and (state != "done" or item.closed)
            if state != "wontdo"
        ]
        rate = reported["baseline"]["within"][str(window)]
        assert rate["of"] == len(over)
        assert rate["done"] == sum(end is not None and (end - start).days <= window for start, end in over)
