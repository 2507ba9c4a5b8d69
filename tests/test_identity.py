from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.identity import SAME_ITEM, item_id, normalise, postmortem_id, recognise, similarity, text_digest, twin_groups
from sync.model import ActionItem, Base, InlineSlot, Mark, Notation, Span, State, Ticket, TicketRef

PM = "path:docs/a.md"


def item(text: str, line: int = 1) -> ActionItem:
    span = Span(0, 1)
    return ActionItem(line, text, Notation.BULLET, "Action items", span, InlineSlot(span, 1))


def ticket(number: int, text: str, postmortem: str = PM, occurrence: int = 0, **fields: object) -> Ticket:
    mark = Mark(postmortem, item_id(postmortem, text, occurrence), text_digest(text), Base(title=text))
    created = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    values: dict[str, object] = {"mark": mark} | fields
    return Ticket(TicketRef("local", "", f"LOCAL-{number}"), f"local:LOCAL-{number}", text, created, **values)  # type: ignore[arg-type]


def gone(*known: str) -> object:
    return lambda postmortem: postmortem not in known


def find(
    items: list[ActionItem], linked: list[Ticket | None], marked: list[Ticket], **kwargs: object
) -> list[str | None]:
    found = recognise(PM, items, linked, marked, kwargs.pop("vanished", lambda _: False), **kwargs)  # type: ignore[arg-type]
    return [entry.ticket.ref.key if entry.ticket else None for entry in found]


def test_a_postmortem_is_known_by_its_id_else_by_its_path() -> None:
    assert postmortem_id("docs", "a.md", "PM-7") == "id:PM-7"
    assert postmortem_id("docs", "a.md", "") == "path:docs/a.md"


def test_case_blanks_and_punctuation_do_not_tell_items_apart() -> None:
    assert text_digest("Add an  alert.") == text_digest("add an alert")
    assert text_digest("Add an alert") != text_digest("Add an alarm")
    assert normalise("🔥") == "🔥"


def test_an_unlinked_item_is_found_by_its_mark() -> None:
    assert find([item("Add an alert")], [None], [ticket(1, "Add an alert")]) == ["LOCAL-1"]


def test_two_items_of_the_same_words_have_two_tickets() -> None:
    items = [item("Add an alert"), item("Add an alert", 2)]
    one, two = ticket(1, "Add an alert"), ticket(2, "Add an alert", occurrence=1)
    assert find(items, [None, None], [one, two]) == ["LOCAL-1", "LOCAL-2"]
    assert find(items, [None, one], [one, two]) == ["LOCAL-2", "LOCAL-1"]
    assert find(items, [None, one], [one]) == [None, "LOCAL-1"]
    ids = [entry.item_id for entry in recognise(PM, items, [None, None], [], lambda _: False)]
    assert len(set(ids)) == 2


def test_a_reworded_item_is_found_by_most_of_its_words_when_its_link_never_reached_the_document() -> None:
    was = ticket(1, "Add an alert on the age of the oldest message")
    items = [item("Add an alert on the age of the very oldest message")]
    assert find(items, [None], [was], placed=lambda ref: False) == ["LOCAL-1"]
    assert find(items, [None], [was], placed=lambda ref: True) == [None]
    assert find([item("Rewrite the sender in another language")], [None], [was], placed=lambda ref: False) == [None]


def test_and_when_nobody_remembers_a_person_must_say() -> None:
    was = ticket(1, "Add an alert on the age of the oldest message")
    items = [item("Add an alert on the age of the very oldest message")]
    found = recognise(PM, items, [None], [was], lambda _: False)[0]
    assert found.ticket is None
    assert found.maybe == was
    closed = ticket(1, "Add an alert on the age of the oldest message", state=State.DONE)
    assert recognise(PM, items, [None], [closed], lambda _: False)[0].maybe is None


WAS = "Add an alert on the age of the oldest message"
ALIKE = "Add an alert on the age of the very oldest message"
HALF = "Alert when the oldest message is older than an hour"
LITTLE = "Rewrite the sender in another language"


