from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.identity import (
    SIMILAR,
    Doubt,
    Evidence,
    Linker,
    Recognised,
    Relation,
    copies,
    recognise,
    relation,
    twin_groups,
)
from sync.model import Base, Mark, State, Ticket, TicketRef
from sync.model.names import (
    Origin,
    fold,
    home_of,
    item_digest,
    item_id,
    normalise,
    place_of,
    print_of,
    similarity,
    stated_id,
    words_in,
)

HOME = "github.com/acme/docs"
DAY = date(2026, 2, 20)
PRINT = print_of("Checkout outage", DAY)
OTHER_PRINT = print_of("Mail outage", date(2026, 3, 1))
HERE = Origin(HOME, "docs/a.md", PRINT, day=DAY, former=("path:docs/a.md",))
OLD_PLACE = place_of(HOME, "docs/old.md")
WAS = "Add an alert on the age of the oldest message"
ALIKE = "Add an alert on the age of the very oldest message"
LITTLE = "Rewrite the sender in another language"


def ticket(number: int = 1, text: str = WAS, **fields: object) -> Ticket:
    """A ticket that our account made for an item of this document, unless told."""
    marked = {name: fields.pop(name) for name in ("place", "print", "id", "nonce", "occurrence") if name in fields}
    mark = Mark(
        place=str(marked.get("place", HERE.place)),
        print=str(marked.get("print", PRINT)),
        item=item_digest(text, int(str(marked.get("occurrence", 0)))),
        base=Base(title=text),
        nonce=str(marked.get("nonce", f"nonce {number}")),
        id=str(marked.get("id", "")),
    )
    created = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    values: dict[str, object] = {"mark": mark, "ours": True} | fields
    return Ticket(TicketRef("local", "", f"LOCAL-{number}"), f"local:LOCAL-{number}", text, created, **values)  # type: ignore[arg-type]


T = ticket()
REF = T.ref
ELSEWHERE = Linker(frozenset({place_of(HOME, "docs/b.md")}), date(2026, 3, 9))
OLDER = Linker(frozenset({place_of(HOME, "docs/c.md")}), date(2025, 1, 1))
YES, NO = "its own", "none"


def outcome(found: Recognised) -> str:
    """In one word what came of an item."""
    if found.held:
        assert found.ticket is None
        return f"held: {found.held.doubt.value}"
    return "only followed" if found.copied_link else YES if found.ticket else NO


@dataclass(frozen=True)
class Row:
    """One row of the table: an item, a ticket, what is known beside them, and what must come of it."""

    name: str
    expected: str
    ticket: Ticket = T
    text: str = WAS
    link: bool = False
    origin: Origin = HERE
    evidence: Evidence = field(default_factory=Evidence)


RETITLED = ticket(print=OTHER_PRINT)
MOVED = ticket(place=OLD_PLACE)
STRANGER = ticket(place=OLD_PLACE, print=OTHER_PRINT)
LINKED = Evidence(links={REF: (ELSEWHERE,)})
UNSURE = Evidence(complete=False)
RECENT = Evidence(recent={REF})
GONE = Evidence(gone={OLD_PLACE})
ID = stated_id("PM-7")
STATED = replace(HERE, id=ID)
FIRST = replace(T, mark=Mark("path:docs/a.md", "", f"{item_digest(WAS)}.1", Base(WAS), version=1))

