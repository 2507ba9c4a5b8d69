"""Two years of a company's postmortems from a seed: as plain values to count, and as the journal a team would have."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sync.journal.journal import Event, Journal
from sync.model import Base, Mark, State, Ticket, TicketRef

TODAY = date(2026, 11, 23)
TEAMS = ["payments", "platform", "search", "Storage", "identity", ""]
SERVICES = ["checkout", "api-gateway", "index", "blob-store", "login", "mailer", ""]
SEVERITIES = ["SEV-1", "SEV-1", "P1", "SEV-2", "SEV-2", "sev 2", "SEV-3", ""]
SPELLED = {"P1": "SEV-1", "sev 2": "SEV-2"}
"""What some spellings mean."""
PEOPLE = ["Ana Lima", "Bo Ek", "Cleo Okafor", "Dai Kim", "élodie Roux", "Felix Adler", "Storage team"]
WORDS = [
    *("Alert on a full queue", "Refuse a pool size below the measured peak", "Build the index on a volume of its own"),
    *("Make the renewal job fail loudly", "Give staging its own configuration", "Shed load instead of timing out"),
    *("Page within five minutes", "Ask for a second confirmation", "Watch every certificate from outside"),
]


@dataclass
class PlainItem:
    """What anybody would write down about one item."""

    text: str
    owners: list[str]
    due: date | None
    state: str
    start: date | None
    closed: date | None
    tracker: str
    key: str
    moves: list[int] = field(default_factory=list)
    priority: str = ""


@dataclass
class PlainPostmortem:
    path: str
    title: str
    day: date | None
    team: str
    service: str
    severity: str
    items: list[PlainItem] = field(default_factory=list)
    waiting: list[tuple[str, str]] = field(default_factory=list)
    """(kind, words)"""


def generate(number: int, seed: int = 7) -> list[PlainPostmortem]:
    """So many postmortems of the two years before TODAY."""
    dice = random.Random(seed)
    made = []
    for index in range(number):
        day = None if dice.random() < 0.02 else TODAY - timedelta(days=dice.randrange(731))
        one = PlainPostmortem(
            f"{index % 12:02d}/{index:05d}.md",
            f'Incident {index}: <b>errors</b> & "timeouts"' if index % 50 == 0 else f"Incident {index}",
            day,
            dice.choice(TEAMS),
            dice.choice(SERVICES),
            dice.choice(SEVERITIES),
        )
        for place in range(dice.choice([0, 1, 2, 3, 3, 4, 4, 5, 6])):
            one.items.append(_item(dice, day, f"{index}-{place}"))
        kinds = dice.choices(["conflict", "held", "orphan", "owner"], [3, 1, 1, 2], k=dice.choice([0] * 14 + [1, 2]))
        one.waiting = [(kind, f"{kind} {n} of {index}") for n, kind in enumerate(kinds)]
        made.append(one)
    return made


def _item(dice: random.Random, day: date | None, name: str) -> PlainItem:
    tracker = dice.choices(["jira", "github", ""], [6, 3, 1])[0]
    start = day or (TODAY - timedelta(days=dice.randrange(700)) if tracker else None)
    owners = dice.choices([[dice.choice(PEOPLE)], dice.sample(PEOPLE, 2), []], [8, 1, 1])[0]
    begin = start or TODAY - timedelta(days=200)
    due = begin + timedelta(days=dice.choice([14, 30, 45, 60, 90])) if dice.random() < 0.85 else None
    moves = []
    if tracker and due:
        moves = [dice.choice([7, 14, 30]) for _ in range(dice.choices([0, 1, 2, 3, 4], [70, 15, 8, 5, 2])[0])]
        due += timedelta(days=sum(moves))
    state, closed = "open", None
    took = int(dice.expovariate(1 / 70))
    if begin + timedelta(days=took) <= TODAY and dice.random() < 0.9:
        state = dice.choices(["done", "wontdo"], [9, 1])[0]
        closed = begin + timedelta(days=took) if tracker else None
        if closed and dice.random() < 0.03:
            # An adopted ticket may have been closed before the incident.
            closed = begin - timedelta(days=3)
    key = f"OPS-{name}" if tracker == "jira" else f"acme/shop#{name}" if tracker else ""
    words, priority = f"{dice.choice(WORDS)} ({name})", f"P{dice.randrange(3)}"
    return PlainItem(words, owners, due, state, start, closed, tracker, key, moves, priority)


def fill(journal: Journal, postmortems: list[PlainPostmortem]) -> frozenset[str]:
    """Make the journal of a team that synced all this, its noise included; answers the paths that its source has.

    Every other closing day is known to the history alone.
    """
    events: list[Event] = []
    tickets: list[Ticket] = []
    for number, one in enumerate(postmortems):
        identity = f"path:docs/{one.path}"
        if number % 9 == 0:
            # As it was first read, with an item that somebody took out again.
            first = PlainItem("Reword this", [], None, "open", one.day, None, "", "")
            events.append(_document(identity, one, [first, *one.items], 0))
        events.append(_document(identity, one, one.items, 1))
        for place, item in enumerate(one.items):
            if item.tracker:
                hidden = item.closed is not None and place % 2 == 1
                tickets.append(_ticket(identity, one, item, hidden))
                events += _events(identity, item)
    later = PlainItem("Later", [], None, "open", None, None, "", "")
    draft, gone = (PlainPostmortem(path, path, TODAY, "", "", "") for path in ("draft.md", "gone.md"))
    events.append(_document("path:docs/gone.md", gone, [later], 2))
    events.append(_document("path:docs/draft.md", draft, [later], 2))
    events.append(Event(_at(3), "document", "path:docs/draft.md", None, _place(draft) | {"published": False}))
    # A link that was copied into another document counts where its mark says, though that document comes later.
    copy = PlainPostmortem("00/00000-a-copy.md", "A copy", TODAY, "", "", "")
    linked = next(item for one in postmortems for item in one.items if item.tracker)
    events.append(_document(f"path:docs/{copy.path}", copy, [linked], 4))
    postmortems.append(copy)
    journal.cache_tickets(tickets)
    journal.record(events)
    return frozenset(one.path for one in (*postmortems, draft))


def _at(hours: float) -> float:
    return datetime(2024, 11, 20, 8, tzinfo=UTC).timestamp() + hours * 3600


def _place(one: PlainPostmortem) -> dict[str, Any]:
    return {"source": "docs", "path": one.path}


def _document(identity: str, one: PlainPostmortem, items: list[PlainItem], hours: float) -> Event:
    details = _place(one) | {
        "published": True,
        "title": one.title,
        "url": f"https://wiki.example.com/{one.path}",
        "date": one.day.isoformat() if one.day else None,
        "service": one.service,
        "team": one.team,
        "severity": one.severity,
        "labels": [],
        "items": [_record(number, item) for number, item in enumerate(items)],
        "waiting": [[kind, 0, words, "", ""] for kind, words in one.waiting],
    }
    return Event(_at(hours), "document", identity, None, details)


def _record(number: int, item: PlainItem) -> dict[str, Any]:
    first = item.due - timedelta(days=sum(item.moves)) if item.due else None
    return {
        "text": item.text,
        "line": 10 + number,
        "owners": item.owners,
        "due": first.isoformat() if first else None,
        "priority": item.priority,
        "type": "",
        "state": None if item.tracker else item.state,
        "ticket": [item.tracker, "acme/shop" if item.tracker == "github" else "OPS", item.key]
        if item.tracker
        else None,
    }


def account(name: str) -> str:
    """What a tracker calls somebody."""
    return "id-" + name.lower().replace(" ", "-")


def _ticket(identity: str, one: PlainPostmortem, item: PlainItem, hidden: bool) -> Ticket:
    owners = tuple(account(name) for name in item.owners)
    assert item.start is not None
    made = datetime.combine(item.start + timedelta(days=2 if one.day else 0), datetime.min.time(), UTC)
    return Ticket(
        TicketRef(item.tracker, "acme/shop" if item.tracker == "github" else "OPS", item.key),
        f"https://tracker.example.com/{item.key}",
        item.text,
        made,
        State(item.state),
        None if hidden else item.closed,
        owners,
        item.due,
        mark=Mark(identity, f"item {item.key}", "words", Base(item.text, owners, item.due, "body")),
        started=is_started(item),
    )


def is_started(item: PlainItem) -> bool:
    """Whether the tracker says that somebody works on it: of every third."""
    return item.state == "open" and item.key.endswith(("1", "4", "7"))


def _events(identity: str, item: PlainItem) -> list[Event]:
    ref = TicketRef(item.tracker, "", item.key)
    found = [Event(_at(5), "created", identity, ref, {"title": item.text})]
    if item.due:
        due = item.due - timedelta(days=sum(item.moves))
        for number, days in enumerate(item.moves):
            moved = due + timedelta(days=days)
            name = "updated" if number % 2 else "due"
            found.append(Event(_at(6 + number), name, identity, ref, {"due": [str(due), str(moved)]}))
            due = moved
        found.append(Event(_at(20), "updated", identity, ref, {"fields": ["title"]}))
    if item.closed:
        # Closed, opened again, and closed for good.
        found.append(Event(_at(21), "done", identity, ref, {"on": "2024-12-01"}))
        found.append(Event(_at(22), "reopened", identity, ref, {"on": None}))
        found.append(Event(_at(23), item.state, identity, ref, {"on": str(item.closed)}))
    elif item.state == "open":
        found.append(Event(_at(21), "done", identity, ref, {"on": "2024-12-01"}))
        found.append(Event(_at(22), "reopened", identity, ref, {"on": None}))
    return found
