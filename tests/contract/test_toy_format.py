"""A format that is not Markdown does the same, without a change to anything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar
from xml.sax.saxutils import escape, quoteattr

from sync.formats import apply_edits, parse, render
from sync.model import InlineSlot, Notation, OwnerKind, Postmortem, State
from tests.contract.formats import Entry, FormatContract
from tests.formats.toy import Toy
from tests.properties.keeping import statuses

ACCOUNT = "557058:f58131cb-b67d-43c7"
TOY = {"toy": Toy()}


class TestToy(FormatContract):
    format = Toy()
    notations = (Notation.TASK, Notation.BULLET, Notation.TABLE)
    owners: ClassVar[Mapping[OwnerKind, str]] = {OwnerKind.ACCOUNT: ACCOUNT}

    def written(self, entries: Sequence[Entry], **front: str) -> bytes:
        parts = [f"<page{''.join(f' {name}={quoteattr(value)}' for name, value in front.items())}>\n"]
        parts.append("<h>Action items</h>")
        for entry in entries:
            words = escape(entry.words)
            user = f'<user id="{ACCOUNT}"/>' if entry.owner else ""
            day = f'<day on="{entry.due}"/>' if entry.due else ""
            nested = f"<ul><li>{escape(entry.nested)}</li></ul>" if entry.nested else ""
            if entry.notation is Notation.TASK:
                parts.append(f"<tasks>\n<task><state>todo</state>{words} {user} {day}{nested}</task>\n</tasks>")
            elif entry.notation is Notation.BULLET:
                fields = f"{', owner: ' if user else ''}{user}{', due: ' if day else ''}{day}"
                parts.append(f"<ul><li>{words}{fields}{nested}</li></ul>")
            else:
                parts.append("<table><tr><th>Action</th><th>Owner</th><th>Due</th></tr>\n")
                parts.append(f"<tr><td>{words}</td><td>{user}</td><td>{day}</td></tr></table>")
        return "".join([*parts, "<h>Lessons</h>\n<p>The end &amp; more.</p></page>\n"]).encode()

    def broken(self) -> Mapping[str, bytes]:
        return {"line 2: it is no page": b"<page>\n<h>a</p>", "line 1: it is no page": b"# Markdown"}


def read(data: str) -> Postmortem:
    return parse(data.encode(), "a.toy", format="toy", formats=TOY)


def test_a_task_is_whose_it_mentions_and_due_when_it_says() -> None:
    task = '<task><state>todo</state>Ask <user id="u-1"/> for a limit by <day on="2026-04-03"/> please</task>'
    (item,) = read(f"<page><h>Actions</h><tasks>{task}</tasks></page>").items
    assert [(owner.text, owner.kind) for owner in item.owners] == [("u-1", OwnerKind.ACCOUNT)]
    assert str(item.due_date) == "2026-04-03"


def test_a_lozenge_stays_a_lozenge() -> None:
    page = (
        "<page><h>Actions</h><table><tr><th>Action</th><th>Status</th></tr>"
        "<tr><td>Add x</td><td><status>TODO</status></td></tr></table></page>"
    )
    postmortem = read(page)
    (item,) = postmortem.items
    assert item.state is State.OPEN
    after = apply_edits(postmortem.data, render(postmortem, statuses(postmortem, State.DONE), TOY)).decode()
    assert "<td><status>DONE 2026-03-20</status></td>" in after
    assert read(after).items[0].state is State.DONE


def test_entities_do_not_shift_what_stands_behind_them() -> None:
    page = "<page><h>Actions</h><ul><li>Do &lt;this&gt; &amp; that (open)</li></ul></page>"
    (item,) = read(page).items
    assert item.text == "Do <this> & that"
    assert isinstance(item.slot, InlineSlot)
    assert item.slot.suffix is not None
    assert page.encode()[slice(*item.slot.suffix)] == b"(open)"