TABLE = [
    # links a ticket: always, whatever the mark says
    Row("a link", YES, link=True),
    Row("a link to a ticket without a mark", YES, replace(T, mark=None), link=True),
    Row("a link, other words on the mark", YES, text=LITTLE, link=True),
    Row("a link, another postmortem on the mark", YES, STRANGER, link=True),
    Row("a link to a closed ticket", YES, replace(T, state=State.DONE), link=True),
    Row("a link to a closed duplicate", YES, replace(T, duplicate_of="LOCAL-9"), link=True),
    # and so does another document
    Row("linked elsewhere too, this place on the mark", YES, link=True, evidence=Evidence(links={REF: (OLDER,)})),
    Row("linked elsewhere too, that place on the mark", "only followed", ticket(place=ELSEWHERE.name), link=True,
        evidence=LINKED),
    Row("linked elsewhere too, neither on the mark, that one older", "only followed", STRANGER, link=True,
        evidence=Evidence(links={REF: (OLDER,)})),
    Row("linked elsewhere too, neither on the mark, this one older", YES, STRANGER, link=True, evidence=LINKED),
    Row("linked elsewhere too, no mark, that one older", "only followed", replace(T, mark=None), link=True,
        evidence=Evidence(links={REF: (OLDER,)})),
    Row("linked, and the mark names a document that nobody here can read", "only followed", STRANGER, link=True,
        evidence=Evidence(links={REF: (Linker(frozenset({OLD_PLACE}), seen=False),)})),
    Row("linked, and another home's document of no day is no older one", YES, replace(T, mark=None), link=True,
        evidence=Evidence(links={REF: (Linker(frozenset({"x"}), seen=False),)})),
    # no link; same place, same print, same words
    Row("same place, print and words", YES),
    Row("the same, written otherwise", YES, text="add an  alert on the age of the oldest message"),
    Row("the same, and the ticket is done", YES, replace(T, state=State.DONE)),
    Row("the same, and the ticket is a closed duplicate", NO, replace(T, state=State.WONTDO, duplicate_of="LOCAL-9")),
    Row("the same, and another document links it", "held: linked", evidence=LINKED),
    Row("the same, and nobody knows who links it", "held: linked", evidence=UNSURE),
    Row("the same, of other punctuation", "held: reworded", ticket(text="Use C for it"), text="Use C++ for it"),
    Row("the same, of another case", "held: reworded", text=WAS.replace("alert", "Alert")),
    # no link; same place, other print, same words
    Row("another title, long ago", NO, RETITLED),
    Row("another title, a moment ago", "held: reused", RETITLED, evidence=RECENT),
    Row("another title, a moment ago, linked elsewhere", NO, RETITLED, evidence=replace(LINKED, recent={REF})),
    Row("another title, a moment ago, links not known", "held: reused", RETITLED,
        evidence=replace(RECENT, complete=False)),
    Row("another title, and the journal knows the create", YES, RETITLED, evidence=Evidence(made={REF})),
    Row("another title, the create is known, the links are not", NO, RETITLED,
        evidence=Evidence(made={REF}, complete=False)),
    Row("another title, the create is known, and a document of the old title is there", "held: reused", RETITLED,
        evidence=Evidence(made={REF}, recent={REF}, prints={OTHER_PRINT})),
    Row("another title, similar words", NO, RETITLED, text=ALIKE, evidence=RECENT),
    # no link; other place, same print, same words
    Row("moved, and the old place is gone", YES, MOVED, evidence=GONE),
    Row("moved, and the old place may be there", "held: moved", MOVED),
    Row("moved, the old place is gone, and a document links it", "held: moved", MOVED,
        evidence=replace(GONE, links=LINKED.links)),
    Row("moved, the old place is gone, links not known", "held: moved", MOVED, evidence=replace(GONE, complete=False)),
    Row("moved, similar words", NO, MOVED, text=ALIKE, evidence=GONE),
    Row("moved from another repository", "held: moved", ticket(place=place_of("github.com/acme/other", "docs/a.md"))),
    # no link; other place, other print
    Row("another postmortem", NO, STRANGER, evidence=replace(GONE, recent={REF}, made={REF})),
    # no link; same place, same print, similar words
    Row("reworded", "held: reworded", text=ALIKE),
    Row("reworded, and the ticket is done", "held: reworded", replace(T, state=State.DONE), text=ALIKE),
    Row("reworded, links not known", "held: reworded", text=ALIKE, evidence=UNSURE),
    Row("reworded, and another document links it", NO, text=ALIKE, evidence=LINKED),
    Row("reworded, and the ticket is a closed duplicate", NO, replace(T, duplicate_of="LOCAL-9"), text=ALIKE),
    Row("other words", NO, text=LITTLE),
    Row("half of the words are not more than half", NO, ticket(text="Add an alert soon"), text="Add an index now"),
    Row("moved, but neither has a title", NO, ticket(place=OLD_PLACE, print=""), evidence=GONE,
        origin=replace(HERE, print=print_of("", DAY))),
    Row("the same place, and no title either", YES, ticket(print=""), origin=replace(HERE, print="")),
    # a stated id stands for place and print together
    Row("the same id, moved and retitled", YES, ticket(place=OLD_PLACE, print=OTHER_PRINT, id=ID), origin=STATED),
    Row("the same id in another repository", NO, ticket(place="gitlab.example/x/y#a.md", print=OTHER_PRINT, id=ID),
        origin=STATED),
    Row("another id at this place", NO, ticket(id=stated_id("PM-8")), origin=STATED),
    Row("another id at this place, a moment ago", "held: reused", ticket(id=stated_id("PM-8")), origin=STATED,
        evidence=RECENT),
    Row("another id, another place", NO, ticket(id=stated_id("PM-8"), place=OLD_PLACE), origin=STATED, evidence=GONE),
    Row("an id that was stated later", YES, origin=STATED),
    # what a person said
    Row("a person said that it is another one", NO, evidence=Evidence(apart={item_digest(WAS): {REF}})),
    Row("a person said that it is the same", YES, text=LITTLE, evidence=Evidence(chosen={item_digest(LITTLE): REF})),
    # marks of the first edition
    Row("version 1, this place", "held: reused", FIRST),
    Row("version 1, this place, similar words", "held: reworded", FIRST, text=ALIKE),
    Row("version 1, another place", NO, FIRST, origin=replace(HERE, former=("path:docs/b.md",)), evidence=RECENT),
]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=[row.name for row in TABLE])
def test_the_table(row: Row) -> None:
    marked = [row.ticket] if row.ticket.mark else []
    (found,) = recognise(row.origin, [row.text], [row.ticket if row.link else None], marked, row.evidence)
    assert outcome(found) == row.expected
    assert bool(found.item) == (not found.copied_link)


