"""What counts as the same page, and what a server changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.confluence.nodes import MOST_COMPARED, Malformed, changed_by_server, nodes, same
from tests.simulators.confluence_site import normalised


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>a\u00a0b</p>", "<p>a&nbsp;b</p>"),
        ("<p>it\u2019s &amp; 1 &lt; 2</p>", "<p>it&rsquo;s &#38; 1 &#x3c; 2</p>"),
        ("<p>a<br></br>b</p>", "<p>a<br />b</p>"),
        ('<a b="1" c="2">x</a>', "<a c='2'  b='1'>x</a>"),
        (
            '<ac:task ac:local-id="1"><ac:task-id>3</ac:task-id></ac:task>',
            "<ac:task><ac:task-id>4</ac:task-id></ac:task>",
        ),
        ('<ri:page ri:content-title="x" ri:version-at-save="3" />', '<ri:page ri:content-title="x" />'),
        ("<p>a</p>\n  <p>b</p>", "<p>a</p><p>b</p>"),
        ("<p>a  b</p>", "<p>a b</p>"),
        ("<![CDATA[a < b]]>", "a &lt; b"),
    ],
)
def test_two_ways_to_write_the_same(one: str, other: str) -> None:
    assert same(one.encode(), other.encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>a</p>", "<p>b</p>"),
        ("<p>a</p>", "<p><s>a</s></p>"),
        ('<a href="x">a</a>', '<a href="y">a</a>'),
        ("<ac:task-status>complete</ac:task-status>", "<ac:task-status>incomplete</ac:task-status>"),
        ('<ac:inline-comment-marker ac:ref="1">a</ac:inline-comment-marker>', "a"),
        ("<p>a</p>", "<p>a"),
        ("<p>&nosuch;</p>", "<p>&unknown;</p>"),
    ],
)
def test_what_differs_differs(one: str, other: str) -> None:
    assert not same(one.encode(), other.encode())


@pytest.mark.parametrize(
    "body", ["<p>", "<p b>x</p>", "<p>&nosuch;</p>", "<!DOCTYPE x><p/>", "a\x00b", "</page><page>", "<a:b"]
)
def test_what_is_no_storage_format_is_refused(body: str) -> None:
    with pytest.raises(Malformed):
        nodes(body.encode())


def test_what_the_server_changed_is_told_from_what_it_changed_of_ours() -> None:
    before = b"<p>one</p><p>two</p>"
    sent = b'<p>one <a href="u">OPS-1</a></p><p>two</p>'
    assert changed_by_server(before, sent, sent) == ([], [])
    assert changed_by_server(before, sent, b'<p>one <a href="u">OPS-1</a></p><p>2</p>') == (["two became 2"], [])
    theirs, ours = changed_by_server(before, sent, b"<p>one OPS-1</p><p>two</p>")
    assert (theirs, len(ours)) == ([], 1)
    theirs, ours = changed_by_server(before, sent, b'<p>one <a href="u">OPS-1</a></p><p>two</p><p>more</p>')
    assert (theirs, ours) == (["nothing became <p>more</p>"], [])


def test_a_page_that_became_another_is_told_in_one_sentence() -> None:
    many = b"".join(b"<p>%d</p>" % number for number in range(MOST_COMPARED))
    other = many.replace(b"<p>", b"<h1>").replace(b"</p>", b"</h1>")
    theirs, ours = changed_by_server(many, many + b"<p>ours</p>", other)
    assert len(theirs) == 1
    assert len(theirs[0]) < 400
    assert ours == []


texts = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="<&>"), max_size=20)


@given(st.lists(texts, max_size=8))
def test_the_simulators_own_way_to_write_changes_no_node(words: list[str]) -> None:
    body = "".join(
        f'<p>{word}<br></br><ri:page ri:content-title="x" /></p><ac:task><ac:task-id>1</ac:task-id></ac:task>'
        for word in words
    )
    assert same(body.encode(), normalised(body, 7).encode())
