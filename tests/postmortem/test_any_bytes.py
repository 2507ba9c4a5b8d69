"""Whatever the bytes, reading ends, raises nothing but DocumentError, and points into the document."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.errors import DocumentError
from sync.formats import parse
from sync.model import InlineSlot, ParseOptions, Postmortem

DEFAULTS = ParseOptions()
PIECES = st.sampled_from(
    """# |## Action items\n|### |- |* |1. |- [ ] |- [x] |\n|\n\n|  |\t|\r\n|| |---|`|```\n|~~|**|_|[|](|)|(|<!--|-->|<br>|@ana|Owner: |due |2026-04-03|Apr 3|
|#12|OPS-12|https://github.com/o/r/issues/12|local:LOCAL-3|[OPS-1](local:OPS-1)|, done 2026-03-20|, open|won't do|✅|ü|\u3000|\ufeff|DONE|TBD|> |\\|&amp;|{{|}}|---\n|:|;|.|add a limit|Ana Lima
|| Action | Owner | Status |\n|---|---|---|\n|| a | b |\n|Action items: |**Actions**\n""".replace("\n|", "|").split("|")
)
DOCUMENTS = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=60).map("".join)


def check(postmortem: Postmortem) -> None:
    size = len(postmortem.data)
    for table in postmortem.tables:
        assert all(0 < row.end <= size for row in (*table.head, *table.body))
    for item in postmortem.items:
        assert item.text.strip()
        assert "\n" not in item.text
        assert item.line >= 1
        assert 0 <= item.span.start <= item.span.end <= size
        if isinstance(item.slot, InlineSlot):
            slot = item.slot
            assert item.span.start <= slot.content.start <= slot.content.end <= size
            assert slot.content.start <= slot.insert <= size
            if slot.suffix:
                assert slot.insert <= slot.suffix.start < slot.suffix.end <= size
            if slot.box:
                assert postmortem.data[slot.box.start - 1 : slot.box.end + 1] in (
                    b"[ ]",
                    b"[x]",
                    b"[X]",
                    b"[\t]",
                    b"[\n]",
                    b"[\r]",
                )
        else:
            table = postmortem.tables[item.slot.table]
            assert item.slot.row < len(table.body)
            for cell in (item.slot.ticket, item.slot.state):
                assert cell is None or 0 <= cell.content.start <= cell.content.end <= size
        for owner in item.owners:
            assert owner.text
            assert owner.span is None or 0 <= owner.span.start < owner.span.end <= size
        for reference in item.references:
            assert reference.text


def read(data: bytes, options: ParseOptions = DEFAULTS) -> None:
    """Read a document; a refusal must name its path."""
    refused = ""
    try:
        check(parse(data, "x.md", options))
    except DocumentError as error:
        refused = str(error)
    assert not refused or refused.startswith("x.md: ")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    read(data)


@settings(max_examples=400, deadline=None)
@given(DOCUMENTS, st.booleans())
def test_any_document(text: str, periods: bool) -> None:
    data = ("## Action items\n\n" + text).encode("utf-8", "ignore")
    read(data, ParseOptions(periods=periods, date_order="dmy"))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=120))
def test_any_front_matter(text: str) -> None:
    read(f"---\n{text}\n---\n## Action items\n\n- Add a limit\n".encode("utf-8", "ignore"))


HEAD = "## Action items\n\n"
HOSTILE = {
    "quotes": HEAD + ">" * 20_000 + " a\n",
    "nested lists": HEAD + "- " * 20_000 + "a\n",
    "brackets": HEAD + "- " + "[" * 30_000 + "](" * 100,
    "parentheses": HEAD + "- a " + "(" * 30_000 + ")" * 30_000,
    "links": HEAD + "- " + "[a](http://h/o/r/issues/1) " * 10_000,
    "references": HEAD + "- " + "#1 " * 50_000,
    "keys": HEAD + "- " + "AB-1 " * 50_000,
    "handles": HEAD + "- a " + "@a, " * 50_000,
    "labels": HEAD + "- a " + "; owner: a" * 20_000,
    "names": HEAD + "- a - " + "Ab, " * 50_000,
    "braces": HEAD + "- " + "{{ " * 50_000,
    "one word": HEAD + "- " + "a" * 1_000_000,
    "rows": HEAD + "| Action | Owner |\n|---|---|\n" + "| a b | @a |\n" * 20_000,
    "wide rows": HEAD + "|" + "a|" * 2_000 + "\n|" + "-|" * 2_000 + "\n" + "|x|\n" * 2_000,
    "headings": HEAD + "### a\n\n" * 20_000,
    "headings with fields": HEAD + "### a\n- Owner: b\n\n" * 10_000,
    "paragraphs": HEAD + "Add a limit.\n\n" * 20_000,
    "titles": ("# " + "short term, " * 8 + "x\n- a\n") * 1_000,
    "a long title": "# " + "short term, " * 20_000 + "\n- a\n",
    "bold bullets": "- **Impact**:\n  - a\n" * 10_000,
    "dates": HEAD + "- a by " + "2026-01-01 " * 20_000,
    "comments": HEAD + "<!-- a\n" * 20_000,
    "front matter": "---\n" + "a: b\n" * 20_000 + "---\n",
    "blank lines": "\n" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_end(name: str) -> None:
    check(parse(HOSTILE[name].encode(), "x.md"))
