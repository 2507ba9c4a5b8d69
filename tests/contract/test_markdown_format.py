"""Markdown does what every format must."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from sync.formats.markdown import Markdown
from sync.model import Notation, OwnerKind
from tests.contract.formats import Entry, FormatContract

_ESCAPED = str.maketrans({one: "\\" + one for one in "|*<&"})


class TestMarkdown(FormatContract):
    format = Markdown()
    notations = (Notation.TASK, Notation.BULLET, Notation.NUMBER, Notation.TABLE, Notation.HEADING)
    owners: ClassVar[Mapping[OwnerKind, str]] = {
        OwnerKind.HANDLE: "ana",
        OwnerKind.NAME: "Bo Ek",
        OwnerKind.EMAIL: "ops@example.com",
    }

    def written(self, entries: Sequence[Entry], **front: str) -> bytes:
        head = [f"{name}: {value}" for name, value in front.items()]
        lines = ["---", *head, "---", "", "## Action items", ""] if head else ["## Action items", ""]
        headings = []
        for entry in entries:
            words = entry.words.translate(_ESCAPED)
            owner = ("@" if entry.owner is OwnerKind.HANDLE else "") + self.owners[entry.owner] if entry.owner else ""
            fields = "".join([f", owner: {owner}" if owner else "", f", due: {entry.due}" if entry.due else ""])
            marker = {Notation.TASK: "- [ ] ", Notation.BULLET: "* ", Notation.NUMBER: "1. "}.get(entry.notation, "")
            if marker:
                lines += [f"{marker}{words}{fields}", *([f"    - {entry.nested}"] if entry.nested else [])]
                lines += ["", "<!-- the list ends -->", ""]
            elif entry.notation is Notation.TABLE:
                lines += ["| Action | Owner | Due |", "|---|---|---|", f"| {words} | {owner} | {entry.due} |", ""]
            else:
                headings += [f"### {words}", "", f"Owner: {owner or 'TBD'}", f"Due: {entry.due or 'TBD'}", ""]
        return "\n".join([*lines, *headings, "## Lessons", "", "The end.", ""]).encode()

    def broken(self) -> Mapping[str, bytes]:
        return {
            "line 2, byte 4: the file is not UTF-8": b"# a\n\xff",
            "line 3: the front matter is not valid YAML": b"---\na: [b\n---\n",
        }
