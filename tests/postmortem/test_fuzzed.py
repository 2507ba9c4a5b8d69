"""Documents that the fuzzer came upon, cut down to what mattered: `make fuzz`."""

from __future__ import annotations

import pytest

from sync.model import State
from sync.postmortem import apply_edits, parse, write_back
from tests.properties.keeping import facts, only_edited, statuses

FOUND = {
    "what is done below Immediate actions, since we say so, is still an item": b"## Immediate actions\n\nMove the queue\n",
    "the same without a heading": b"Immediate Actions(olet)\ne",
    "a line of nothing but a marker does not become a list": b"## Corrective measures\nAdd \n*",
    "nor does a number": b"## Corrective measures\nAdd a limit\n1.",
}


@pytest.mark.parametrize("name", FOUND)
@pytest.mark.parametrize("state", [State.OPEN, State.DONE, State.WONTDO])
def test_it_is_written_and_read_back(name: str, state: State) -> None:
    data = FOUND[name]
    before = parse(data, "x.md")
    assert before.items
    edits = write_back(before, statuses(before, state))
    after = apply_edits(data, edits)
    only_edited(data, edits, after)
    again = parse(after, "x.md")
    assert facts(again) == facts(before)
    assert [item.state for item in again.items] == [state] * len(before.items)
    assert write_back(again, statuses(again, state)) == ()
