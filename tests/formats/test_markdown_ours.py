"""What we write into Markdown, and what reads it again, agree: they stand in one module."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.formats import suffix
from sync.formats.markdown import ours
from sync.model import State

KEYS = st.text(min_size=1, max_size=200)
DAYS = st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1))


@given(KEYS, st.text(max_size=80), st.none() | st.sampled_from(State), DAYS, st.text(max_size=20))
def test_every_suffix_that_is_written_is_taken_apart_again(
    label: str, path: str, state: State | None, day: date | None, before: str
) -> None:
    url = f"https://acme.example/browse/OPS-1?{path}"
    words = f", {suffix.state_words(state, day)}" if state else ""
    source = f"({ours.link(label, url)}{words})"
    written = ours.take_apart(source)
    assert written is not None
    assert written.label == (ours.safe(label) or "ticket")
    assert written.url == ours.address(url)
    assert written.state is state
    assert written.day == (day.isoformat() if day and state is State.DONE else "")
    data = f"{before} x {source}".encode("utf-8", "ignore")
    found = ours.find(data, 0, len(data))
    assert found is not None
    assert found.reference is not None
    assert found.reference.target is not None
    assert data[slice(*found.reference.target)].decode() == ours.address(url)
    assert data[slice(*found.span)].decode() == source
    assert data[: found.stop].endswith(b"x")


@given(st.sampled_from(State), DAYS)
def test_a_state_alone_is_taken_apart_again(state: State, day: date | None) -> None:
    written = ours.take_apart(f"({suffix.state_words(state, day)})")
    assert written is not None
    assert written.state is state


@pytest.mark.parametrize(
    "text",
    [
        "(done yesterday)",
        "(open 2026-03-20)",
        "(won't do 2026-03-20)",
        "([OPS-1](https://x/browse/OPS-1), closed)",
        "([OPS-1](https://x/browse/OPS-1) done)",
        "(see [OPS-1](https://x/browse/OPS-1))",
        "(Done)",
        "open",
        "()",
    ],
)
def test_what_people_write_is_none_of_ours(text: str) -> None:
    assert ours.take_apart(text) is None


def test_a_link_that_is_no_ticket_is_none_of_ours() -> None:
    data = b"Read it ([the page](https://acme.example/wiki/page))"
    assert ours.find(data, 0, len(data)) is None
