"""How an item is recognised again: ids of postmortems and items, and matching after people's edits. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from sync.model import ActionItem, State, Ticket, TicketRef

SAME_ITEM = 0.75
"""Share of common words from which an item without a link is taken to be a ticket's item reworded."""

HALF = 0.5
"""Share of common words from which it may be that, where nobody remembers whether the ticket's link was written."""

_WORD = re.compile(r"\w+")


def normalise(text: str) -> str:
    """The words of a text: case, punctuation, blanks and compatibility forms do not tell items apart."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold())) or text.strip()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def text_digest(text: str) -> str:
    """Digest of an item's words alone, the same in whatever document it stands."""
    return _digest("text", normalise(text))


def postmortem_id(source: str, path: str, stated: str) -> str:
    """A postmortem's identity: the front matter's `id`, else its path in its source."""
    return f"id:{stated}" if stated else f"path:{source}/{path}"


def item_id(postmortem: str, text: str, occurrence: int) -> str:
    """An item's identity; `occurrence` counts items of the same words in one postmortem, from 0."""
    return _digest("item", postmortem, normalise(text), str(occurrence))


def similarity(one: str, other: str) -> float:
    """Dice coefficient of two texts' words, 0 to 1."""
    a, b = normalise(one).split(), normalise(other).split()
    if not a or not b:
        return 0.0
    rest = list(b)
    common = 0
    for word in a:
        if word in rest:
            rest.remove(word)
            common += 1
    return 2 * common / (len(a) + len(b))


@dataclass(frozen=True, slots=True)
class Recognised:
    """How one item was recognised.

    Attributes:
        item_id: the id it has, or will have once it has a ticket.
        ticket: its ticket; None when it has none.
        copied_link: the ticket belongs to another item; its status is followed and nothing is pushed.
        linked: the ticket its link names, when `ticket` is the older twin of that.
        maybe: a ticket that may be this item's, reworded, which nobody can tell for certain.
    """

    item_id: str
    ticket: Ticket | None = None
    copied_link: bool = False
    linked: Ticket | None = None
    maybe: Ticket | None = None


@dataclass(frozen=True, slots=True)
class TwinGroup:
    """All live tickets of one item, the oldest first."""

    tickets: tuple[Ticket, ...]


def age(ticket: Ticket) -> tuple[float, int, str]:
    """Sort key: the older ticket first; among equals the smaller number."""
    number = re.search(r"(\d+)\D*$", ticket.ref.key)
    return ticket.created.timestamp(), int(number[1]) if number else 0, ticket.ref.key


def twin_groups(tickets: Sequence[Ticket]) -> tuple[TwinGroup, ...]:
    """Tickets that carry the mark of the same item, where there is more than one.

    A ticket already closed as a duplicate is no longer one of them.
    """
    groups: dict[tuple[str, str], list[Ticket]] = {}
    for ticket in tickets:
        if ticket.mark and not ticket.duplicate_of:
            groups.setdefault((ticket.mark.postmortem, ticket.mark.item), []).append(ticket)
    return tuple(TwinGroup(tuple(sorted(group, key=age))) for group in groups.values() if len(group) > 1)


def recognise(
    postmortem: str,
    items: Sequence[ActionItem],
    linked: Sequence[Ticket | None],
    marked: Sequence[Ticket],
    moved_away: Callable[[str], bool],
    placed: Callable[[TicketRef], bool | None] = lambda ref: None,
    recent: Callable[[Ticket], bool] = lambda ticket: True,
    begun: Collection[str] = frozenset(),
) -> tuple[Recognised, ...]:
    """Find each item's ticket. One ticket is never given to two items.

    Args:
        postmortem: the postmortem's id.
        linked: for each item the ticket that its link names.
        marked: tickets that may be an unlinked item's: all marked for this postmortem, and any others that
            carry the words of one of its items.
        moved_away: whether the postmortem of that id is no longer in its source (it was moved or deleted).
        placed: whether the ticket's link was ever written into the document; None when nobody remembers. Most of
            the words of one never placed are the same item reworded; any others may be, and a person must say. Words
            that differ from those of a placed ticket are another item, as the link would have stayed, unless they
            are almost the same. In between a person must say from half of the words, and of a recent ticket always.
        recent: whether a ticket is so young that a run may have ended between its creation and its link.
        begun: ids of items for which a ticket of their own was begun: they are no other ticket's item reworded.
    """
    older = {twin.ref: group.tickets[0] for group in twin_groups(marked) for twin in group.tickets[1:]}
    older |= _closed_twins(linked, marked)
    found: list[Recognised | None] = [None] * len(items)
    claimed: dict[TicketRef, int] = {}

    def ours(ticket: Ticket) -> bool:
        return ticket.mark is None or ticket.mark.postmortem == postmortem or moved_away(ticket.mark.postmortem)

    for index in _link_order(items, linked, postmortem):
        ticket = linked[index]
        assert ticket is not None
        keeper = older.get(ticket.ref, ticket)
        mark = keeper.mark
        if keeper.ref in claimed or not ours(keeper):
            found[index] = Recognised("", keeper, copied_link=True, linked=ticket)
            continue
        claimed[keeper.ref] = index
        identity = mark.item if mark else ""
        found[index] = Recognised(identity, keeper, linked=ticket)

    taken = {entry.item_id for entry in found if entry and entry.item_id}
    identities = _fresh_ids(postmortem, items, found, taken)
    free = [t for t in sorted(marked, key=age) if t.mark and t.ref not in claimed and t.ref not in older and ours(t)]
    unlinked = [index for index, ticket in enumerate(linked) if ticket is None]

    def claim(index: int, ticket: Ticket) -> None:
        assert ticket.mark is not None
        found[index] = Recognised(ticket.mark.item, ticket)
        claimed[ticket.ref] = index
        free.remove(ticket)

    def left() -> list[int]:
        return [index for index in unlinked if found[index] is None]

    for index in left():
        match = next((t for t in free if t.mark and t.mark.item == identities[index]), None)
        if match:
            claim(index, match)
    for index in left():
        words = text_digest(items[index].text)
        match = next((t for t in free if t.mark and t.mark.text == words), None)
        if match:
            claim(index, match)
    unplaced = [ticket for ticket in free if placed(ticket.ref) is False and not ticket.duplicate_of]
    new = [(index, items[index].text) for index in left() if identities[index] not in begun]
    for index, ticket in _reworded(new, unplaced):
        claim(index, ticket)

    def least(ticket: Ticket) -> float:
        known = placed(ticket.ref)
        return SAME_ITEM if known else 0.0 if known is False or recent(ticket) else HALF

    asked = [(ticket, least(ticket)) for ticket in free if ticket.state is State.OPEN]
    maybe = {index: _likeliest(text, asked) for index, text in new}
    return tuple(
        Recognised(identities[index], maybe=maybe.get(index))
        if entry is None
        else entry
        if entry.item_id or entry.copied_link
        else replace(entry, item_id=identities[index])
        for index, entry in enumerate(found)
    )


