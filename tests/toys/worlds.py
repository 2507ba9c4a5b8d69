"""The toys as their contracts want them, made through the registry as the program makes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from adapters.registry import SYSTEMS
from adapters.system import Registry
from config.load import load
from config.settings import Settings
from sync.model import Owner, OwnerKind, State, TicketRef
from sync.ports import Source, Tracker
from sync.run.summary import Silent
from sync.wiring.systems import Host, make_source, make_tracker, surroundings
from tests.clocks import VirtualClock
from tests.contract.sources import SourceWorld
from tests.contract.trackers import TrackerWorld
from tests.toys.board import BOARD, BoardSettings, open_board
from tests.toys.shelf import SHELF, Shelf

TOYS = Registry((*SYSTEMS, BOARD, SHELF))
TEXT = (
    'tracker = "board"\n[board]\nbase_url = "https://board.example"\ntoken = "hush-board-hush"\n'
    '[sources.notes]\nkind = "shelf"\nrow = "docs/"\n[people]\n"Ana Lima" = { board = "Ana" }\n'
    "[limits]\nmax_age_days = 36500\n"
)


def settings_in(folder: Path, text: str = TEXT) -> Settings:
    (folder / "sync.toml").write_text(text, encoding="utf-8")
    return load(None, {}, folder, systems=TOYS)


class BoardWorld(TrackerWorld):
    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        self.project = ""
        self.owner = (Owner("Ana Lima", OwnerKind.NAME), "ana")
        self._settings = settings_in(folder)
        self.tracker = self.second_machine()
        around = surroundings(self._settings, "board", Silent(), Host(self.clock))
        self.board = open_board(self._settings.of(BoardSettings), around)

    def second_machine(self) -> Tracker:
        return make_tracker(self._settings, "board", Silent(), Host(self.clock))

    def person_creates(self, title: str, body: str = "") -> TicketRef:
        cards = self.board.read()
        return self.board.put(cards, self.board.new(cards, title)).ref

    def _edit(self, ref: TicketRef, **values: object) -> None:
        cards = self.board.read()
        self.board.put(cards, replace(cards.cards[int(ref.key)], **values))  # type: ignore[arg-type]

    def person_closes(self, ref: TicketRef, state: State) -> None:
        self._edit(ref, state=state)

    def person_reopens(self, ref: TicketRef) -> None:
        self._edit(ref, state=State.OPEN)

    def person_retitles(self, ref: TicketRef, title: str) -> None:
        self._edit(ref, title=title)

    def person_deletes(self, ref: TicketRef) -> None:
        cards = self.board.read()
        del cards.cards[int(ref.key)]
        self.board.save(cards)

    def comments(self, ref: TicketRef) -> list[tuple[str, tuple[str, ...]]]:
        return [(words, called) for key, _, words, called in self.board.read().comments if key == int(ref.key)]


class ShelfWorld(SourceWorld):
    def __init__(self, folder: Path) -> None:
        self._settings = settings_in(folder)
        self.shelf = Shelf(folder / "shelf")
        self.shelf.save({f"docs/{name}": f"# {name}\n".encode() for name in ("b.md", "a.md", "c.txt")})
        self.source = self.second_machine()

    def second_machine(self) -> Source:
        source = self._settings.sources["notes"]
        return make_source(self._settings, "notes", source, Silent(), Host(VirtualClock()))

    def person_writes(self, path: str, data: bytes) -> None:
        self.shelf.save(self.shelf.read() | {path: data})

    def person_deletes(self, path: str) -> None:
        self.shelf.save({other: data for other, data in self.shelf.read().items() if other != path})

    def now(self, path: str) -> bytes:
        return self.shelf.read()[path]
