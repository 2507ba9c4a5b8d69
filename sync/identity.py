"""Who is who: which document a postmortem is, which of its items an item is, and whose a ticket is. Pure.

| the item                                                        | a ticket is its own when                        |
|-----------------------------------------------------------------|-------------------------------------------------|
| links the ticket                                                | always                                          |
| links it, and so does another document                          | the mark names this place, else it is the older |
| no link; same place, same print, same words                     | always, but not a closed duplicate              |
| no link; same place, other print, same words                    | this document links another ticket of that print,
|                                                                 | or the journal knows the create; else held for
|                                                                 | 14 days while the ticket is linked nowhere      |
| no link; other place, same print, same words                    | the old place is gone for certain and nobody
|                                                                 | links the ticket; else held                     |
| no link; other place, other print                               | never                                           |
| no link; same place, same print, more than half of its words    | held, for one item, while it is linked nowhere  |

What is held gets no ticket and takes none until a person has said which it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from sync.model import Mark, Ticket, TicketRef
from sync.model.names import Origin, home_of, item_digest, similarity, words_in

SIMILAR = 0.5
"""An item with more than this share of a ticket's words may be that ticket's item reworded."""


class Linker(NamedTuple):
    """Another document that links a ticket.

    Attributes:
        names: its place, and what marks of version 1 called it.
        day: of the postmortem.
        seen: False for one that cannot be read from here: the ticket's mark names it, in another home.
    """

    names: frozenset[str]
    day: date | None = None
    seen: bool = True

    @property
    def name(self) -> str:
        """For a person, and for an order that is the same on every machine."""
        return min(self.names)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the world says about the tickets in question.

    Attributes:
        links: other documents that link a ticket.
        complete: whether every document was looked at for links.
        gone: places that a complete listing of their home no longer has.
        made: tickets that the journal knows to be made for this document, and whose link is not known to have arrived.
        recent: tickets so young that a run may have ended between their creation and their link.
        prints: of the other documents that are there now.
        apart: tickets of which a person said that they are not an item's, by the item's digest.
        chosen: the ticket of which a person said that it is an item's, by the item's digest.
    """

    links: Mapping[TicketRef, tuple[Linker, ...]] = field(default_factory=dict)
    complete: bool = True
    gone: Collection[str] = frozenset()
    made: Collection[TicketRef] = frozenset()
    recent: Collection[TicketRef] = frozenset()
    prints: Collection[str] = frozenset()
    apart: Mapping[str, Collection[TicketRef]] = field(default_factory=dict)
    chosen: Mapping[str, TicketRef] = field(default_factory=dict)

    def linked(self, ticket: Ticket) -> bool | None:
        """Whether another document links it; None when that is not known."""
        return True if self.links.get(ticket.ref) else False if self.complete else None


class Doubt(StrEnum):
    """Why nobody can tell whether a ticket is an item's own."""

    REUSED = "reused"
    MOVED = "moved"
    LINKED = "linked"
    COPIED = "copied"
    REWORDED = "reworded"


class Held(NamedTuple):
    """A ticket that may be an item's own, and why that is not certain."""

    ticket: Ticket
    doubt: Doubt


@dataclass(frozen=True, slots=True)
class Recognised:
    """How one item was recognised.

    Attributes:
        item: its digest, as it stands or will stand on its ticket's mark; "" when the ticket is another item's.
        ticket: its ticket; None when it has none.
        copied_link: the ticket belongs to another item; its status is followed and nothing is pushed.
        owner: of a copy, the document that the ticket belongs to; None when that is this one.
        held: the ticket that may be its own; a person must say.
    """

    item: str = ""
    ticket: Ticket | None = None
    copied_link: bool = False
    owner: Linker | None = None
    held: Held | None = None


class Relation(StrEnum):
    """How the postmortem on a mark and a document are related."""

    SAME = "same"
    REUSED = "same place, other print"
    MOVED = "other place, same print"
    OTHER = "other"


def relation(mark: Mark, origin: Origin) -> Relation:
    """What the mark's names say. A stated id stands for place and print together, within one home."""
    if mark.version < 2:
        # It names no print, and a source where a home should be.
        return Relation.REUSED if mark.place in origin.former else Relation.OTHER
    if mark.id and mark.id == origin.id and home_of(mark.place) in origin.homes:
        return Relation.SAME
    other_id = mark.id and origin.id and mark.id != origin.id
    same_print = mark.print == origin.print and not other_id
    if mark.place in (origin.place, *origin.former):
        return Relation.SAME if same_print else Relation.REUSED
    return Relation.MOVED if same_print and mark.print else Relation.OTHER


