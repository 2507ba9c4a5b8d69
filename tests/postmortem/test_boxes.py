"""Boxes and strikes are what they mean, their marks are in no title, and a person's own strike stays."""

from __future__ import annotations

import pytest

from sync.formats import apply_edits, parse, render
from sync.model import Notation, State, Status

HEAD = "## Action items\n\n- [ ] Rotate keys\n"


def one(line: str, end: str = "\n") -> tuple[str, str, Notation]:
    item = parse(f"{HEAD}{line}\n".replace("\n", end).encode(), "x.md").items[1]
    return item.text, item.state.value, item.notation


@pytest.mark.parametrize(
    ("line", "text", "state"),
    [
        ("- [-] Add an alert", "Add an alert", "wontdo"),
        ("- [~] Add an alert", "Add an alert", "wontdo"),
        ("- [N/A] **Add** an alert — not needed", "Add an alert", "wontdo"),
        ("* [/] Add an alert (@ana)", "Add an alert", "open"),
        ("1. [>] Add an alert", "Add an alert", "open"),
        ("- [x] Add an alert", "Add an alert", "done"),
        ("- [ ] ~~Add an alert~~", "Add an alert", "wontdo"),
        ("- [ ] ~~Add an alert~~ (decided in review)", "Add an alert (decided in review)", "wontdo"),
        ("- [x] ~~Add an alert~~", "Add an alert", "wontdo"),
        ("- ~~Add an alert~~", "Add an alert", "done"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_box_is_what_it_means(line: str, text: str, state: str, end: str) -> None:
    said, found, notation = one(line, end)
    assert (said, found) == (text, state)
    assert (notation is Notation.TASK) == ("[" in line)


def test_a_link_is_no_box() -> None:
    assert one("- [-](https://example.com) Add an alert")[2] is Notation.BULLET
    assert one("- [~/notes](https://example.com) are kept")[2] is Notation.BULLET


def written(line: str, *states: State) -> list[str]:
    """The line after tickets wrote these states into it, one after the other."""
    data = f"{HEAD}{line}\n".encode()
    lines = []
    for state in states:
        postmortem = parse(data, "x.md")
        item = postmortem.items[1]
        linked = item.references[0] if item.references else None
        status = Status("OPS-1", "https://x.example/browse/OPS-1", state, None, linked)
        data = apply_edits(data, render(postmortem, {1: status}))
        again = parse(data, "x.md")
        assert again.items[1].state is state
        assert again.items[1].text == item.text
        status = Status("OPS-1", "https://x.example/browse/OPS-1", state, None, again.items[1].references[0])
        assert render(again, {1: status}) == ()
        lines.append(data.decode().splitlines()[-1].replace("([OPS-1](https://x.example/browse/OPS-1)", "(#"))
    return lines


OPEN, DONE, WONTDO = State.OPEN, State.DONE, State.WONTDO


def test_a_persons_own_strike_stays() -> None:
    assert written("- [ ] ~~Add an alert~~", WONTDO, OPEN, DONE, WONTDO, OPEN) == [
        "- [x] ~~Add an alert~~ (#)",
        "- [ ] ~~Add an alert~~ (#, open)",
        "- [x] ~~Add an alert~~ (#, done)",
        "- [x] ~~Add an alert~~ (#)",
        "- [ ] ~~Add an alert~~ (#, open)",
    ]


def test_our_own_strike_goes() -> None:
    assert written("- [ ] Add an alert", WONTDO, OPEN, WONTDO, DONE) == [
        "- [x] ~~Add an alert~~ (#, won't do)",
        "- [ ] Add an alert (#)",
        "- [x] ~~Add an alert~~ (#, won't do)",
        "- [x] Add an alert (#, done)",
    ]


def test_other_boxes_are_kept_while_they_are_true() -> None:
    assert written("- [-] Add an alert", WONTDO, OPEN, WONTDO) == [
        "- [-] Add an alert (#, won't do)",
        "- [ ] Add an alert (#)",
        "- [x] ~~Add an alert~~ (#, won't do)",
    ]
    assert written("- [/] Add an alert", OPEN, DONE, OPEN) == [
        "- [/] Add an alert (#)",
        "- [x] Add an alert (#, done)",
        "- [ ] Add an alert (#)",
    ]
