"""Cells keep what people wrote: only the words for a state give way, in their language, to those for another."""

from __future__ import annotations

from datetime import date

import pytest

from sync.formats import apply_edits, parse, render
from sync.model import State, Status

OPEN, DONE, WONTDO = State.OPEN, State.DONE, State.WONTDO


def written_cells(
    cell: str, *states: State, ticket: str = "[OPS-1](https://x.example/browse/OPS-1)", other: str = ""
) -> list[str]:
    """The status cell after tickets wrote these states into it, one after the other."""
    head = "## Action items\n\n| Action | Owner | Ticket | Status |\n|---|---|---|---|\n"
    data = f"{head}| Add a limit | Ana | {ticket} | {cell} |\n".encode()
    if other:
        data += f"| Rotate keys | Bo | | {other} |\n".encode()
    cells = []
    for state in states:
        postmortem = parse(data, "x.md")
        item = postmortem.items[0]
        closed = date(2026, 3, 20) if state is DONE else None
        linked = item.references[0] if item.references else None
        data = apply_edits(
            data, render(postmortem, {0: Status("OPS-1", "https://x.example/browse/OPS-1", state, closed, linked)})
        )
        again = parse(data, "x.md")
        assert again.items[0].state is state
        assert again.items[0].text == item.text
        linked = again.items[0].references[0]
        assert render(again, {0: Status("OPS-1", linked.text, state, closed, linked)}) == ()
        cells.append(data.decode().splitlines()[4].rsplit(" | ", 1)[1].removesuffix(" |"))
    return cells


@pytest.mark.parametrize(
    ("cell", "done"),
    [
        ("Open", "Done 2026-03-20"),
        ("", "Done 2026-03-20"),
        ("open", "done 2026-03-20"),
        ("Open (needs the new region first)", "Done 2026-03-20 (needs the new region first)"),
        ("⏳ backlog P2", "done 2026-03-20 P2"),
        ("📅 Queued", "📅 Done 2026-03-20"),
        ("**IN PROGRESS**", "**DONE 2026-03-20**"),
        ("_In progress_, waits for Bo", "_Done 2026-03-20_, waits for Bo"),
        ("In progress, waits for Bo", "Done 2026-03-20, waits for Bo"),
        ("`todo`", "`done 2026-03-20`"),
        ("未着手", "完了 2026-03-20"),
        ("進行中（担当待ち）", "完了 2026-03-20（担当待ち）"),
        ("Ouvert", "Fait 2026-03-20"),
        ("en cours", "fait 2026-03-20"),
        ("Pendiente de revisar", "Hecho 2026-03-20 de revisar"),
        ("В работе", "Готово 2026-03-20"),
        ("waits for the new region", "Done 2026-03-20, waits for the new region"),
    ],
)
def test_a_word_for_a_state_gives_way_and_the_rest_stays(cell: str, done: str) -> None:
    assert written_cells(cell, DONE) == [done]


def test_a_language_is_kept_through_every_state() -> None:
    assert written_cells("未着手", DONE, OPEN, WONTDO) == ["完了 2026-03-20", "未着手", "対応しない"]
    assert written_cells("Ouvert (bientôt)", DONE, OPEN) == ["Fait 2026-03-20 (bientôt)", "Ouvert (bientôt)"]
    assert written_cells("Open (soon)", DONE, WONTDO, OPEN) == [
        "Done 2026-03-20 (soon)",
        "Won't do (soon)",
        "Open (soon)",
    ]


def test_a_columns_own_word_is_used() -> None:
    assert written_cells("🟡", DONE, other="✅") == ["✅"]
    assert written_cells("Open", DONE, other="Closed") == ["Closed"]
    assert written_cells("Done", OPEN, other="To do") == ["To do"]


@pytest.mark.parametrize(
    "cell", ["", "-", "—", "(TBD)", "none yet", "n/a", "N/A", "TODO", "_none_", "to be created", "なし"]
)
def test_a_placeholder_gives_way_to_the_link(cell: str) -> None:
    head = "## Action items\n\n| Action | Owner | Ticket | Status |\n|---|---|---|---|\n"
    data = f"{head}| Add a limit | Ana | {cell} | Open |\n".encode()
    postmortem = parse(data, "x.md")
    edits = render(postmortem, {0: Status("OPS-1", "https://x.example/browse/OPS-1", OPEN)})
    line = apply_edits(data, edits).decode().splitlines()[4]
    assert line.replace("  ", " ") == "| Add a limit | Ana | [OPS-1](https://x.example/browse/OPS-1) | Open |"


def test_what_an_author_wrote_into_the_tickets_cell_stays() -> None:
    head = "## Action items\n\n| Action | Owner | Ticket | Status |\n|---|---|---|---|\n"
    data = f"{head}| Add a limit | Ana | see the plan | Open |\n".encode()
    edits = render(parse(data, "x.md"), {0: Status("OPS-1", "https://x.example/browse/OPS-1", OPEN)})
    assert b"see the plan [OPS-1](https://x.example/browse/OPS-1) |" in apply_edits(data, edits)