@dataclass(frozen=True, slots=True)
class TwinGroup:
    """Several tickets of one item, the oldest first."""

    tickets: tuple[Ticket, ...]


def age(ticket: Ticket) -> tuple[float, int, str]:
    """Sort key: the older ticket first; among equals the smaller number."""
    number = re.search(r"(\d+)\D*$", ticket.ref.key)
    return ticket.created.timestamp(), int(number[1]) if number else 0, ticket.ref.key


def twin_groups(tickets: Sequence[Ticket]) -> tuple[TwinGroup, ...]:
    """Tickets of one place, print and item that our account made in different creates, where there is more than one.

    A ticket already closed as a duplicate is no longer one of them, and a mark that was copied makes no twin.
    """
    groups: dict[tuple[str, ...], dict[str, Ticket]] = {}
    for ticket in sorted(tickets, key=age):
        mark = ticket.mark
        if mark and mark.nonce and ticket.ours and not ticket.duplicate_of:
            # Version 1 had no nonce: what stands for it there is the same on twins.
            create = mark.nonce if mark.version > 1 else f"{mark.nonce} {ticket.ref.key}"
            groups.setdefault(_names(ticket), {}).setdefault(create, ticket)
    return tuple(TwinGroup(tuple(group.values())) for group in groups.values() if len(group) > 1)


def copies(tickets: Sequence[Ticket]) -> tuple[frozenset[TicketRef], frozenset[TicketRef]]:
    """Tickets that carry the mark of one and the same create, which made one ticket only.

    Returns:
        those whose mark is a copy, since the mark of another is sealed for it; those of which any may be the original.
    """
    groups: dict[str, dict[TicketRef, Ticket]] = {}
    for ticket in tickets:
        if ticket.mark and ticket.mark.nonce and ticket.mark.version > 1:
            groups.setdefault(ticket.mark.nonce, {})[ticket.ref] = ticket
    certain: set[TicketRef] = set()
    unsure: set[TicketRef] = set()
    for group in groups.values():
        sealed = {ref for ref, ticket in group.items() if ticket.sealed}
        if len(group) > 1:
            (certain if sealed else unsure).update(group.keys() - sealed)
    return frozenset(certain), frozenset(unsure)


def recognise(
    origin: Origin,
    texts: Sequence[str],
    linked: Sequence[Ticket | None],
    marked: Sequence[Ticket],
    evidence: Evidence,
) -> tuple[Recognised, ...]:
    """Find each item's ticket. One ticket is never given to two items.

    Args:
        texts: the words of the document's items.
        linked: for each item the ticket that its link names.
        marked: tickets under a mark of ours that names this place, this print or this id.
    """
    return _Recogniser(origin, texts, linked, marked, evidence).run()


