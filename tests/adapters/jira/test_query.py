"""JQL by quoting, never by pasting; keys only from the site's own addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.jira import query
from adapters.jira.reading import postmortem_label
from sync import formats
from tests.simulators.jira_jql import parse

SITE = "https://jira.example.org/base"


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))), st.lists(st.text(st.characters(codec="ascii"))))
def test_no_text_ends_its_own_quotation(project: str, labels: list[str]) -> None:
    words = [label for label in labels if label.isprintable()] or ["x"]
    project = project or "OPS"
    parsed = parse(query.listing(project, words, updated=5))
    assert parsed.conditions == (
        ("project", "=", (project,)),
        ("labels", "in", tuple(words)),
        ("updated", ">=", ("-5m",)),
    )
    assert parsed.order == (("key", False),)


def test_what_would_widen_a_query_stays_within_its_string() -> None:
    hostile = 'OPS" OR project is not EMPTY OR project = "X'
    assert parse(query.listing(hostile, ["a"])).conditions[0] == ("project", "=", (hostile,))


@given(st.text())
def test_labels_have_no_blanks(text: str) -> None:
    word = query.label_word(text)
    assert len(word) <= 255
    assert not any(letter.isspace() for letter in word)
    assert postmortem_label(text).startswith("pms-")
    assert len(postmortem_label(text)) == 16


@pytest.mark.parametrize(
    "words",
    [
        "OPS-12",
        "https://jira.example.org/base/browse/OPS-12",
        "http://JIRA.example.org/base/browse/ops-12?focusedId=1",
        "https://jira.example.org:443/base/projects/OPS/issues/OPS-12",
        "https://jira.example.org/base/jira/software/projects/OPS/boards/1?selectedIssue=OPS-12",
        "https://jira.example.org/base/jira/software/c/projects/OPS/boards/1/backlog?view=detail&selectedIssue=OPS-12",
        "https://jira.example.org/base/jira/servicedesk/projects/OPS/queues/custom/1/OPS-12",
        "https://jira.example.org/base/jira/servicedesk/projects/OPS/queues/issue/OPS-12",
        "https://jira.example.org/base/servicedesk/customer/portal/2/OPS-12",
        "https://jira.example.org/base/servicedesk/customer/portal/2/OPS-12?sda_source=notification-email",
    ],
)
def test_a_ticket_of_the_site_is_known_by_its_address(words: str) -> None:
    assert query.key_in(words, SITE) == "OPS-12"
    # What the tracker knows must be taken for a link in a document as well, or the item gets a second ticket.
    document = f"---\ndate: 2026-03-01\n---\n# X\n\n## Action items\n\n- [ ] Add a limit ({words})\n"
    (item,) = formats.parse(document.encode(), "x.md").items
    assert [reference.text for reference in item.references] == [words]


@pytest.mark.parametrize(
    "words",
    [
        "",
        "ops-12",
        "OPS-0",
        "see OPS-12",
        "#12",
        "https://jira.example.org/browse/OPS-12",
        "https://jira.example.org.evil.example/base/browse/OPS-12",
        "https://jira.example.org@evil.example/base/browse/OPS-12",
        "https://other.example.org/base/browse/OPS-12",
        "https://jira.example.org:8443/base/browse/OPS-12",
        "ftp://jira.example.org/base/browse/OPS-12",
        "https://jira.example.org/base/browse/",
        "https://jira.example.org/base/browse/OPS",
        "https://jira.example.org/base/jira/servicedesk/projects/OPS/queues/custom/1",
        "https://jira.example.org/base/servicedesk/customer/portal/2",
        "https://jira.example.org/base/secure/attachment/OPS-12",
        "https://[jira.example.org/base/browse/OPS-12",
        "https://jira.example.org:port/base/browse/OPS-12",
    ],
)
def test_anything_else_is_not(words: str) -> None:
    assert query.key_in(words, SITE) == ""
