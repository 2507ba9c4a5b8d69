from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.marks import NOTHING, PATTERN, ReadMark, encode, key_from, link_id, mark_from_values, mark_to_values, read
from sync.model import Base, Mark
from sync.model.names import item_digest
from tests.canaries import MARK

KEY = key_from(f"secret-{MARK}")
US, THEM = "account 1", "account 2"
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
marks = st.builds(
    Mark,
    words,
    words,
    words,
    st.builds(Base, words, st.lists(words, max_size=10).map(tuple), st.none() | st.dates(), words),
    words,
    words,
)
ONE = Mark("github.com/a/b#a.md", "print", "item", Base("Add an alert"), "nonce")


def seen(text: str, ticket: str = "7", creator: str = US, key: bytes = KEY, ours: bool = False) -> ReadMark:
    """A text as it is read from a ticket; `ours` is what the tracker says of its creator when it is asked."""
    return read(text, key, ticket, creator, lambda: ours)


@given(marks)
def test_a_mark_reads_back_as_it_was_written(mark: Mark) -> None:
    assert seen(encode(mark, KEY, "7", US)) == ReadMark(mark, sealed=True, ours=True)
    assert seen(encode(mark, KEY, "7")) == ReadMark(mark, sealed=True)
    assert seen(encode(mark, KEY, creator=US)) == ReadMark(mark, ours=True)
    assert mark_from_values(json.loads(json.dumps(mark_to_values(mark)))) == mark


@pytest.mark.parametrize(
    ("text", "creator", "ours", "expected"),
    [
        # sealed: wherever its id is right, whoever made the ticket
        (encode(ONE, KEY, "7", US), THEM, False, ReadMark(ONE, sealed=True)),
        (encode(ONE, KEY, "7"), THEM, False, ReadMark(ONE, sealed=True)),
        # sealed for another ticket: a copy, on our own tickets as well
        (encode(ONE, KEY, "8", US), US, True, ReadMark(copied=ONE)),
        (encode(ONE, KEY, "8", US), THEM, False, ReadMark(copied=ONE)),
        # unsealed: only on a ticket that our account created
        (encode(ONE, KEY, creator=US), US, False, ReadMark(ONE, ours=True)),
        (encode(ONE, KEY, creator=US), THEM, False, NOTHING),
        (encode(ONE, KEY), US, True, ReadMark(ONE, ours=True)),
        (encode(ONE, KEY), THEM, False, NOTHING),
        # another key, as after a token was rotated: our tickets are still ours, and need a new seal
        (encode(ONE, key_from("old"), "7", US), US, True, ReadMark(ONE, ours=True)),
        (encode(ONE, key_from("old"), "7", US), US, False, NOTHING),
        (encode(ONE, key_from("old"), "8", US), US, True, ReadMark(copied=ONE)),
        (encode(ONE, key_from("old"), "8", US), THEM, False, NOTHING),
        # unsigned
        (encode(ONE, b"", "7", US), US, False, NOTHING),
        (encode(ONE, b"", "7", US), US, True, ReadMark(ONE, ours=True)),
    ],
)
def test_whose_mark_is_believed(text: str, creator: str, ours: bool, expected: ReadMark) -> None:
    assert seen(text, creator=creator, ours=ours) == expected


def test_the_signature_covers_everything() -> None:
    for other in (
        replace(ONE, place="x"),
        replace(ONE, print="x"),
        replace(ONE, id="x"),
        replace(ONE, item="x"),
        replace(ONE, nonce="x"),
        replace(ONE, base=Base("x")),
    ):
        signature = encode(ONE, KEY, "7", US).rpartition(":")[2]
        forged = encode(other, b"", "7", US) + signature
        assert seen(forged) == NOTHING
    for ticket, creator in (("8", US), ("7", THEM), ("", US)):
        assert seen(encode(ONE, b"", ticket, creator) + signature, ticket or "7", creator) == NOTHING


@given(marks)
def test_no_mark_can_end_a_comment_and_every_mark_is_found_in_text(mark: Mark) -> None:
    text = encode(mark, KEY, "7")
    assert "--" not in text
    assert ">" not in text
    assert text.isascii()
    assert [found[0] for found in PATTERN.finditer(f"words <!-- {text} --> words")] == [text]


@given(marks, st.data())
def test_a_mark_that_was_changed_is_nobody_s(mark: Mark, data: st.DataObject) -> None:
    text = encode(mark, KEY, "7", US)
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.sampled_from("aZ9+/:").filter(lambda c: c != text[at])) + text[at + 1 :]
    assert seen(changed).mark in (None, mark)
    if changed.rpartition(":")[0] != text.rpartition(":")[0]:
        assert seen(changed).mark is None


@given(words | st.from_regex(PATTERN))
def test_any_text_is_read_without_an_error(text: str) -> None:
    seen(text, ours=True)


json_values = st.recursive(st.none() | st.booleans() | st.integers() | words, lambda v: st.lists(v, max_size=12))


@given(json_values, st.sampled_from("12"))
def test_values_of_another_shape_are_no_mark(values: object, version: str) -> None:
    packed = base64.b64encode(json.dumps(values).encode()).decode().rstrip("=")
    found = seen(f"postmortem-sync:{version}:{packed}:", ours=True)
    assert found == NOTHING or isinstance(values, list)


def test_the_mark_of_a_later_version_is_no_mark_of_this_one() -> None:
    assert seen(encode(ONE, KEY).replace(":2:", ":3:", 1), ours=True) == NOTHING


FIRST = ["path:docs/a.md", "an item", "words", "Add an alert", ["ana"], "2026-04-03", "body"]


def test_a_mark_of_version_1_is_read_and_believed_as_little_as_an_unsealed_one() -> None:
    packed = base64.b64encode(json.dumps(FIRST).encode()).decode().rstrip("=")
    text = f"postmortem-sync:1:{packed}:c2lnbmF0dXJl"
    assert seen(text) == NOTHING
    found = seen(text, ours=True)
    assert found.ours
    assert not found.sealed
    mark = found.mark
    assert mark is not None
    assert (mark.place, mark.print, mark.version, mark.base.title) == ("path:docs/a.md", "", 1, "Add an alert")
    assert mark.item == f"{item_digest('Add an alert')}.an item"
    assert link_id(mark) == "an item"


@pytest.mark.parametrize("place", ["path:docs/a.md", "id:PM-7"])
def test_a_mark_of_version_1_that_was_sealed_still_names_what_version_1_named(place: str) -> None:
    first = mark_from_values([place, "one", "words", "Add an alert", [], None, "b0"])
    assert first.version == 1
    assert seen(encode(first, KEY, "7", US)) == ReadMark(first, sealed=True, ours=True)
    assert mark_from_values(mark_to_values(first)) == first
    written = replace(first, place="github.com/a/b#a.md", print="print", version=2)
    assert mark_from_values(mark_to_values(written)) == written
