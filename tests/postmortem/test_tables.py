"""Tables of every shape: which column holds what, and where write-back goes."""

from __future__ import annotations

import pytest

from sync.formats import apply_edits, parse, render
from sync.model import InlineSlot, Postmortem, State, Status, TableSlot


def read(markdown: str) -> Postmortem:
    return parse(markdown.encode(), "2026-03-01-x.md")


def rows(markdown: str) -> list[tuple[str, str, str, str, str]]:
    """text, owners, due, state and tickets of every item."""
    return [
        (
            item.text,
            ",".join(owner.text for owner in item.owners),
            item.due_date.isoformat() if item.due_date else "",
            item.state.value,
            ",".join(reference.text for reference in item.references),
        )
        for item in read(markdown).items
    ]


def test_a_bug_column_that_holds_the_state() -> None:
    table = """## Action Items
| Action Item | Type | Owner | Bug |
| ----------- | ---- | ----- | --- |
| Update playbook | mitigate | jennifer | n/a **DONE** |
| Balance load | prevent | martym | Bug 5554823 **TODO** |
| Add quota | prevent | clarac | TODO |
| Track terms | prevent | a, b | [o/r#11](https://github.com/o/r/issues/11) **TODO** |
| Watch it | prevent | Ana Lima | (Jira Issue No: OPS-38263)**TODO** |
"""
    assert rows(table) == [
        ("Update playbook", "jennifer", "", "done", ""),
        ("Balance load", "martym", "", "open", ""),
        ("Add quota", "clarac", "", "open", ""),
        ("Track terms", "a,b", "", "open", "https://github.com/o/r/issues/11"),
        ("Watch it", "Ana Lima", "", "open", "OPS-38263"),
    ]


def test_every_column() -> None:
    table = """## Follow-ups
| # | Priority | Action | DRI | ETA | Ticket | Done? |
|---|:--------:|--------|-----|----:|--------|-------|
| 1 | P1 | Add `limit` \\| cap | @ana, @bo | 2026-04-03 | OPS-12 | ✅ |
| 2 | P2 | **Rotate** keys | Zoe Quinn and Bo | 3 April 2026 | [OPS-13](https://x/browse/OPS-13) | no |
| 3 | P3 | Drop cache | TBD | TBD | - | Won't do |
| 4 |  |  |  |  |  |  |
| 5 | P3 | Write docs | ??? | Q2 2026 | #7 | |
"""
    assert rows(table) == [
        ("Add limit | cap", "ana,bo", "2026-04-03", "done", "OPS-12"),
        ("Rotate keys", "Zoe Quinn,Bo", "2026-04-03", "open", "https://x/browse/OPS-13"),
        ("Drop cache", "", "", "wontdo", ""),
        ("Write docs", "", "", "open", "#7"),
    ]
    postmortem = read(table)
    assert [item.priority for item in postmortem.items] == ["P1", "P2", "P3", "P3"]
    assert postmortem.tables[0].state_words == ((State.DONE, "✅"), (State.OPEN, "no"), (State.WONTDO, "Won't do"))


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (
            "Was|Wer|Bis wann|Status",
            "Limit setzen|Ana|03.04.2026|erledigt",
            ("Limit setzen", "Ana", "2026-04-03", "done", ""),
        ),
        (
            "Aufgabe|Verantwortlich|Frist",
            "Limit setzen|Ana|3. April 2026",
            ("Limit setzen", "Ana", "2026-04-03", "open", ""),
        ),
        (
            "Action|Responsable|Échéance|Statut",
            "Ajouter|Zoé|3 avril 2026|fait",
            ("Ajouter", "Zoé", "2026-04-03", "done", ""),
        ),
        (
            "Acción|Responsable|Fecha límite|Estado",
            "Añadir|Zoe|3 de abril de 2026|hecho",
            ("Añadir", "Zoe", "2026-04-03", "done", ""),
        ),
        (
            "アクション|担当者|期限|状態",
            "制限を追加|田中|2026年4月3日|完了",
            ("制限を追加", "田中", "2026-04-03", "done", ""),
        ),
        ("Owner|Action Item|Due Date", "Ana|Add a limit|Apr 3", ("Add a limit", "Ana", "2026-04-03", "open", "")),
        (
            "Item|Assignee(s)|Target|Status",
            "Add a limit|@ana|04/04/2026|Closed",
            ("Add a limit", "ana", "2026-04-04", "done", ""),
        ),
        ("Action|Owner|Due|Status", "Add a limit|Ana|DONE in v2|", ("Add a limit", "Ana", "", "done", "")),
        (
            "Action|Type|Owner",
            "Add a limit|[#7](https://h/o/r/issues/7)|Ana",
            ("Add a limit", "Ana", "", "open", "https://h/o/r/issues/7"),
        ),
        (
            "Action|Owner|Notes",
            "Add a limit|Ana|see https://h/o/r/pull/7",
            ("Add a limit", "Ana", "", "open", "https://h/o/r/pull/7"),
        ),
        ("Action|Owner|Status", "Add a limit|Ana|Done (2026-03-05)", ("Add a limit", "Ana", "", "done", "")),
        ("Action|Owner|Status", "Add a limit|Ana (SRE)|Open", ("Add a limit", "Ana", "", "open", "")),
        ("Action|Owner|Status", "Add a limit|Ana|Not started", ("Add a limit", "Ana", "", "open", "")),
        ("Action|Owner|Status", "Add a limit|Ana|:white_check_mark:", ("Add a limit", "Ana", "", "done", "")),
        ("Action|Owner|Status", "~~Add a limit~~|Ana|", ("Add a limit", "Ana", "", "done", "")),
        (
            "Action|Owner|Status",
            "Add a limit|[Ana](https://github.com/ana)|WIP",
            ("Add a limit", "Ana", "", "open", ""),
        ),
        ("Action|Owner|Status", "Add a limit (@ana, 2026-04-03)||", ("Add a limit", "", "2026-04-03", "open", "")),
        ("Action|Status", "Add a limit (@ana)|Open", ("Add a limit", "ana", "", "open", "")),
        ("Ticket|Summary|Status", "OPS-12|Add a limit|Open", ("Add a limit", "", "", "open", "OPS-12")),
        (
            "Ticket|Owner|Status",
            "[Add a limit](https://x/browse/OPS-12)|Ana|Open",
            ("Add a limit", "Ana", "", "open", "https://x/browse/OPS-12"),
        ),
    ],
)
def test_columns_by_their_names(header: str, row: str, expected: tuple[str, ...]) -> None:
    columns = header.count("|") + 1
    table = (
        f"## Actions\n\n| {' | '.join(header.split('|'))} |\n|{'---|' * columns}\n| {' | '.join(row.split('|'))} |\n"
    )
    assert rows(table) == [expected]


