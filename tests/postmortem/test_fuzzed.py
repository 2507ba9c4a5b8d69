"""Documents that the fuzzer came upon, cut down to what mattered: `make fuzz`."""

from __future__ import annotations

import pytest

from sync.formats import apply_edits, parse, render
from sync.model import State
from tests.properties.keeping import facts, only_edited, statuses

FOUND = {
    "what is done below Immediate actions, since we say so, is still an item": b"## Immediate actions\n\nMove the queue\n",
    "the same without a heading": b"Immediate Actions(olet)\ne",
    "a line of nothing but a marker does not become a list": b"## Corrective measures\nAdd \n*",
    "a link at the end of one of several lines stays whole": b"Action items:\n\nAdd x.<br>- Fix b [S](http://u)\n",
    "a link at the end of a clause, before a full stop": b"Action items: Ana: fix a; Bo: fix b [S](http://u).\n",
    "code at the end of a line is part of the item": b"Action items:\n\n<br>- Fix `b`\n",
    "an empty link": b"*Action\n\n<br>- 2[S]()",
    "nor does a number": b"## Corrective measures\nAdd a limit\n1.",
    "two actions within one emphasis": b"Action item:by 6-6-26.*3. S by 6-6-26*",
    "the same with words behind it": b"Action item:by 6-6-26.*3. S by 6-6-26*-",
    "two actions in bold": b"Action items: **add a by 2026-01-01; B by 2026-02-02**",
    "lines struck through together": b"## Action items\n~~Add a limit.\nAdd more.~~\n",
    "two clauses within one link": b"Action items: [add a by 2026-01-01; B by 2026-02-02](http://u)",
    "lines that begin with a link": b"## Action items\n[Add a](http://u).\n[1. Add b.](http://u)\n",
    "a line that begins with code": "## Action items\nAdd a.\n• `b` is added.\n".encode(),
    "two lines within one link": b"## Action items\n[Add a limit.\nAdd more.](http://u)\n",
    "a header with a cell that no reader sees": b"\x0c| |Action|O| Due||Ticket |  |\n-|-|-|-|-|-|-\n 1| |i",
}


def test_what_a_paragraph_ends_with_does_not_make_its_beginning_a_label() -> None:
    paragraph = b"# \n|*Reviewactions\ni:"
    assert len(parse(paragraph, "x.md").items) == len(parse(paragraph + b" (open)", "x.md").items)


@pytest.mark.parametrize("name", FOUND)
@pytest.mark.parametrize("state", [State.OPEN, State.DONE, State.WONTDO])
def test_it_is_written_and_read_back(name: str, state: State) -> None:
    data = FOUND[name]
    before = parse(data, "x.md")
    assert before.items
    edits = render(before, statuses(before, state))
    after = apply_edits(data, edits)
    only_edited(data, edits, after)
    again = parse(after, "x.md")
    assert facts(again) == facts(before)
    assert [item.state for item in again.items] == [state] * len(before.items)
    assert render(again, statuses(again, state)) == ()