class _Recogniser:
    """One document's items on their way to their tickets; each step leaves fewer of both."""

    def __init__(
        self,
        origin: Origin,
        texts: Sequence[str],
        linked: Sequence[Ticket | None],
        marked: Sequence[Ticket],
        evidence: Evidence,
    ) -> None:
        self._origin = origin
        self._texts = texts
        self._linked = linked
        self._evidence = evidence
        self._words = [item_digest(text) for text in texts]
        self._found: dict[int, Recognised] = {}
        self._claimed: set[TicketRef] = set()
        self._digests: set[str] = set()
        self._apart: dict[int, Collection[TicketRef]] = {}
        known = [*marked, *(ticket for ticket in linked if ticket)]
        copied, self._unsure = copies(known)
        self._free = sorted((t for t in marked if _may_be_found(t) and t.ref not in copied), key=age)

    def run(self) -> tuple[Recognised, ...]:
        self._take_links()
        self._drop_claimed()
        fresh = self._fresh()
        self._take_chosen(fresh)
        for step in (self._same, self._reused, self._moved):
            for index in self._left(fresh):
                step(index, fresh[index])
                self._drop_claimed()
        self._hold_reworded(self._left(fresh), fresh)
        return tuple(self._found.get(index) or Recognised(fresh[index]) for index in range(len(self._texts)))

    def _drop_claimed(self) -> None:
        """What has an item is free no longer, and neither are its twins."""
        taken = {_names(t) for t in self._tickets() if t.mark}
        self._free = [t for t in self._free if t.ref not in self._claimed and _names(t) not in taken]

    def _tickets(self) -> list[Ticket]:
        own = [entry.ticket for entry in self._found.values() if entry.ticket and not entry.copied_link]
        return [*own, *(entry.held.ticket for entry in self._found.values() if entry.held)]

    # items with a link

    def _take_links(self) -> None:
        links = [(index, ticket) for index, ticket in enumerate(self._linked) if ticket]
        for index, ticket in sorted(links, key=self._has_other_words):
            owner = self._owner(ticket)
            if ticket.ref in self._claimed or owner is not None:
                self._found[index] = Recognised("", ticket, copied_link=True, owner=owner)
                continue
            self._claimed.add(ticket.ref)
            self._found[index] = Recognised(self._digest_on(index, ticket), ticket)

    def _has_other_words(self, link: tuple[int, Ticket]) -> tuple[bool, int]:
        """Of two items that link one ticket, the one with the words on its mark comes first."""
        index, ticket = link
        return not (ticket.mark and words_in(ticket.mark.item) == self._words[index]), index

    def _owner(self, ticket: Ticket) -> Linker | None:
        """The other document that the ticket belongs to; None when it is this one."""
        others = self._evidence.links.get(ticket.ref, ())
        mark = ticket.mark
        if mark:
            if (
                mark.place in (self._origin.place, *self._origin.former)
                or relation(mark, self._origin) is Relation.SAME
            ):
                return None
            if named := next((other for other in others if mark.place in other.names), None):
                return named
        older = [other for other in others if other.seen and self._is_older(other)]
        return min(older, key=lambda other: (other.day or date.max, other.name)) if older else None

    def _is_older(self, other: Linker) -> bool:
        mine = (self._origin.day or date.max, self._origin.place)
        return (other.day or date.max, other.name) < mine

    def _digest_on(self, index: int, ticket: Ticket) -> str:
        """The digest that a linked ticket keeps; another one when its mark is of other words."""
        item = ticket.mark.item if ticket.mark else ""
        if words_in(item) != self._words[index] or item in self._digests:
            return self._next(index)
        self._digests.add(item)
        return item

    def _next(self, index: int) -> str:
        """The digest of the first occurrence of an item's words that no other item holds."""
        occurrence = 0
        while (item := item_digest(self._texts[index], occurrence)) in self._digests:
            occurrence += 1
        self._digests.add(item)
        return item

    # items without one

    def _fresh(self) -> dict[int, str]:
        fresh: dict[int, str] = {}
        for index in range(len(self._texts)):
            if index in self._found:
                continue
            fresh[index] = self._next(index)
            while others := self._evidence.apart.get(fresh[index]):
                # Its ticket must not pass for a twin of the one that it is not.
                self._apart[index] = {*self._apart.get(index, ()), *others}
                self._digests |= {t.mark.item for t in self._free if t.mark and t.ref in others}
                fresh[index] = self._next(index)
        return fresh

    def _left(self, fresh: Mapping[int, str]) -> list[int]:
        return [index for index in fresh if index not in self._found]

    def _take_chosen(self, fresh: Mapping[int, str]) -> None:
        for index, item in fresh.items():
            ref = self._evidence.chosen.get(item)
            ticket = next((t for t in self._free if t.ref == ref), None)
            if ticket:
                self._take(index, item, ticket)
        self._drop_claimed()

    def _same(self, index: int, item: str) -> None:
        found = self._of_words(index, item, Relation.SAME)
        sure = [t for t in found if self._evidence.linked(t) is False and t.ref not in self._unsure]
        if sure:
            self._take(index, item, sure[0])
        elif found:
            self._hold(index, item, found[0], Doubt.COPIED if found[0].ref in self._unsure else Doubt.LINKED)

    def _reused(self, index: int, item: str) -> None:
        found = [t for t in self._of_words(index, item, Relation.REUSED) if not self._evidence.linked(t)]
        sure = [t for t in found if self._is_lone(t) and self._is_retitled(t)]
        recent = [t for t in found if t.ref in self._evidence.recent or (t.mark and t.mark.version < 2)]
        if sure:
            self._take(index, item, sure[0])
        elif recent:
            self._hold(index, item, recent[0], Doubt.REUSED)

    def _moved(self, index: int, item: str) -> None:
        found = self._of_words(index, item, Relation.MOVED)
        sure = [t for t in found if t.mark and t.mark.place in self._evidence.gone and self._is_lone(t)]
        if sure:
            self._take(index, item, sure[0])
        elif found:
            self._hold(index, item, found[0], Doubt.MOVED)

    def _of_words(self, index: int, item: str, wanted: Relation) -> list[Ticket]:
        """Free tickets of an item's words, the one of its own occurrence first, then the oldest."""
        words = self._words[index]
        found = [
            (ticket.mark.item != item, ticket)
            for ticket in self._free
            if ticket.mark and words_in(ticket.mark.item) == words and relation(ticket.mark, self._origin) is wanted
            if ticket.ref not in self._apart.get(index, ())
        ]
        return [ticket for _, ticket in sorted(found, key=lambda entry: entry[0])]

    def _is_lone(self, ticket: Ticket) -> bool:
        """Whether certainly nothing else lays claim to the ticket."""
        return self._evidence.linked(ticket) is False and ticket.ref not in self._unsure

    def _is_retitled(self, ticket: Ticket) -> bool:
        """Whether this document certainly is the one on the ticket's mark, under another title."""
        mark = ticket.mark
        if mark is None:
            return False
        mine = (entry.ticket.mark for entry in self._found.values() if entry.ticket and not entry.copied_link)
        if any(other and (other.place, other.print, other.id) == (mark.place, mark.print, mark.id) for other in mine):
            return True
        return ticket.ref in self._evidence.made and mark.print not in self._evidence.prints

    def _take(self, index: int, item: str, ticket: Ticket) -> None:
        kept = ticket.mark.item if ticket.mark and words_in(ticket.mark.item) == self._words[index] else item
        if kept in self._digests - {item}:
            kept = item
        self._claimed.add(ticket.ref)
        self._digests.add(kept)
        self._found[index] = Recognised(kept, ticket)

    def _hold(self, index: int, item: str, ticket: Ticket, doubt: Doubt) -> None:
        self._claimed.add(ticket.ref)
        self._found[index] = Recognised(item, held=Held(ticket, doubt))

    # items of similar words

    def _hold_reworded(self, left: Sequence[int], fresh: Mapping[int, str]) -> None:
        """One ticket is the rewording of at most one item: the nearest, or none where several are as near."""
        free = [t for t in self._free if t.mark and self._is_here(t.mark) and self._evidence.linked(t) is not True]
        for index, ticket in _nearest([(index, self._texts[index]) for index in left], free, self._apart):
            self._hold(index, fresh[index], ticket, Doubt.REWORDED)

    def _is_here(self, mark: Mark) -> bool:
        found = relation(mark, self._origin)
        return found is Relation.SAME or (found is Relation.REUSED and mark.version < 2)