def find(
    texts: Sequence[str], marked: Sequence[Ticket], linked: Sequence[Ticket | None] = (), **known: object
) -> list[str]:
    links = list(linked) or [None] * len(texts)
    found = recognise(HERE, texts, links, marked, Evidence(**known))  # type: ignore[arg-type]
    return [entry.ticket.ref.key if entry.ticket else outcome(entry) for entry in found]


class TestNames:
    def test_a_place_is_home_and_path(self) -> None:
        assert HERE.place == "github.com/acme/docs#docs/a.md"
        assert home_of(HERE.place) == HOME
        assert place_of("", "/srv/docs/a.md") == "#/srv/docs/a.md"

    def test_whatever_a_document_says_its_names_are_short(self) -> None:
        assert len(place_of("h" * 5000, "p" * 5000)) < 500
        assert len(stated_id("x" * 13_000)) == len(stated_id("x"))
        assert stated_id("x" * 13_000) != stated_id("x" * 13_001)
        assert stated_id("  ") == ""

    def test_the_journal_s_name_of_a_stated_id_does_not_change_with_the_path(self) -> None:
        assert replace(STATED, path="archive/a.md").name == STATED.name
        assert replace(HERE, path="archive/a.md").name != HERE.name
        assert replace(STATED, home="other").name != STATED.name

    def test_a_print_is_title_and_day(self) -> None:
        assert print_of("checkout  outage", DAY) == PRINT
        assert len({PRINT, OTHER_PRINT, print_of("Checkout outage", None), print_of("Checkout outage!", DAY)}) == 4

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("Add an  alert", "add an alert", True),
            ("Cafe\u0301 first", "Caf\u00e9 first", True),
            ("Use C", "Use C++", False),
            ("Add an alert.", "Add an alert", False),
            ("Add an alert", "Add an Alert", False),
            ("Retry 1 time", "Retry 2 times", False),
        ],
    )
    def test_which_items_are_the_same(self, one: str, other: str, same: bool) -> None:
        assert (item_digest(one) == item_digest(other)) == same
        assert (fold(one) == fold(other)) == same

    def test_items_of_the_same_words_are_counted(self) -> None:
        assert item_digest(WAS, 0) != item_digest(WAS, 1)
        assert words_in(item_digest(WAS, 1)) == item_digest(WAS)
        assert item_id(HERE, item_digest(WAS)) != item_id(replace(HERE, path="b.md"), item_digest(WAS))

    def test_how_a_mark_and_a_document_are_related(self) -> None:
        said = [(place, print_) for place in (HERE.place, OLD_PLACE) for print_ in (PRINT, OTHER_PRINT)]
        found = [relation(Mark(place, print_, "i"), HERE) for place, print_ in said]
        assert found == [Relation.SAME, Relation.REUSED, Relation.MOVED, Relation.OTHER]


