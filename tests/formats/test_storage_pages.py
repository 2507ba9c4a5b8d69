"""Written back into any page: only our nodes come, the items stay, and nothing is said twice."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.formats import apply_edits, parse, render
from sync.model import Postmortem, State
from tests.formats.nodes import only_ours
from tests.formats.storage_pages import PAGES
from tests.properties.keeping import facts, only_edited, statuses

STATES = (State.OPEN, State.DONE, State.WONTDO, State.OPEN, State.WONTDO, State.DONE)


def read(data: bytes) -> Postmortem:
    return parse(data, "page", format="storage")


def written(data: bytes, state: State) -> bytes:
    """The page after all of its tickets wrote their state, with everything that must hold."""
    postmortem = read(data)
    wanted = statuses(postmortem, state)
    edits = render(postmortem, wanted)
    after = apply_edits(data, edits)
    only_edited(data, edits, after)
    only_ours(data, after)
    again = read(after)
    assert [item.text for item in again.items] == [item.text for item in postmortem.items]
    assert facts(again) == facts(postmortem)
    assert [item.state for item in again.items] == [state] * len(again.items)
    for index, item in enumerate(again.items):
        assert wanted[index].url in [one.text for one in item.references] or postmortem.items[index].references
    assert render(again, statuses(again, state)) == ()
    return after


@settings(max_examples=200, deadline=None)
@given(PAGES, st.permutations(STATES))
def test_only_our_nodes_change(page: str, states: list[State]) -> None:
    data = page.encode()
    for state in states[:4]:
        data = written(data, state)
