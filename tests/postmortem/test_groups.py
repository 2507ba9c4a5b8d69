"""What is a group, what a detail, and what was done already: nothing vanishes, and nothing is invented."""

from __future__ import annotations

import pytest

from sync.formats import apply_edits, parse, render
from sync.model import State
from tests.properties.keeping import facts, statuses

HEAD = "# Outage\n\n## Action items\n\n"


def found(markdown: str) -> list[tuple[int, str, str]]:
    """(line, text, state) of what is surely an item."""
    return [(i.line, i.text, i.state.value) for i in parse(markdown.encode(), "x.md").items if not i.unsure]


def texts(markdown: str) -> list[str]:
    return [text for _, text, _ in found(markdown)]


BOXES = "- [ ] Add an alert (@ana, 2026-04-03)\n- [ ] Rotate keys\n"


@pytest.mark.parametrize(
    "title",
    "Detection|Recovery|Impact|Prevent|Prevention|Mitigation|Root cause|Short term|Team A|Ana Lima|P0|Process|"
    "Communication|Timeline|Notes|Monitoring & alerting|検知|Lessons|Q3",
)
@pytest.mark.parametrize("form", ["### {}\n\n", "**{}**\n\n", "**{}:**\n\n", "{}:\n\n"])
def test_whatever_heads_a_list_below_actions_groups_it(title: str, form: str) -> None:
    for name in title.split("|"):
        assert texts(HEAD + form.format(name) + BOXES) == ["Add an alert", "Rotate keys"], name


@pytest.mark.parametrize("name", ["Detection", "Prevent", "Recovery", "Short term", "**Process**", "Monitoring:"])
def test_a_bullet_groups_what_is_nested_below_it(name: str) -> None:
    nested = "  - [ ] Add an alert (@ana)\n  - [ ] Rotate keys\n"
    assert texts(f"{HEAD}- {name}\n{nested}") == ["Add an alert", "Rotate keys"]


def test_a_group_is_an_item_when_nothing_stands_below_it() -> None:
    assert texts(HEAD + "- Monitoring\n- Detection of full disks\n") == ["Monitoring", "Detection of full disks"]


@pytest.mark.parametrize(
    ("title", "state"),
    [
        ("Immediate (Completed)", "done"),
        ("Completed", "done"),
        ("Short term (done)", "done"),
        ("Long term (pending)", "open"),
        ("Open", "open"),
        ("In progress", "open"),
        ("Won't do", "wontdo"),
        ("Pendientes", "open"),
        ("完了", "done"),
    ],
)
@pytest.mark.parametrize("form", ["### {}\n\n", "**{}**\n\n"])
def test_a_state_in_a_title_is_that_of_its_items(title: str, state: str, form: str) -> None:
    lines = HEAD + form.format(title) + "- Add an alert\n- Rotate keys\n"
    assert [said for _, _, said in found(lines)] == [state, state]


def test_an_owner_in_a_title_is_that_of_its_items() -> None:
    (one,) = parse(f"{HEAD}### @ana\n\n- Add an alert\n".encode(), "x.md").items
    assert [owner.text for owner in one.owners] == ["ana"]


def test_a_nested_box_is_an_item_and_a_nested_line_a_detail() -> None:
    lines = HEAD + "- [ ] Move the disk\n  - it is full\n  - [ ] Tell the team\n  - Order a new one (@bo, 2026-04-03)\n"
    items = parse(lines.encode(), "x.md").items
    assert [(i.text, i.parent, i.details) for i in items] == [
        ("Move the disk", "", ("it is full",)),
        ("Tell the team", "Move the disk", ()),
        ("Order a new one", "Move the disk", ()),
    ]


def test_short_headings_with_text_below_are_the_items() -> None:
    lines = HEAD + (
        "### 1) Cron cleanup scheduled `@malte_j`\n\nIt removes old archives.\n\n"
        "### 2) Better alerting on load `@dma` [detect]\n\nWe need it on each host.\n\n- at 80 %\n- at 90 %\n"
    )
    items = parse(lines.encode(), "x.md").items
    assert [(i.text, [o.text for o in i.owners], i.type, i.notation.value) for i in items] == [
        ("Cron cleanup scheduled", ["malte_j"], None, "heading"),
        ("Better alerting on load", ["dma"], "detect", "heading"),
    ]
    assert items[1].details == ("We need it on each host.", "at 80 %", "at 90 %")


def test_coded_headings_with_fields_are_items_and_their_lists_details() -> None:
    lines = HEAD + (
        "### A1. Actualizar el despliegue\n**Prioridad:** Alta\n\n- uno\n- dos\n\n"
        "### A2. Checklist antes de publicar\n**Prioridad:** Baja\n\n- [ ] uno\n- [ ] dos\n"
    )
    assert texts(lines) == ["Actualizar el despliegue", "Checklist antes de publicar"]


DONE = {
    "a list below what was done": "## Resolution\n\n### Immediate actions\n\n1. Removed the file\n2. Restarted the pods\n",
    "ticked boxes among contributing factors": "## Contributing factors\n\n- [x] Manual set-up\n- [x] No test\n",
    "what went well": "## What went well\n\n- Added an alert within minutes\n- Fixed the cache\n",
    "a timeline": "## Timeline\n\n- 10:00 Restarted the pods\n- 10:05 Added a node\n",
    "actions taken": "## Actions taken\n\n- Restarted the pods\n- Added a node\n",
    "fixes applied": "## Fixes applied\n\n- [x] Add a node\n",
}


@pytest.mark.parametrize("name", DONE)
def test_what_was_done_already_makes_no_ticket(name: str) -> None:
    assert [text for _, text, state in found(DONE[name]) if state == "open"] == []


@pytest.mark.parametrize(
    "line",
    [
        "- Add an alert - DONE",
        "- Add an alert — done",
        "- Add an alert; completed as of 2026-03-01",
        "- Add an alert **(Done during this incident)**",
        "- Add an alert (done in grafana)",
        "- Add an alert _done in grafana_",
        "- An alert has been added",
        "- Alerts have been added",
        "- An alert was added",
        "- Runbook note added",
        "- Add an alert ✅",
        "- DONE: add an alert",
        "- **DONE**: add an alert",
        "- [x] Add an alert",
    ],
)
def test_what_says_that_it_is_done_is_done(line: str) -> None:
    assert [state for _, _, state in found(f"{HEAD}{line}\n- Rotate keys\n")] == ["done", "open"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("state", [State.OPEN, State.DONE, State.WONTDO])
def test_what_is_read_is_written_back_and_read_again(end: str, state: State) -> None:
    text = HEAD + (
        "### Detection\n\n- [ ] Add an alert (@ana)\n  - why not\n  - [ ] Test it\n\n"
        "### Prevent\n\n- Rotate keys:\n  - weekly\n- Monitoring\n  - Add a dashboard\n  - Watch it\n\n"
        "**Done**\n\n- Restart the pods\n\n"
        "## Prevention\n\n1. Add a limit to the queue\n2. Policy guards the snippet\n"
    )
    data = text.replace("\n", end).encode()
    before = parse(data, "x.md")
    after = parse(apply_edits(data, render(before, statuses(before, state))), "x.md")
    assert facts(after) == facts(before)
    assert {item.state for item in after.items} == {state}
    assert render(after, statuses(after, state)) == ()
