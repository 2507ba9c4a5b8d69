"""Confluence's storage format does what every format must."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar
from xml.sax.saxutils import escape, quoteattr

from sync.formats.storage import Storage
from sync.model import Notation, OwnerKind
from tests.contract.formats import Entry, FormatContract

ACCOUNT = "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077"


class TestStorage(FormatContract):
    format = Storage()
    notations = (Notation.TASK, Notation.BULLET, Notation.NUMBER, Notation.TABLE, Notation.HEADING)
    owners: ClassVar[Mapping[OwnerKind, str]] = {
        OwnerKind.ACCOUNT: ACCOUNT,
        OwnerKind.NAME: "Bo Ek",
        OwnerKind.EMAIL: "ops@example.com",
    }

    def written(self, entries: Sequence[Entry], **front: str) -> bytes:
        parts = []
        if front:
            rows = "".join(f"<tr><th><p>{name}</p></th><td><p>{value}</p></td></tr>" for name, value in front.items())
            table = f"<table><tbody>{rows}</tbody></table>"
            body = f"<ac:rich-text-body>{table}</ac:rich-text-body>"
            parts.append(f'<ac:structured-macro ac:name="details">{body}</ac:structured-macro>')
        parts.append("<h2>Action items</h2>")
        headings = []
        for number, entry in enumerate(entries):
            words, owner, day = escape(entry.words), self._owner(entry.owner), self._day(entry.due)
            fields = "".join([f", owner: {owner}" if owner else "", f", due: {day}" if day else ""])
            nested = f"<ul><li><p>{entry.nested}</p></li></ul>" if entry.nested else ""
            if entry.notation is Notation.TASK:
                if entry.owner is OwnerKind.ACCOUNT:
                    fields = f" {owner} {day}"
                parts.append(
                    f"<ac:task-list>\n<ac:task>\n<ac:task-id>{number}</ac:task-id>\n"
                    f"<ac:task-status>incomplete</ac:task-status>\n<ac:task-body>"
                    f'<span class="placeholder-inline-tasks">{words}{fields}</span>{nested}</ac:task-body>\n'
                    "</ac:task>\n</ac:task-list>"
                )
            elif entry.notation in (Notation.BULLET, Notation.NUMBER):
                name = "ul" if entry.notation is Notation.BULLET else "ol"
                parts.append(f"<{name}><li><p>{words}{fields}</p>{nested}</li></{name}>")
            elif entry.notation is Notation.TABLE:
                titles = "".join(f"<th><p>{title}</p></th>" for title in ("Action", "Owner", "Due"))
                cells = "".join(f"<td><p>{text}</p></td>" if text else "<td />" for text in (words, owner, day))
                parts.append(f"<table><tbody><tr>{titles}</tr><tr>{cells}</tr></tbody></table>")
            else:
                below = f"<p>Owner: {owner or 'TBD'}</p><p>Due: {day or 'TBD'}</p>"
                headings.append(f"<h3>{words}</h3>{below}")
        return "".join([*parts, *headings, "<h2>Lessons</h2>\n<p>The end&nbsp;&mdash; and more.</p>"]).encode()

    def _owner(self, kind: OwnerKind | None) -> str:
        if kind is OwnerKind.ACCOUNT:
            return f"<ac:link><ri:user ri:account-id={quoteattr(ACCOUNT)} /></ac:link>"
        return escape(self.owners[kind]) if kind else ""

    def _day(self, due: str) -> str:
        return f"<time datetime={quoteattr(due)} />" if due else ""

    def broken(self) -> Mapping[str, bytes]:
        return {
            "line 2, column 9: it is no storage format: mismatched tag": b"<p>\na<em>b</p>",
            "line 1, column 7: it is no storage format: undefined entity": b"<p>abc&unknown;</p>",
            "line 1, column 5: it is no storage format: not well-formed": b"<p>\xc3\xa9\xff</p>",
            "line 1, column 3: it is no storage format: not well-formed": b"<!DOCTYPE page [<!ENTITY a 'b'>]>&a;",
            "line 1, column 1501: elements are nested more than 500 deep": b"<b>" * 501,
        }