def test_no_items_in_templates() -> None:
    table = """## Action items
| Action | Owner | Due |
|---|---|---|
| [Specific action] | [name] | [date] |
| {action} | {owner} | {date} |
| <action> | <owner> | YYYY-MM-DD |
| | | |
| ... | | |
| N/A | | |
"""
    assert rows(table) == []
    assert len(read(table).left_out) == 6


def test_tables_elsewhere() -> None:
    assert rows("## Notes\n\n| Action item | Owner | Status |\n|---|---|---|\n| Add a limit | Ana | Open |\n") == [
        ("Add a limit", "Ana", "", "open", "")
    ]
    assert rows("## Timeline\n\n| Time | Action |\n|---|---|\n| 10:00 | Restarted |\n") == []
    assert rows("## Timeline\n\n| Time | Event | Action taken |\n|---|---|---|\n| 10:00 | Alert | Restarted |\n") == []
    nested = "## Actions\n\n- Backups\n\n  | Task | Owner |\n  |---|---|\n  | Add a limit | Ana |\n"
    assert "Add a limit" in [row[0] for row in rows(nested)]


def test_slots_of_short_and_open_rows() -> None:
    data = "## Actions\n\n| Action | Ticket | Status |\n|---|---|---|\n| one | | |\n| two\n| three |\nfour | x\n| five | OPS-5 | Done |"
    postmortem = read(data)
    slots = [item.slot for item in postmortem.items]
    assert all(isinstance(slot, TableSlot) for slot in slots)
    table = postmortem.tables[0]
    raw = data.encode()
    lines = (*table.head, *table.body)
    ends = [raw[: line.end].rsplit(b"\n", 1)[-1] for line in lines]
    assert ends == [
        b"| Action | Ticket | Status |",
        b"|---|---|---|",
        b"| one | | |",
        b"| two",
        b"| three |",
        b"four | x",
        b"| five | OPS-5 | Done |",
    ]
    assert [line.closed for line in lines] == [True, True, True, False, True, False, True]
    assert [line.cells for line in lines] == [3, 3, 3, 1, 1, 2, 3]
    cells = [(slot.ticket, slot.state) for slot in slots if isinstance(slot, TableSlot)]
    assert [(ticket.present, state.present) for ticket, state in cells if ticket and state] == [
        (True, True),
        (False, False),
        (False, False),
        (True, False),
        (True, True),
    ]
    last = cells[-1]
    assert last[0] is not None
    assert raw[slice(*last[0].content)] == b"OPS-5"
    assert [warning.line for warning in postmortem.warnings] == [6, 7, 8]


def test_a_table_in_a_quote_and_with_crlf() -> None:
    data = b"\xef\xbb\xbf## Actions\r\n\r\n> | Action | Status |\r\n> |---|---|\r\n> | Add \xc3\xbc | Open |\r\n"
    postmortem = parse(data, "x.md")
    (item,) = postmortem.items
    assert (item.line, item.text) == (5, "Add ü")
    slot = item.slot
    assert not isinstance(slot, InlineSlot)
    assert slot.state is not None
    assert data[slice(*slot.state.content)] == b"Open"
    table = postmortem.tables[0]
    assert [data[line.end - 1 : line.end] for line in (*table.head, *table.body)] == [b"|", b"|", b"|"]


