"""Bodies of issues: no text of a document does anything in them, and what people wrote stays as it is."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adapters.github import text
from sync.marks import encode
from sync.model import Body, Mark

words = st.text(st.characters(exclude_categories=()), max_size=120)
nasty = st.lists(
    words
    | st.sampled_from(
        [
            "@ana",
            "@acme/ops",
            "fixes #12",
            "Closes acme/shop#3",
            "resolves https://github.com/acme/shop/issues/3",
            "GH-7",
            "<!-- postmortem-sync -->",
            "<!-- /postmortem-sync -->",
            "<!-- postmortem-sync:1:AAAA:BBBB -->",
            "-->",
            "<img src=x onerror=alert(1)>",
            "![x](https://example.com/x.png)",
            "[x](javascript:alert(1))",
            "`code`",
            "| a | b |",
            "~~gone~~",
            "- [ ] box",
            "1. one",
            "# heading",
            "**Due date:** 2020-01-01",
            "&lt;b&gt;",
            "\\",
            "https://example.com/a_b_(c)?d=e&f=@ana#12",
            "\n",
            "\r\n\r\n",
        ]
    ),
    max_size=6,
).map(" ".join)
bodies = st.builds(
    Body,
    nasty,
    nasty,
    st.sampled_from(["https://example.com/docs/a.md", "javascript:alert(1)", "", "https://x/ <b>"]),
    nasty,
    st.lists(nasty, max_size=3).map(tuple),
    nasty,
    nasty,
    st.lists(st.tuples(nasty, nasty), max_size=3).map(tuple),
)
MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": False}).disable("linkify")
MENTION = re.compile(r"(?<![\w`])@[A-Za-z0-9]")
REFERENCE = re.compile(r"#[0-9]|\bGH-[0-9]", re.IGNORECASE)
CLOSING = re.compile(r"\b(close[sd]?|fix(es|ed)?|resolve[sd]?)\b:?\s*(\S*#\d|gh-\d|https?://)", re.IGNORECASE)


def shown(markdown: str) -> str:
    """The text that a reader sees, without that of links."""
    found: list[str] = []
    for token in MARKDOWN.parse(markdown):
        depth = 0
        for inner in token.children or ():
            depth += inner.nesting if inner.type.startswith("link_") else 0
            if inner.type == "text" and depth == 0:
                found.append(inner.content)
    return "\n".join(found)


@given(bodies, st.none() | st.dates())
def test_no_text_of_a_document_does_anything(body: Body, due: date | None) -> None:
    part = text.ours(body, due)
    whole = text.with_part("", part)
    tokens = [t for token in MARKDOWN.parse(part) for t in (token, *(token.children or ()))]
    allowed = {"paragraph", "bullet_list", "list_item", "inline", "text", "link", "strong", "softbreak", "text_special"}
    assert {re.sub("_(open|close)$", "", token.type) for token in tokens} <= allowed
    hrefs = [str(token.attrGet("href")) for token in tokens if token.type == "link_open"]
    assert all(href.startswith(("http://", "https://")) for href in hrefs)
    seen = shown(part)
    assert not MENTION.search(seen)
    assert not REFERENCE.search(seen)
    assert not CLOSING.search(seen)
    assert text.marks_in(whole) == []
    assert text.part_of(whole) == f"\n{part}\n"
    assert text.due_in(whole) == due
    assert text.duplicate_in(whole) == ""


@given(nasty)
def test_text_shows_the_words_that_were_written(words: str) -> None:
    expected = " ".join(text._clean(words).split())
    if len(expected) <= text.FIELD and "://" not in expected:
        tokens = [t for token in MARKDOWN.parse(f"x {text.plain(words)} x") for t in (token.children or ())]
        seen = "".join(t.content for t in tokens).replace(text.GAP, "")
        assert " ".join(seen.split()) == " ".join(f"x {expected} x".replace(text.GAP, "").split())


@given(bodies, st.none() | st.dates(), st.none() | st.dates())
def test_the_digest_is_of_all_but_the_due_date(body: Body, one: date | None, other: date | None) -> None:
    whole = text.with_part("Hello", text.ours(body, one))
    assert text.digest(text.part_of(whole) or "") == text.digest(text.ours(body, other))
    assert text.digest((text.part_of(whole) or "").replace("\n", "\r\n")) == text.digest(text.ours(body, one))


around = st.text(st.characters(exclude_categories=["Cs"]), max_size=200).filter(
    lambda s: "postmortem-sync" not in s and "Due date" not in s
)
MARKS = [encode(Mark("p", "print", f"item {n}"), b"key") for n in range(3)]


@given(around, around, bodies, bodies, st.lists(st.none() | st.dates(), max_size=4))
def test_what_people_wrote_around_our_part_stays(
    before: str, after: str, first: Body, second: Body, dates: list[date | None]
) -> None:
    body = text.with_mark(text.with_part(before, text.ours(first, None)), MARKS[0])
    body = f"{body}{after}"
    assert body.startswith(before)
    for due in dates:
        body = text.with_due(body, due)
        assert text.due_in(body) == due
    body = text.with_part(body, text.ours(second, text.due_in(body)))
    body = text.with_mark(body, MARKS[1])
    body = text.with_duplicate(body, "acme/shop#3")
    assert body.startswith(before)
    assert body.endswith(after)
    assert text.marks_in(body) == [MARKS[1]]
    assert text.duplicate_in(body) == "acme/shop#3"
    ours = text.with_part("", text.ours(second, dates[-1] if dates else None))
    gap = "\n\n" if before else ""
    expected = f"{before}{gap}{ours}\n\n<!-- postmortem-sync duplicate of acme/shop#3 -->\n<!-- {MARKS[1]} -->{after}"
    assert body == expected


@given(around)
def test_a_mark_goes_to_the_end_of_a_person_s_words(body: str) -> None:
    marked = text.with_mark(body, MARKS[0])
    assert marked.startswith(body)
    assert marked.endswith(f"<!-- {MARKS[0]} -->")
    assert text.with_mark(marked, MARKS[1]) == marked.replace(MARKS[0], MARKS[1])
    assert text.with_mark(marked, MARKS[0]) == marked


def test_of_several_marks_one_is_left() -> None:
    body = f"a <!-- {MARKS[0]} --> b\n\n<!-- {MARKS[1]} -->"
    assert text.marks_in(body) == [MARKS[1], MARKS[0]]
    assert text.with_mark(body, MARKS[2]) == f"a  b\n\n<!-- {MARKS[2]} -->"


@given(st.text(max_size=2000))
def test_a_title_is_one_line_that_github_takes_and_reads_back(words: str) -> None:
    once = text.title(words)
    assert len(once) <= 250
    assert once == " ".join(once.split())
    assert text.title(once) == once
    assert not re.search(r"[\x00-\x1f\x7f]", once)
    once.encode()


@pytest.mark.parametrize(
    ("words", "markdown"),
    [
        ("Alert on a full queue", "Alert on a full queue"),
        ("Ask @ana about #12", "Ask @\u200bana about \\#\u200b12"),
        ("see https://example.com/a_b.", "see <https://example.com/a_b>."),
        ("1. one", "1\\. one"),
        ("- two", "\\- two"),
        ("Fix it, then close 12 tabs", "Fix it, then close 12 tabs"),
        ("fixes https://a.example/b/c/issues/1", "f\u200bixes <https://a.example/b/c/issues/1>"),
        ("Closes: https://a.example/b/c/issues/1 now", "C\u200bloses: <https://a.example/b/c/issues/1> now"),
    ],
)
def test_how_words_are_written(words: str, markdown: str) -> None:
    assert text.plain(words) == markdown


def test_hostile_text_costs_linear_time() -> None:
    for piece in ("@", "#", "fix", "<!-- postmortem-sync -->", "https://", "**Due date:**", "\\", "<!-- "):
        body = piece * (50_000 // len(piece))
        text.plain(body, len(body))
        text.part_of(body)
        text.due_in(body)
        text.marks_in(body)
        text.duplicate_in(body)
        text.title(body)
