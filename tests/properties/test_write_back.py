"""Write-back changes only its own bytes, says what the tickets say, and says it once."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sync.errors import DocumentError
from sync.formats import apply_edits, parse, render
from sync.model import State
from tests.documents import described
from tests.properties.keeping import facts, only_edited, statuses

STATES = (State.OPEN, State.DONE, State.WONTDO, State.OPEN)
GITHUB = MarkdownIt("gfm-like", {"linkify": False})


@settings(max_examples=150)
@given(st.data())
def test_what_a_person_wrote_is_understood(data: st.DataObject) -> None:
    document, written = described(data)
    assert facts(parse(document, "a.md")) == sorted(written.items)


@settings(max_examples=150)
@given(st.data())
def test_only_our_bytes_change_the_items_stay_and_nothing_is_said_twice(data: st.DataObject) -> None:
    document, _ = described(data)
    before = facts(parse(document, "a.md"))
    for state in STATES:
        postmortem = parse(document, "a.md")
        wanted = statuses(postmortem, state)
        edits = render(postmortem, wanted)
        after = apply_edits(document, edits)

        only_edited(document, edits, after)

        again = parse(after, "a.md")
        assert facts(again) == before
        assert [item.state for item in again.items] == [state] * len(before)
        urls = [[reference.text for reference in item.references] for item in again.items]
        assert urls == [[wanted[index].url] for index in range(len(before))]

        assert render(again, statuses(again, state)) == ()
        document = after


@settings(max_examples=100)
@given(st.data())
def test_some_items_can_be_written_and_others_left(data: st.DataObject) -> None:
    document, _ = described(data)
    postmortem = parse(document, "a.md")
    chosen = data.draw(st.lists(st.sampled_from(range(len(postmortem.items))), unique=True, max_size=4))
    state = data.draw(st.sampled_from(STATES))
    again = parse(apply_edits(document, render(postmortem, statuses(postmortem, state, chosen))), "a.md")
    assert facts(again) == facts(postmortem)
    for index, item in enumerate(again.items):
        assert bool(item.references) == (index in chosen)
        assert item.state is (state if index in chosen else postmortem.items[index].state)


def blocks(document: bytes) -> list[str]:
    """The block structure of a document, as another implementation of Markdown sees it; table cells aside."""
    text = document.decode("utf-8-sig")
    cells = ("td_open", "td_close", "th_open", "th_close", "inline")
    return [token.type for token in GITHUB.parse(text) if token.type not in cells]


@settings(max_examples=80)
@given(st.data())
def test_the_rendered_document_keeps_its_blocks(data: st.DataObject) -> None:
    document, _ = described(data)
    before = blocks(document)
    for state in STATES:
        postmortem = parse(document, "a.md")
        document = apply_edits(document, render(postmortem, statuses(postmortem, state)))
        assert blocks(document) == before
        html = GITHUB.render(document.decode("utf-8-sig"))
        assert html.count('href="https://acme.example/browse/OPS-') == len(postmortem.items)


PIECES = st.sampled_from(
    (
        *(
            "- [ ] ",
            "* ",
            "1. ",
            "| a | b |\n",
            "|---|---|\n",
            "# ",
            "## Action items\n",
            "Action items:",
            "> ",
            "    ",
        ),
        *("~~", "**", "`", "[x](", ")", "](local:LOCAL-1)", "<!--", "-->", "---\n", "title: x\n", "@ana", "2026-04-03"),
        *("\n", "\r\n", "\r", "\t", "é", "\\", "|"),
    )
)


@settings(max_examples=300)
@given(st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join), st.sampled_from(STATES))
def test_any_text_is_parsed_and_written_without_a_fault(text: str, state: State) -> None:
    document = text.encode("utf-8", "surrogatepass")
    try:
        postmortem = parse(document, "a.md")
    except DocumentError:
        return
    edits = render(postmortem, statuses(postmortem, state))
    after = apply_edits(document, edits)
    only_edited(document, edits, after)
    parse(after, "a.md")


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_raise_nothing_but_the_documented_error(data: bytes) -> None:
    with contextlib.suppress(DocumentError):
        parse(data, "a.md")


def test_the_documented_error_names_the_file_and_the_cure() -> None:
    with pytest.raises(DocumentError, match=r"a\.md.*UTF-8"):
        parse(b"# Outage\n\xff\xfe\n", "a.md")