@pytest.mark.parametrize(
    ("placed", "recent", "taken", "asked"),
    [
        (False, True, [ALIKE], [HALF, LITTLE]),
        (False, False, [ALIKE], [HALF, LITTLE]),
        (None, True, [], [ALIKE, HALF, LITTLE]),
        (None, False, [], [ALIKE, HALF]),
        (True, True, [], [ALIKE]),
    ],
)
def test_how_much_must_be_the_same(placed: bool | None, recent: bool, taken: list[str], asked: list[str]) -> None:
    was = ticket(1, WAS)
    for text in (ALIKE, HALF, LITTLE):
        (found,) = recognise(PM, [item(text)], [None], [was], lambda _: False, lambda ref: placed, lambda _: recent)
        assert (found.ticket == was, found.maybe == was) == (text in taken, text in asked), text


def test_an_item_that_was_there_before_is_never_another_one_reworded() -> None:
    text = "Add an alert on the age of the newest message"
    found = find([item(text)], [None], [ticket(1, WAS)], placed=lambda ref: False)
    assert found == ["LOCAL-1"]
    begun = {item_id(PM, text, 0)}
    (found_,) = recognise(PM, [item(text)], [None], [ticket(1, WAS)], lambda _: False, lambda ref: False, begun=begun)
    assert found_.ticket is found_.maybe is None


@pytest.mark.parametrize(
    ("texts", "tickets", "expected"),
    [
        ([f"{WAS} soon", f"{WAS} now"], [WAS], [None, None]),
        ([f"{WAS} on queue three"], [f"{WAS} on queue one", f"{WAS} on queue two"], [None]),
        ([f"{WAS} soon", f"{WAS} right now"], [WAS], ["LOCAL-0", None]),
        ([f"{WAS} soon", f"{WAS} soon"], [WAS, WAS], ["LOCAL-0", "LOCAL-1"]),
        ([f"{WAS} soon", WAS], [WAS, WAS], ["LOCAL-1", "LOCAL-0"]),
        ([f"{WAS} soon"], [WAS, WAS], ["LOCAL-0"]),
    ],
    ids=["two items", "two tickets", "one is closer", "twins", "one of twins", "twins, and one is removed"],
)
def test_of_several_that_match_as_well_none_is_taken_unless_they_are_alike(
    texts: list[str], tickets: list[str], expected: list[str | None]
) -> None:
    marked = [ticket(n, text, occurrence=tickets[:n].count(text)) for n, text in enumerate(tickets)]
    found = recognise(PM, [item(text) for text in texts], [None] * len(texts), marked, lambda _: False, lambda _: False)
    assert [entry.ticket.ref.key if entry.ticket else None for entry in found] == expected
    used = {entry.ticket.ref for entry in found if entry.ticket}
    for entry in found:
        assert entry.ticket or entry.maybe or all(one.ref in used for one in marked)


def test_a_ticket_done_before_its_link_was_written_is_still_the_items() -> None:
    done = ticket(1, WAS, state=State.DONE)
    assert find([item(ALIKE)], [None], [done], placed=lambda ref: False) == ["LOCAL-1"]
    assert recognise(PM, [item(LITTLE)], [None], [done], lambda _: False, lambda _: False)[0].maybe is None


def test_a_link_copied_into_another_postmortem_is_only_followed() -> None:
    theirs = ticket(1, "Add an alert", "path:docs/b.md")
    found = recognise(PM, [item("Add an alert")], [theirs], [theirs], gone("path:docs/b.md"))  # type: ignore[arg-type]
    assert found[0].copied_link


def test_a_moved_file_keeps_its_tickets() -> None:
    old = ticket(1, "Add an alert", "path:docs/old.md")
    found = recognise(PM, [item("Add an alert")], [old], [old], gone())  # type: ignore[arg-type]
    assert not found[0].copied_link
    assert found[0].ticket == old
    unlinked = recognise(PM, [item("Add an alert")], [None], [old], gone())  # type: ignore[arg-type]
    assert unlinked[0].ticket == old