class TestSeveralItems:
    def test_two_items_of_the_same_words_have_two_tickets(self) -> None:
        one, two = ticket(1), ticket(2, occurrence=1)
        assert find([WAS, WAS], [one, two]) == ["LOCAL-1", "LOCAL-2"]
        assert find([WAS, WAS], [one, two], [None, one]) == ["LOCAL-2", "LOCAL-1"]
        assert find([WAS, WAS], [one], [None, one]) == [NO, "LOCAL-1"]
        assert find([WAS], [two]) == ["LOCAL-2"]

    def test_a_new_item_of_the_same_words_does_not_take_a_twin(self) -> None:
        one, twin = ticket(1), ticket(2)
        assert find([WAS, WAS], [one, twin], [one, None]) == ["LOCAL-1", NO]

    def test_four_items_in_another_order_keep_their_tickets(self) -> None:
        texts = ["Use C", "Use C++", "Use C#", "Use c"]
        marked = [ticket(n, text) for n, text in enumerate(texts[:3])]
        assert find([texts[2], texts[0], texts[1]], marked) == ["LOCAL-2", "LOCAL-0", "LOCAL-1"]

    def test_of_two_items_that_link_one_ticket_the_one_with_its_words_keeps_it(self) -> None:
        found = recognise(HERE, ["See there", WAS], [T, T], [T], Evidence())
        assert [outcome(entry) for entry in found] == ["only followed", YES]
        assert [entry.owner for entry in found] == [None, None]

    def test_a_copy_says_whose_the_ticket_is(self) -> None:
        (found,) = recognise(HERE, [WAS], [STRANGER], [], Evidence(links={REF: (OLDER, ELSEWHERE)}))
        assert found.owner == OLDER

    def test_an_exact_match_comes_before_a_similar_one(self) -> None:
        assert find([ALIKE, WAS], [ticket(1)]) == [NO, "LOCAL-1"]
        assert find([ALIKE, WAS], [ticket(1, ALIKE), ticket(2)]) == ["LOCAL-1", "LOCAL-2"]

    def test_another_linked_ticket_of_the_old_title_shows_that_the_title_was_edited(self) -> None:
        one, two = ticket(1, LITTLE, print=OTHER_PRINT), ticket(2, print=OTHER_PRINT)
        assert find([LITTLE, WAS], [one, two], [one, None]) == ["LOCAL-1", "LOCAL-2"]
        assert find([LITTLE, WAS], [one, two], [one, None], links={two.ref: (ELSEWHERE,)}) == ["LOCAL-1", NO]

    @pytest.mark.parametrize(
        ("texts", "tickets", "expected"),
        [
            ([f"{WAS} soon", f"{WAS} now"], [WAS], [NO, NO]),
            ([f"{WAS} soon", f"{WAS} right now"], [WAS], ["held: reworded", NO]),
            ([f"{WAS} on queue three"], [f"{WAS} on queue one", f"{WAS} on queue two"], ["held: reworded"]),
            ([f"{WAS} soon", f"{WAS} right now"], [WAS, f"{WAS} right"], ["held: reworded"] * 2),
            ([f"{WAS} soon", f"{WAS} soon"], [WAS, WAS], ["held: reworded"] * 2),
            ([f"{WAS} soon", WAS], [WAS, WAS], ["held: reworded", "LOCAL-0"]),
        ],
        ids=["as near", "one is nearer", "two tickets", "each its own", "of the same words", "one is exact"],
    )
    def test_one_ticket_holds_at_most_one_item(self, texts: list[str], tickets: list[str], expected: list[str]) -> None:
        marked = [ticket(n, text, occurrence=tickets[:n].count(text)) for n, text in enumerate(tickets)]
        assert find(texts, marked) == expected

    def test_three_new_alerts_are_not_one_old_one(self) -> None:
        new = [f"Add an alert for {what} usage on db hosts" for what in ("memory", "inode", "swap")]
        assert find(new, [ticket(1, "Add an alert for disk usage on db hosts")]) == [NO, NO, NO]


