from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sync.identity import item_id, normalise, postmortem_id, recognise, similarity, text_digest, twin_groups
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


def test_a_link_copied_into_another_postmortem_is_only_followed() -> None:
    theirs = ticket(1, "Add an alert", "path:docs/b.md")
    found = recognise(PM, [item("Add an alert")], [theirs], [theirs], gone("path:docs/b.md"))  # type: ignore[arg-type]
    assert found[0].copy


def test_a_moved_file_keeps_its_tickets() -> None:
    old = ticket(1, "Add an alert", "path:docs/old.md")
    found = recognise(PM, [item("Add an alert")], [old], [old], gone())  # type: ignore[arg-type]
    assert not found[0].copy
    assert found[0].ticket == old
    unlinked = recognise(PM, [item("Add an alert")], [None], [old], gone())  # type: ignore[arg-type]
    assert unlinked[0].ticket == old


def test_of_two_items_that_link_one_ticket_the_one_with_its_words_keeps_it() -> None:
    one = ticket(1, "Add an alert")
    found = recognise(PM, [item("See there"), item("Add an alert", 2)], [one, one], [one], lambda _: False)
    assert [entry.copy for entry in found] == [True, False]


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
    owned = [entry.ticket.ref for entry in found if entry.ticket and not entry.copy]
    assert len(owned) == len(set(owned))
    fresh = [entry.item_id for entry in found if entry.ticket is None]
    assert len(fresh) == len(set(fresh))
    held = {entry.item_id for entry in found if entry.ticket and not entry.copy}
    assert not held & set(fresh)
