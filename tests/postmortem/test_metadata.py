"""What a document says of itself, and whether it is published."""

from __future__ import annotations

from datetime import date

import pytest

from sync.errors import DocumentError
from sync.formats import parse
from sync.model import MAX_BYTES, ParseOptions, Postmortem


def read(text: str, path: str = "x.md", **options: object) -> Postmortem:
    return parse(text.encode(), path, ParseOptions(**options))  # type: ignore[arg-type]


def test_front_matter() -> None:
    postmortem = read(
        "---\nid: pm-7\ntitle: Checkout down\ndate: 2026-03-01\nstatus: final\nservice: checkout\nteam: payments\nseverity: SEV1\n"
        "incident: https://x.example/browse/INC-7\nlabels: [db, cache]\nweight: 3\ndraft: false\n---\n# Other\n"
    )
    assert (postmortem.id, postmortem.title, postmortem.date) == ("pm-7", "Checkout down", date(2026, 3, 1))
    assert (postmortem.service, postmortem.team, postmortem.severity) == ("checkout", "payments", "SEV1")
    assert postmortem.incident == "https://x.example/browse/INC-7"
    assert postmortem.labels == ("db", "cache")
    assert dict(postmortem.fields)["weight"] == "3"
    assert postmortem.published


BODIES = {
    "lines": "# Checkout down\n\nDate: 2026-03-01\nStatus: final\nSeverity: SEV1\n",
    "bold": "# Checkout down\n\n**Date**: 1 March 2026\n**Status:** final\n**Severity**: SEV1\n",
    "bullets": "# Checkout down\n\n- **Date**: 2026-03-01\n* Status: final\n- Severity: SEV1\n",
    "a table": "# Checkout down\n\n| Date | 2026-03-01 |\n|---|---|\n| **Status** | final |\n| Severity | SEV1 |\n",
    "headings": "# Checkout down\n\n## Date\n\n2026-03-01\n\n## Status\n\nfinal\n\n## Severity: SEV1\n",
}


@pytest.mark.parametrize("name", BODIES)
def test_the_body(name: str) -> None:
    postmortem = read(BODIES[name])
    assert (postmortem.title, postmortem.date, postmortem.status, postmortem.severity) == (
        "Checkout down",
        date(2026, 3, 1),
        "final",
        "SEV1",
    )


def test_the_fields_of_items_are_no_metadata() -> None:
    postmortem = read("# T\n\n## Action items\n\n### Add a limit\n\n- Status: draft\n- Team: x\n")
    assert (postmortem.status, postmortem.team, postmortem.published) == ("", "", True)


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("# T\n", True),
        ("---\ndraft: true\n---\n", False),
        ("---\ndraft: yes\n---\n", False),
        ("---\ndraft: false\n---\n", True),
        ("---\nstatus: Draft\n---\n", False),
        ("---\nstatus: in review\n---\n", False),
        ("---\nstatus: Published\n---\n", True),
        ("# T\n\nStatus: Draft - waiting for numbers\n", False),
        ("# T\n\n**Status**: In Review\n", False),
        ("# T\n\n**Status**: WIP\n", False),
        ("# T\n\n## Status\n\nwork in progress\n", False),
        ("# T\n\nStatus: Complete, action items in progress\n", True),
        ("# T\n\nStatus: final\n", True),
        ("# T\n\nStatus: Resolved\n", True),
    ],
)
def test_drafts_are_not_published(text: str, published: bool) -> None:
    postmortem = read(text)
    assert postmortem.published is published
    assert postmortem.reason


def test_settings_decide_what_is_published() -> None:
    assert not read("Status: final\n", published=("approved",)).published
    assert read("Status: Approved\n", published=("approved",)).published
    assert not read("# T\n", published=("approved",)).published
    assert not read("---\ndraft: true\nstatus: approved\n---\n", published=("approved",)).published


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"abc\nd\xffef\n", "x.md: line 2, byte 5: the file is not UTF-8."),
        (b"\xef\xbb\xbf\xff", "x.md: line 1, byte 3: the file is not UTF-8."),
        (b"a" * (MAX_BYTES + 1), "x.md: the file has 10000001 bytes"),
        (b"---\ntitle: a: b\n---\n", "x.md: line 2: the front matter is not valid YAML"),
        (b"---\nok: 1\nbad: [1\n---\n", "x.md: line 4: the front matter is not valid YAML"),
        (b"---\na: &a [1]\nb: *a\n---\n", "x.md: line 3: the front matter uses a YAML alias."),
        (b"---\na: " + b"[" * 50 + b"]" * 50 + b"\n---\n", "x.md: line 2: the front matter is nested too deeply."),
        (b"---\na: 2026-02-30\nb: 'x'\n---\n", "x.md: line 2: the front matter is not valid YAML"),
    ],
)
def test_what_cannot_be_understood(data: bytes, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(data, "x.md")
    assert str(caught.value).startswith(said)
    assert caught.value.cure


def test_rules_that_are_no_front_matter() -> None:
    assert read("---\n\n## Action items\n\n- Add a limit\n\n---\n").items[0].line == 5
    assert read("---\nnot yaml here\n---\n").title == "x"
    assert read("---\ntitle: never closed\n\n## Action items\n\n- Add a limit\n").items[0].text == "Add a limit"


def test_a_bom_and_crlf() -> None:
    data = "\ufeff---\r\ntitle: Ünder\r\n---\r\n\r\n## Action items\r\n\r\n- [ ] Añade – (@ana)\r\n".encode()
    (item,) = parse(data, "x.md").items
    assert (item.line, item.text) == (7, "Añade")
    assert item.owners[0].span is not None
    assert data[slice(*item.owners[0].span)] == b"@ana"
    assert data[slice(*item.span)].startswith(b"- [ ]")


def test_the_path_dates_a_postmortem() -> None:
    assert read("# T\n", "pm/2026-03-01-x.md").date == date(2026, 3, 1)
    assert read("# T - March 2, 2026\n", "pm/2026-03-01-x.md").date == date(2026, 3, 2)


def test_front_matter_without_a_title_leaves_the_title_to_the_name_of_the_file() -> None:
    assert parse(b"---\nservice: checkout\n---\n## Action items\n\n- Add a limit\n", "2026/outage.md").title == "outage"