def test_of_two_items_that_link_one_ticket_the_one_with_its_words_keeps_it() -> None:
    one = ticket(1, "Add an alert")
    found = recognise(PM, [item("See there"), item("Add an alert", 2)], [one, one], [one], lambda _: False)
    assert [entry.copied_link for entry in found] == [True, False]


def test_the_older_of_two_twins_is_the_ticket() -> None:
    older, younger = ticket(1, "Add an alert"), ticket(2, "Add an alert")
    assert [t.ref.key for t in twin_groups([younger, older])[0].tickets] == ["LOCAL-1", "LOCAL-2"]
    assert find([item("Add an alert")], [None], [younger, older]) == ["LOCAL-1"]
    assert find([item("Add an alert")], [younger], [younger, older]) == ["LOCAL-1"]


def test_a_link_to_a_closed_twin_leads_to_the_ticket_it_duplicates() -> None:
    older = ticket(1, "Add an alert")
    closed = ticket(2, "Add an alert", state=State.WONTDO, duplicate_of="LOCAL-1")
    assert find([item("Add an alert")], [closed], [closed, older]) == ["LOCAL-1"]


VOCABULARY = ("add", "an", "alert", "on", "disk", "queue", "age", "size", "oldest")
words = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=6)
texts = words.map(" ".join)


@given(texts, texts)
def test_similarity_is_symmetric_and_one_only_for_the_same_words(one: str, other: str) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert (similarity(one, other) == 1.0) == (sorted(one.split()) == sorted(other.split()))


@given(st.lists(texts, max_size=6), st.lists(st.tuples(texts, st.integers(0, 2)), max_size=6), st.data())
def test_no_ticket_is_ever_given_to_two_items(
    texts: list[str], marks: list[tuple[str, int]], data: st.DataObject
) -> None:
    marked = [ticket(n, text, occurrence=o) for n, (text, o) in enumerate(marks)]
    items = [item(text, n) for n, text in enumerate(texts)]
    linked = [data.draw(st.sampled_from([None, *marked])) for _ in items]
    found = recognise(PM, items, linked, marked, lambda _: False)
    owned = [entry.ticket.ref for entry in found if entry.ticket and not entry.copied_link]
    assert len(owned) == len(set(owned))
    fresh = [entry.item_id for entry in found if entry.ticket is None]
    assert len(fresh) == len(set(fresh))
    held = {entry.item_id for entry in found if entry.ticket and not entry.copied_link}
    assert not held & set(fresh)


@given(st.lists(texts, min_size=1, max_size=5, unique_by=normalise), st.lists(texts, max_size=5), st.data())
def test_no_item_gets_a_ticket_while_one_never_placed_may_be_its_own(
    old: list[str], new: list[str], data: st.DataObject
) -> None:
    """Whatever was reworded, removed and added: a ticket that nobody claims holds back what could claim it."""
    marked = [ticket(number, text) for number, text in enumerate(old)]
    kept = data.draw(st.lists(st.sampled_from(old), unique=True))
    items = [item(text, number) for number, text in enumerate(data.draw(st.permutations(kept + new)))]
    found = recognise(PM, items, [None] * len(items), marked, lambda _: False, lambda _: False)
    free = {one.ref for one in marked} - {entry.ticket.ref for entry in found if entry.ticket}
    for entry, one in zip(found, items, strict=True):
        assert entry.ticket or not free or (entry.maybe and entry.maybe.ref in free)
        if entry.ticket:
            assert similarity(one.text, entry.ticket.title) >= SAME_ITEM
    texts_of = {one.ref: one.title for one in marked}
    for text in kept:
        held = [texts_of[e.ticket.ref] for e, one in zip(found, items, strict=True) if e.ticket and one.text == text]
        assert text in held