def _closed_twins(linked: Sequence[Ticket | None], marked: Sequence[Ticket]) -> dict[TicketRef, Ticket]:
    """Linked tickets that were closed in favour of another ticket of the same item."""
    by_key = {ticket.ref.key: ticket for ticket in marked if ticket.mark}
    result: dict[TicketRef, Ticket] = {}
    for ticket in linked:
        if ticket and ticket.mark and ticket.duplicate_of:
            keeper = by_key.get(ticket.duplicate_of)
            if keeper and keeper.mark and keeper.mark.item == ticket.mark.item:
                result[ticket.ref] = keeper
    return result


def _link_order(items: Sequence[ActionItem], linked: Sequence[Ticket | None], postmortem: str) -> list[int]:
    """Indexes of linked items; of two that link one ticket, the one with the words on its mark comes first."""

    def stranger(index: int) -> bool:
        ticket = linked[index]
        mark = ticket.mark if ticket else None
        return not (mark and mark.postmortem == postmortem and mark.text == text_digest(items[index].text))

    return sorted((i for i, ticket in enumerate(linked) if ticket), key=lambda i: (stranger(i), i))


def _fresh_ids(
    postmortem: str, items: Sequence[ActionItem], found: Sequence[Recognised | None], taken: set[str]
) -> Mapping[int, str]:
    """An id for each item: the first occurrence of its words that no other item holds."""
    used = set(taken)
    result: dict[int, str] = {}
    for index, item in enumerate(items):
        entry = found[index]
        if entry and (entry.item_id or entry.copied_link):
            continue
        occurrence = 0
        while (identity := item_id(postmortem, item.text, occurrence)) in used:
            occurrence += 1
        used.add(identity)
        result[index] = identity
    return result


def _words_of(ticket: Ticket) -> str:
    """The item's words as they were last pushed."""
    return ticket.mark.base.title if ticket.mark and ticket.mark.base.title else ticket.title


def _reworded(left: Sequence[tuple[int, str]], free: Sequence[Ticket]) -> list[tuple[int, Ticket]]:
    """Pairs of items and tickets that are each other's one best match, by their words.

    Where an item, or a ticket, of other words matches as well there is no pair; those of the same words are alike.
    """
    scores = [
        (similarity(text, _words_of(ticket)), index, text_digest(text), ticket)
        for index, text in left
        for ticket in free
    ]
    best = sorted((entry for entry in scores if entry[0] >= SAME_ITEM), key=lambda e: (-e[0], e[1], age(e[3])))
    pairs: list[tuple[int, Ticket]] = []
    done: set[int | TicketRef] = set()
    for _, level in groupby(best, key=lambda entry: entry[0]):
        equal = [entry for entry in level if entry[1] not in done and entry[3].ref not in done]
        rivals: dict[int | TicketRef, set[str]] = {}
        for _, index, words, ticket in equal:
            rivals.setdefault(index, set()).add(ticket.mark.text if ticket.mark else "")
            rivals.setdefault(ticket.ref, set()).add(words)
        for _, index, _, ticket in equal:
            if max(len(rivals[index]), len(rivals[ticket.ref])) > 1:
                done |= {index, ticket.ref}
        for _, index, _, ticket in equal:
            if index not in done and ticket.ref not in done:
                done |= {index, ticket.ref}
                pairs.append((index, ticket))
    return pairs


def _likeliest(text: str, asked: Sequence[tuple[Ticket, float]]) -> Ticket | None:
    """The ticket with most of an item's words, of those that may be the item's: each with the least that it needs."""
    shares = [(similarity(text, _words_of(ticket)), ticket) for ticket, least in asked]
    possible = [entry for entry, (_, least) in zip(shares, asked, strict=True) if entry[0] >= least]
    return max(possible, key=lambda entry: entry[0])[1] if possible else None