LINK = "[OPS-1](https://x.example/browse/OPS-1)"


def first_row(header: str, *cells: str, heading: str = "Action items") -> tuple[str, str]:
    """The text of the only row's item, and the row after its ticket was written."""
    columns = header.count("|") + 1
    head = f"## {heading}\n\n| {' | '.join(header.split('|'))} |\n|{'---|' * columns}\n"
    data = f"{head}| {' | '.join(cells)} |\n".encode()
    postmortem = parse(data, "x.md")
    (item,) = postmortem.items
    status = Status("OPS-1", "https://x.example/browse/OPS-1", State.OPEN)
    return item.text, apply_edits(data, render(postmortem, {0: status})).decode().splitlines()[4]


@pytest.mark.parametrize(
    ("header", "cells", "text", "row"),
    [
        ("Description", ("Add a limit to it",), "Add a limit to it", f"| Add a limit to it | {LINK} | Open |"),
        ("Item|Owner", ("Add a limit", "Ana"), "Add a limit", f"| Add a limit | Ana | {LINK} | Open |"),
        ("Kind|Description", ("Prevent", "Add a limit"), "Add a limit", f"| Prevent | Add a limit | {LINK} | Open |"),
        ("Action|Prevents|Status", ("Add a limit", "floods", "Open"), "Add a limit", f"| Add a limit | floods | Open | {LINK} |"),
        (
            "Issue|Action|Owner|Due|Jira ticket",
            ("The queue ran full at noon", "Add a limit", "Ana", "2026-04-03", ""),
            "Add a limit",
            f"| The queue ran full at noon | Add a limit | Ana | 2026-04-03 | {LINK} | Open |",
        ),
        ("Issue|Action|Owner", ("The queue ran full at noon", "Add a limit", "Ana"), "Add a limit",
         f"| The queue ran full at noon | Add a limit | Ana | {LINK} | Open |"),
        ("Action|Issue link", ("Add a limit", ""), "Add a limit", f"| Add a limit | {LINK} | Open |"),
        ("Action|PR", ("Add a limit", "-"), "Add a limit", f"| Add a limit | {LINK} | Open |"),
        ("Action|Tracking", ("Add a limit", "TBD"), "Add a limit", f"| Add a limit | {LINK} | Open |"),
        ("Action|Ticket", ("Add a limit", ""), "Add a limit", f"| Add a limit | {LINK} | Open |"),
    ],
)  # fmt: skip
def test_the_link_goes_where_tickets_stand(header: str, cells: tuple[str, ...], text: str, row: str) -> None:
    said, written = first_row(header, *cells)
    assert said == text
    assert " ".join(written.split()) == row


def test_a_table_gets_what_it_lacks_at_the_first_write_for_all_rows() -> None:
    data = b"## Actions\n\n| Action | Owner |\n|---|---|\n| Add a limit | Ana |\n| Rotate keys | Bo |\n"
    status = Status("OPS-1", "https://x.example/browse/OPS-1", State.OPEN)
    written = apply_edits(data, render(parse(data, "x.md"), {0: status})).decode().splitlines()[2:]
    assert written == [
        "| Action | Owner | Ticket | Status |",
        "|---|---| --- | --- |",
        f"| Add a limit | Ana | {LINK} | Open |",
        "| Rotate keys | Bo | | |",
    ]


def test_columns_that_lie_tell_a_state() -> None:
    table = "## Actions\n\n| Action | Type | Priority | Bug |\n|---|---|---|---|\n| Add a | Prevent | DONE | |\n| Add b | done | P1 | |\n| Add c | Prevent | P1 | TODO |\n"
    assert [(row[0], row[3]) for row in rows(table)] == [("Add a", "done"), ("Add b", "done"), ("Add c", "open")]


def test_the_number_of_a_row_is_no_ticket() -> None:
    table = "## Actions\n\n| # | Item | Status |\n|---|---|---|\n| 1 | Add a limit | Open (fold into #2) |\n| 2 | Add more (see #1), #12 | Open |\n"
    assert [row[4] for row in rows(table)] == ["", "#12"]


def test_a_row_broken_by_a_pipe_is_held_back() -> None:
    table = "## Actions\n\n| Action | Owner |\n|---|---|\n| Run a | b daily | Ana |\n| Add a limit | Bo | |\n"
    postmortem = read(table)
    assert [item.text for item in postmortem.items] == ["Add a limit"]
    assert [(left.line, left.why[:28]) for left in postmortem.left_out] == [(5, "its row has 3 cells for 2 co")]
    assert [warning.line for warning in postmortem.warnings] == [5, 6]
