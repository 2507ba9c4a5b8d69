"""What write-back adds changes an item's state and tickets, never its words, owners or due date."""

from __future__ import annotations

import pytest

from sync.formats import apply_edits, parse, render
from sync.model import ActionItem, InlineSlot, State, Status
from tests.postmortem.test_fields import DUES, HEAD, OWNERS, STATES, TICKETS

URLS = ("local:LOCAL-3", "https://x.atlassian.net/browse/OPS-77", "https://ghe.example.org/a/b/issues/77")
CASES = [case[0] for case in (*OWNERS, *DUES, *STATES, *TICKETS)]


def only(data: bytes) -> ActionItem:
    (item,) = parse(data, "x.md").items
    return item


def same(one: ActionItem, other: ActionItem) -> None:
    assert other.text == one.text
    assert [owner.text for owner in other.owners] == [owner.text for owner in one.owners]
    assert (other.due and other.due.text, other.due_date) == (one.due and one.due.text, one.due_date)
    assert (other.line, other.notation, other.section) == (one.line, one.notation, one.section)


def put(data: bytes, slot: InlineSlot, suffix: bytes) -> bytes:
    """Write a suffix as write-back does: in place of the one that is there, else behind a blank."""
    if slot.suffix:
        return data[: slot.suffix.start] + suffix + data[slot.suffix.end :]
    return data[: slot.insert] + b" " + suffix + data[slot.insert :]


@pytest.mark.parametrize("line", CASES)
@pytest.mark.parametrize("url", URLS)
def test_a_suffix_is_recognised_and_replaced(line: str, url: str) -> None:
    data = (HEAD + line + "\n").encode()
    before = only(data)
    assert isinstance(before.slot, InlineSlot)
    label = url.rpartition("/")[2] if "issues" not in url else "a/b#77"
    for said, state in (
        (", open", State.OPEN),
        (", done 2026-03-20", State.DONE),
        (", done", State.DONE),
        (", won't do", State.WONTDO),
        ("", None),
    ):
        suffix = f"([{label.removeprefix('local:')}]({url}){said})".encode()
        written = put(data, before.slot, suffix)
        after = only(written)
        same(before, after)
        assert isinstance(after.slot, InlineSlot)
        assert after.slot.suffix is not None
        assert written[slice(*after.slot.suffix)] == suffix
        assert url in [reference.text for reference in after.references]
        assert after.slot.content == before.slot.content
        if state is not None:
            assert after.state is state
        again = put(written, after.slot, b"(done 2026-03-21)")
        assert only(again).state is State.DONE
        same(before, only(again))


@pytest.mark.parametrize("line", CASES)
def test_a_state_without_a_link_is_recognised(line: str) -> None:
    data = (HEAD + line + "\n").encode()
    before = only(data)
    assert isinstance(before.slot, InlineSlot)
    for said, state in ((b"(open)", State.OPEN), (b"(done 2026-03-20)", State.DONE), (b"(won't do)", State.WONTDO)):
        after = only(put(data, before.slot, said))
        assert after.state is state
        if not before.slot.suffix or not before.slot.suffix.end - before.slot.suffix.start > 20:
            same(before, after)


@pytest.mark.parametrize("line", CASES)
def test_striking_out_and_ticking(line: str) -> None:
    data = (HEAD + line + "\n").encode()
    before = only(data)
    slot = before.slot
    assert isinstance(slot, InlineSlot)
    if slot.strike or b"~~" in data[slice(*slot.content)]:
        return
    written = data[: slot.content.start] + b"~~" + data[slice(*slot.content)] + b"~~" + data[slot.content.end :]
    if slot.box:
        written = written[: slot.box.start] + b"x" + written[slot.box.end :]
    after = only(written)
    assert after.text == before.text
    assert [owner.text for owner in after.owners] == [owner.text for owner in before.owners]
    assert after.due_date == before.due_date
    assert isinstance(after.slot, InlineSlot)
    assert after.slot.strike is not None
    assert written[slice(*after.slot.content)] == data[slice(*slot.content)]


def test_a_row_added_to_a_table_that_has_our_columns_is_told_its_state() -> None:
    table = "| Action | Ticket | Status |\n|---|---|---|\n| Move k1 | [L-1](local:L-1) | Open |\n"
    data = (HEAD + table + "| Test k2 | | |\n").encode()
    edits = render(parse(data, "x.md"), {1: Status("L-2", "local:L-2", State.OPEN)})
    assert apply_edits(data, edits) == (HEAD + table + "| Test k2 | [L-2](local:L-2) | Open |\n").encode()
