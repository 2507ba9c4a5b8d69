"""Rules are switched off by a comment: on a line, on an item, for the line below, for a document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.check.check import CheckOptions, check
from sync.check.rules import RULES, Rule
from sync.errors import DocumentError
from sync.formats import parse
from tests.check.checking import GOOD, TODAY, document, example, found, rules

BARE = "- [ ] Add a limit to the mail queue"


@pytest.mark.parametrize(
    ("items", "left"),
    [
        (f"{BARE} <!-- sync: ignore owned -->", ["dated"]),
        (f"{BARE} <!-- sync: ignore owned, dated -->", []),
        (f"{BARE} <!-- sync: ignore owned dated -->", []),
        (f"{BARE} <!--sync:ignore-->", []),
        (f"{BARE} <!-- SYNC: IGNORE OWNED -->", ["dated"]),
        (f"{BARE}\n  <!-- sync: ignore owned -->", ["dated"]),
        (f"{BARE}\n  and to the image queue <!-- sync: ignore owned -->", ["dated"]),
        (f"<!-- sync: ignore owned -->\n{BARE}", ["dated"]),
        (f"<!-- sync: ignore owned -->\n<!-- another -->\n\n{BARE}", ["dated"]),
        (f"<!-- sync: ignore-file owned -->\n\nWe change this:\n\n{BARE}", ["dated"]),
        (f"{BARE} `<!-- sync: ignore owned -->`", ["owned", "dated"]),
        (f"```\n<!-- sync: ignore owned -->\n```\n\n{BARE}", ["owned", "dated"]),
        (f"{BARE} <!-- please ignore owned -->", ["owned", "dated"]),
        (f"{BARE} <!-- sync: ignore owner -->", ["owned", "dated", "ignore"]),
    ],
)
def test_where_a_comment_stands_says_what_it_speaks_of(items: str, left: list[str]) -> None:
    assert rules(document(items)) == left


def test_it_speaks_of_one_item_only() -> None:
    (one,) = (
        one for one in found(document(f"{BARE} <!-- sync: ignore -->\n{BARE} too\n{GOOD}")) if one.rule == "owned"
    )
    assert one.items == (1,)


def test_a_table_row_too() -> None:
    head = "| Action | Owner | Due |\n|---|---|---|\n"
    assert rules(document(head + "| Add a limit to the queue <!-- sync: ignore owned --> | | 2026-06-01 |")) == []


def test_wording_too() -> None:
    assert rules(document(text="<!-- sync: ignore blameless -->\nThe vendor speaks of human error.")) == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.id != "ignore"], ids=lambda rule: rule.id)
def test_every_rule_can_be_off_for_a_document(rule: Rule) -> None:
    text = example(rule, rule.bad) + f"\n\n<!-- sync: ignore-file {rule.id} -->\n"
    assert rule.id not in rules(text)


def test_the_comment_is_no_part_of_the_item() -> None:
    text = document(f"{BARE} <!-- sync: ignore owned -->")
    assert [item.text for item in parse(text.encode(), "a.md").items] == ["Add a limit to the mail queue"]


PIECES = [
    *(
        "# T",
        "## Impact",
        "## Action items",
        "- [ ] Improve monitoring",
        "- [x] done, owner: @a",
        "| a | b |",
        "|---|---|",
    ),
    *("he forgot to check", "“human error”", "'", '"', "<!-- sync: ignore owned -->", "<!-- sync: ignore -->", "<!--"),
    *("due: 2026-02-30", "due: soon", "\ufeff", "東京", "e\u0301", "\t", "```", "> quote", "~~", "**", "\r", "\x00"),
    *("@ana should have known", "", "---", "date: 2026-05-04", "The engineer", "forgot to", "1. Ask? owner: A and B"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=30), st.sampled_from(["\n", "\r\n", "\n\n", " "]))
def test_any_document_is_checked_and_every_finding_lies_in_it(pieces: list[str], joint: str) -> None:
    data = joint.join(pieces).encode()
    try:
        postmortem = parse(data, "a.md")
    except DocumentError:
        return  # front matter that is no YAML: there is nothing to check
    findings = check(postmortem, TODAY)
    assert findings == check(postmortem, TODAY)
    for one in findings:
        assert 0 <= one.span.start <= one.span.end <= len(data)
        data[one.span.start : one.span.end].decode()
        assert one.line >= 1
        assert 1 <= one.column <= one.end_column
        assert b"\n" not in data[one.span.start : one.span.end].strip()
        assert all(0 <= index < len(postmortem.items) for index in one.items)
    assert check(postmortem, TODAY, CheckOptions(disable=frozenset(rule.id for rule in RULES))) == ()
