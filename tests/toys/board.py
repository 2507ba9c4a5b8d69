"""A board of cards: a tracker in one file."""

from __future__ import annotations

import pickle
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from adapters.bodies import body_digest
from adapters.http.webhook import Sender, delivery_of, payload_of, text_at
from adapters.system import Missing, Problem, Section, Surroundings, System, TrackerPart, Use
from sync.errors import TicketMissing
from sync.model import Account, DesiredTicket, Finding, Owner, Patch, Reference, State, Ticket, TicketRef, Written
from sync.ports import Accounts, Clock, Created, Listing, Tracker, WebhookEvent

MEMBERS = {"ana": "Ana Lima"}


@dataclass
class Cards:
    """What stands in the file: cards by their numbers, comments, and how often anything changed."""

    cards: dict[int, Ticket] = field(default_factory=dict)
    comments: list[tuple[int, datetime, str, tuple[str, ...]]] = field(default_factory=list)
    changes: int = 0


class Board:
    """The file, as the service itself would have it."""

    def __init__(self, path: Path, address: str, clock: Clock) -> None:
        self._path = path
        self.address = address
        self.clock = clock

    def read(self) -> Cards:
        return pickle.loads(self._path.read_bytes()) if self._path.exists() else Cards()

    def put(self, cards: Cards, card: Ticket) -> Ticket:
        """Keep a card as it is to be; answers it as it is then."""
        number = int(card.ref.key)
        old = cards.cards.get(number)
        if old != card:
            cards.changes += 1
            closed = None if card.state is State.OPEN else card.closed_on or self.clock.now().date()
            cards.cards[number] = replace(card, version=str(cards.changes), closed_on=closed)
        self.save(cards)
        return cards.cards[number]

    def save(self, cards: Cards) -> None:
        self._path.write_bytes(pickle.dumps(cards))

    def new(self, cards: Cards, title: str) -> Ticket:
        """A card that is not kept yet."""
        number = max(cards.cards, default=0) + 1
        return Ticket(
            TicketRef("board", "", str(number)), f"{self.address}/b/all/issues/{number}", title, self.clock.now()
        )


class BoardTracker:
    """The tracker that the port asks for."""

    name = "board"
    settle_seconds = 0.0
    batch_size = 10

    def __init__(self, board: Board) -> None:
        self._board = board
        self._requests = 0

    def _read(self) -> Cards:
        self._requests += 1
        return self._board.read()

    def project_of(self, project: str) -> str:
        return ""

    def resolve(self, reference: Reference, repository: str, url: str) -> TicketRef | None:
        found = re.fullmatch(rf"{re.escape(self._board.address)}/b/all/issues/([1-9][0-9]*)", reference.text)
        return TicketRef(self.name, "", found[1]) if found else None

    def changed(self, project: str, cursor: str) -> Listing:
        cards = self._read()
        since = int(cursor or -1)
        found = [card for card in cards.cards.values() if card.mark and int(card.version) > since]
        return Listing(iter(found), str(cards.changes))

    def lookup(self, refs: Sequence[TicketRef]) -> Mapping[TicketRef, Ticket | None]:
        cards = self._read()
        return {ref: cards.cards.get(int(ref.key)) for ref in refs}

    def marked(self, project: str, postmortems: Collection[str], since: datetime | None) -> Sequence[Ticket]:
        cards = self._read().cards.values()
        return [card for card in cards if card.mark and card.mark.place in postmortems]

    def accounts(self, owner: Owner, project: str) -> Accounts:
        words = owner.text.lstrip("@").lower()
        found = [Account(member, name) for member, name in MEMBERS.items() if words in (member, name.lower())]
        return Accounts(tuple(found), "" if found else "no member is called so")

    def normalise(self, wanted: DesiredTicket) -> DesiredTicket:
        return replace(wanted, project="", title=" ".join(wanted.title.split()))

    def body_digest(self, wanted: DesiredTicket) -> str:
        return body_digest(wanted.body.text)

    def check(self, project: str = "") -> list[Finding]:
        return [Finding("credentials", True, detail="a member of the board")]

    def create(self, desired: Sequence[DesiredTicket]) -> Sequence[Created]:
        cards = self._read()
        made = []
        for wanted in desired:
            card = self._board.new(cards, wanted.title)
            card = replace(card, assignees=wanted.assignees, due=wanted.due, labels=wanted.labels, mark=wanted.mark)
            made.append(Created(Written(self._board.put(cards, card))))
        return made

    def update(self, ticket: Ticket, patch: Patch) -> Written:
        cards = self._read()
        names = ("mark", "title", "assignees", "due", "state")
        given = {name: getattr(patch, name) for name in names if getattr(patch, name) is not None}
        if patch.duplicate_of:
            given["duplicate_of"] = patch.duplicate_of
        return Written(self._board.put(cards, replace(self._card(cards, ticket.ref), **given)))

    def _card(self, cards: Cards, ref: TicketRef) -> Ticket:
        if int(ref.key) not in cards.cards:
            raise TicketMissing(f"{ref.key}: there is no such card.", "Look at the board.")
        return cards.cards[int(ref.key)]

    def reminded(self, ticket: Ticket, since: datetime) -> bool:
        return any(number == int(ticket.ref.key) and at >= since for number, at, _, _ in self._read().comments)

    def remind(self, ticket: Ticket, words: str) -> None:
        cards = self._read()
        card = self._card(cards, ticket.ref)
        cards.comments.append((int(card.ref.key), self._board.clock.now(), words, card.assignees))
        self._board.save(cards)

    def requests(self) -> int:
        return self._requests

    def close(self) -> None:
        return


# --- what the registry is told ---------------------------------------------------------------


class BoardSettings(Section):
    """`[board]`."""

    path: str = "board"
    base_url: str = ""
    token: SecretStr | None = None
    webhook_secret: SecretStr | None = None


def open_board(settings: BoardSettings, around: Surroundings) -> Board:
    return Board(around.root / settings.path, settings.base_url, around.clock)


def _tracker(settings: BoardSettings, around: Surroundings) -> Tracker:
    return BoardTracker(open_board(settings, around))


def _ready(settings: BoardSettings) -> bool:
    return settings.token is not None


def _signing(settings: BoardSettings) -> SecretStr | None:
    return settings.token


def _account(settings: BoardSettings) -> tuple[str, ...]:
    return settings.base_url, settings.token.get_secret_value() if settings.token else ""


def _check(settings: BoardSettings, use: Use) -> Iterator[Problem]:
    if use.tracker and not settings.base_url:
        yield Missing("base_url", "the board's address")
    if use.tracker and not settings.token:
        yield Missing("token", "a member's token", secret=True)


def _event(headers: Mapping[str, str], body: bytes) -> WebhookEvent:
    payload = payload_of(headers, body)
    return WebhookEvent(delivery_of("", body), "moved", tickets=(text_at(payload, "card"),))


def _sender() -> Sender:
    return Sender("board", "x-board-signature", _event)


BOARD = System(
    "board",
    BoardSettings,
    TrackerPart(_tracker, _ready, _signing, spelled=str.lower),
    account=_account,
    addresses=("base_url",),
    check=_check,
    sender=_sender,
)