class TestTwins:
    def test_are_tickets_of_one_item_made_in_two_creates(self) -> None:
        older, younger = ticket(1), ticket(2)
        assert [t.ref.key for t in twin_groups([younger, older])[0].tickets] == ["LOCAL-1", "LOCAL-2"]
        assert find([WAS], [younger, older]) == ["LOCAL-1"]

    def test_a_link_to_the_younger_is_the_identity(self) -> None:
        older, younger = ticket(1), ticket(2)
        assert find([WAS], [younger, older], [younger]) == ["LOCAL-2"]

    @pytest.mark.parametrize(
        "other",
        [
            ticket(2, nonce="nonce 1"),
            ticket(2, ours=False),
            ticket(2, place=OLD_PLACE),
            ticket(2, print=OTHER_PRINT),
            ticket(2, occurrence=1),
            ticket(2, nonce=""),
            ticket(2, duplicate_of="LOCAL-1"),
        ],
        ids=["a copied mark", "somebody else's", "moved", "retitled", "counted", "adopted", "closed already"],
    )
    def test_and_nothing_else(self, other: Ticket) -> None:
        assert twin_groups([ticket(1), other]) == ()

    def test_two_items_of_the_same_words_are_no_twins_under_version_1_either(self) -> None:
        first, second = (
            replace(ticket(n), mark=Mark("path:docs/a.md", "", f"{item_digest(WAS)}.{n}", nonce=f"v1:{n}", version=1))
            for n in (1, 2)
        )
        assert twin_groups([first, second]) == ()
        again = replace(first, ref=TicketRef("local", "", "LOCAL-3"))
        assert len(twin_groups([first, again])) == 1


class TestCopiedMarks:
    def test_of_a_sealed_mark_every_other_is_the_copy(self) -> None:
        original, copy = ticket(2, sealed=True), ticket(1, nonce="nonce 2")
        assert copies([copy, original]) == (frozenset({copy.ref}), frozenset())
        assert find([WAS], [copy, original]) == ["LOCAL-2"]

    def test_of_two_unsealed_ones_any_may_be_it(self) -> None:
        one, other = ticket(1, nonce="n"), ticket(2, nonce="n")
        assert copies([one, other]) == (frozenset(), frozenset({one.ref, other.ref}))
        assert find([WAS], [one, other]) == ["held: copied"]

    def test_one_ticket_seen_twice_is_no_copy(self) -> None:
        assert copies([T, T]) == (frozenset(), frozenset())


VOCABULARY = ("add", "an", "alert", "on", "disk", "queue", "age", "size", "oldest")
words = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=6)
texts = words.map(" ".join)


@given(texts, texts)
def test_similarity_is_symmetric_and_one_only_for_the_same_words(one: str, other: str) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert (similarity(one, other) == 1.0) == (sorted(one.split()) == sorted(other.split()))


places = st.sampled_from((HERE.place, OLD_PLACE))
prints = st.sampled_from((PRINT, OTHER_PRINT))


@given(
    st.lists(texts, max_size=6),
    st.lists(st.tuples(texts, st.integers(0, 2), places, prints, st.booleans()), max_size=6),
    st.data(),
)
def test_no_ticket_is_ever_given_to_two_items(
    texts: list[str], marks: list[tuple[str, int, str, str, bool]], data: st.DataObject
) -> None:
    marked = [
        ticket(n, text, occurrence=o, place=place, print=print_, sealed=sealed, nonce=f"nonce {n % 4}")
        for n, (text, o, place, print_, sealed) in enumerate(marks)
    ]
    linked = [data.draw(st.sampled_from([None, *marked])) for _ in texts]
    refs = [one.ref for one in marked]
    some = st.sets(st.sampled_from(refs)) if refs else st.just(set())
    evidence = Evidence(
        links=dict.fromkeys(data.draw(some), (ELSEWHERE,)),
        complete=data.draw(st.booleans()),
        gone={OLD_PLACE} if data.draw(st.booleans()) else frozenset(),
        made=data.draw(some),
        recent=data.draw(some),
    )
    found = recognise(HERE, texts, linked, marked, evidence)
    owned = [entry.ticket.ref for entry in found if entry.ticket and not entry.copied_link]
    owned += [entry.held.ticket.ref for entry in found if entry.held]
    assert len(owned) == len(set(owned))
    items = [entry.item for entry in found if not entry.copied_link]
    assert len(items) == len(set(items))
    for entry, text, link in zip(found, texts, linked, strict=True):
        mark = entry.ticket.mark if entry.ticket else None
        if link:
            assert entry.ticket == link
        elif mark:
            assert relation(mark, HERE) is not Relation.OTHER
            assert words_in(mark.item) == item_digest(text)
        elif entry.held and entry.held.doubt is Doubt.REWORDED:
            assert similarity(text, entry.held.ticket.title) > SIMILAR


def test_normalise() -> None:
    assert normalise("🔥") == "🔥"
    assert normalise("Add an  Alert.") == "add an alert"
