"""What we write into a storage body, and what reads it again, agree: they stand in one module."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.formats import suffix
from sync.formats.storage import ours
from sync.model import State

DAYS = st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1))
URL = "https://acme.example/browse/OPS-1"


@given(st.text(min_size=1, max_size=200), st.text(max_size=80), st.none() | st.sampled_from(State), DAYS)
def test_every_suffix_that_is_written_is_taken_apart_again(
    label: str, path: str, state: State | None, day: date | None
) -> None:
    words = f", {suffix.state_words(state, day)}" if state else ""
    source = f"({ours.link(label, f'{URL}?{path}')}{words})"
    (anchor,) = ElementTree.fromstring(f"<p>{source}</p>")
    written = ours.take_apart(source)
    assert written is not None
    assert written.url == anchor.attrib["href"]
    assert written.label == " ".join((anchor.text or "").split())
    assert written.state is state
    assert written.day == (day.isoformat() if day and state is State.DONE else "")
    data = f"<p>größer {source}</p>".encode()
    found = ours.find(data, 3, len(data) - 4)
    assert found is not None
    assert found.reference is not None
    assert data[slice(*found.span)].decode() == source
    assert data[: found.stop].decode() == "<p>größer"
    assert found.reference.target == ours.address_of(data, found.span.start + 1)


@given(st.text(max_size=60), st.sampled_from(("Blue", "Green")))
def test_a_lozenge_is_well_formed_whatever_it_says(title: str, colour: str) -> None:
    ElementTree.fromstring(f'<p xmlns:ac="ac">{ours.lozenge(ours.safe(title), colour)}</p>')


@pytest.mark.parametrize(
    ("source", "state"),
    [
        (f'(<a data-card-appearance="inline" href="{URL}">OPS-1</a>, won&rsquo;t do)', State.WONTDO),
        (f"(<a href='{URL}' rel=\"nofollow\">{URL}</a>, done 2026-03-20)", State.DONE),
        ("(won&#39;t do)", State.WONTDO),
        (f'(<a\nhref="{URL}">OPS-1</a>)', None),
    ],
)
def test_what_the_server_made_of_it_is_still_ours(source: str, state: State | None) -> None:
    written = ours.take_apart(source)
    assert written is not None
    assert written.state is state


@pytest.mark.parametrize(
    "source",
    [
        "(done yesterday)",
        "(open 2026-03-20)",
        "(Done)",
        "()",
        "open",
        f'(see <a href="{URL}">OPS-1</a>)',
        f'(<a href="{URL}">OPS-1</a>, closed)',
        f'(<a href="{URL}"><em>OPS-1</em></a>)',
        f'(<ac:inline-comment-marker ac:ref="x"><a href="{URL}">OPS-1</a></ac:inline-comment-marker>)',
    ],
)
def test_what_people_write_is_none_of_ours(source: str) -> None:
    assert ours.take_apart(source) is None


def test_a_link_that_is_no_ticket_is_none_of_ours() -> None:
    data = b'Read it (<a href="https://acme.example/wiki/page">the page</a>)'
    assert ours.find(data, 0, len(data)) is None