def _may_be_found(ticket: Ticket) -> bool:
    return ticket.mark is not None and not ticket.duplicate_of and not ticket.pull_request


def _names(ticket: Ticket) -> tuple[str, ...]:
    """What twins have in common."""
    mark = ticket.mark
    return (mark.place, mark.print, mark.id, mark.item) if mark else ()


def _words_of(ticket: Ticket) -> str:
    """The item's words as they were last pushed."""
    return ticket.mark.base.title if ticket.mark and ticket.mark.base.title else ticket.title


def _nearest(
    left: Sequence[tuple[int, str]], free: Sequence[Ticket], apart: Mapping[int, Collection[TicketRef]]
) -> list[tuple[int, Ticket]]:
    """Pairs of items and tickets that are each other's one best match, from more than half of the words on.

    Where an item, or a ticket, of other words matches as well there is no pair; those of the same words are alike.
    """
    scores = [
        (similarity(text, _words_of(ticket)), index, item_digest(text), ticket)
        for index, text in left
        for ticket in free
        if ticket.ref not in apart.get(index, ())
    ]
    best = sorted((entry for entry in scores if entry[0] > SIMILAR), key=lambda e: (-e[0], e[1], age(e[3])))
    pairs: list[tuple[int, Ticket]] = []
    done: set[int | TicketRef] = set()
    for _, level in groupby(best, key=lambda entry: entry[0]):
        equal = [entry for entry in level if entry[1] not in done and entry[3].ref not in done]
        rivals: dict[int | TicketRef, set[str]] = {}
        for _, index, words, ticket in equal:
            rivals.setdefault(index, set()).add(words_in(ticket.mark.item) if ticket.mark else "")
            rivals.setdefault(ticket.ref, set()).add(words)
        for _, _, _, ticket in equal:
            if len(rivals[ticket.ref]) > 1:
                done.add(ticket.ref)
        for _, index, _, ticket in equal:
            if index not in done and ticket.ref not in done:
                done |= {index, ticket.ref}
                pairs.append((index, ticket))
    return pairs
