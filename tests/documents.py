"""Generated postmortems of every notation, whose items are known: what parse must find, and write-back must keep."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

VERBS = ("Add", "Check", "Replace", "Document", "Move", "Alert on", "Remove", "Test", "Limit", "Automate")
THINGS = (
    "the retry budget",
    "the größte queue",
    "the 検索 index",
    "stale `cache` keys",
    "the **pager** route",
    "a | b use",
)
PLACES = ("in staging", "for checkout", "before each deploy", "on the gateway", "at night", "in the runbook")
OWNERS = ("", "@ana", "@bo-ek", "Ana Lima", "ops@example.com")
DUES = ("", "2026-04-03", "2026-12-31")
BLANKS = ("", " ", "  ", "\t")


@dataclass
class Written:
    """A document and the items that stand in it, as (line, words, owners, due)."""

    text: str
    items: list[tuple[int, str, list[str], str | None]] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    verb: str
    thing: str
    place: str
    owner: str
    due: str
    blanks: str
    number: int

    @property
    def words(self) -> str:
        return f"{self.verb} {self.thing} {self.place} {self.number}"

    @property
    def plain(self) -> str:
        return self.words.replace("`", "").replace("**", "")

    @property
    def annotations(self) -> str:
        owner = f", owner: {self.owner}" if self.owner else ""
        return owner + (f", due: {self.due}" if self.due else "")

    def expected(self, line: int) -> tuple[int, str, list[str], str | None]:
        return line, self.plain, [self.owner.removeprefix("@")] if self.owner else [], self.due or None


def _wanted(number: int) -> st.SearchStrategy[Wanted]:
    parts = [st.sampled_from(values) for values in (VERBS, THINGS, PLACES, OWNERS, DUES, BLANKS)]
    return st.builds(Wanted, *parts, st.just(number))


def described(data: st.DataObject) -> tuple[bytes, Written]:
    """Draw a document: its bytes in one of many encodings of lines, and what stands in it."""
    lines: list[str] = []
    written = Written("")
    if data.draw(st.booleans(), "front matter"):
        lines += ["---", "title: Ausfall — 障害", "date: 2026-02-20", "status: published", "---", ""]
    lines += ["# Outage", "", "Something happened.  ", "", "## Action items", ""]
    number = 0
    kinds = data.draw(st.lists(st.sampled_from(("task", "bullet", "number", "table")), max_size=4), "notations")
    # A list below a heading belongs to it, so that headings which are actions come last.
    if not kinds or data.draw(st.booleans(), "headings too"):
        kinds.append("heading")
    for kind in kinds:
        count = data.draw(st.integers(1, 3), "items")
        some = [data.draw(_wanted(number + offset)) for offset in range(count)]
        number += count
        _WRITERS[kind](data, lines, some, written)
        lines.append("")
    lines += ["## Lessons", "", "The end."]
    end = data.draw(st.sampled_from(("\n", "\r\n")), "line ending")
    text = end.join(lines) + data.draw(st.sampled_from(("", end, end * 3)), "the end")
    written.text = text
    return (b"\xef\xbb\xbf" if data.draw(st.booleans(), "BOM") else b"") + text.encode(), written


def _tasks(data: st.DataObject, lines: list[str], items: list[Wanted], written: Written) -> None:
    mark = data.draw(st.sampled_from("-*+"))
    for item in items:
        lines.append(f"{mark} [ ] {item.words}{item.annotations}{item.blanks}")
        written.items.append(item.expected(len(lines)))
        if data.draw(st.booleans(), "nested"):
            lines.append("  " + mark + " An explanation that is no action item.")


def _bullets(data: st.DataObject, lines: list[str], items: list[Wanted], written: Written) -> None:
    lines += ["<!-- a break between lists -->", ""]
    loose = data.draw(st.booleans(), "loose")
    for item in items:
        lines.append(f"* {item.words}{item.annotations}{item.blanks}")
        written.items.append(item.expected(len(lines)))
        if loose:
            lines.append("")


def _numbers(data: st.DataObject, lines: list[str], items: list[Wanted], written: Written) -> None:
    lines += ["<!-- a break between lists -->", ""]
    repeated = data.draw(st.booleans(), "every number is 1")
    for position, item in enumerate(items, 1):
        lines.append(f"{1 if repeated else position}. {item.words}{item.annotations}{item.blanks}")
        written.items.append(item.expected(len(lines)))


def _table(data: st.DataObject, lines: list[str], items: list[Wanted], written: Written) -> None:
    columns = data.draw(st.permutations(("Action", "Owner", "Due")))
    columns += data.draw(st.sampled_from(((), ("Status",), ("Ticket",), ("Ticket", "Status"), ("Status", "Ticket"))))
    closed = data.draw(st.booleans(), "closing pipes")
    tail = " |" if closed else ""
    lines.append("| " + " | ".join(columns) + tail)
    lines.append("|" + "|".join("---" for _ in columns) + ("|" if closed else ""))
    for item in items:
        values = {"Action": item.words.replace("|", "\\|"), "Owner": item.owner, "Due": item.due}
        lines.append("| " + " | ".join(values.get(column, "") for column in columns) + tail + item.blanks)
        written.items.append(item.expected(len(lines)))


def _headings(data: st.DataObject, lines: list[str], items: list[Wanted], written: Written) -> None:
    for item in items:
        closing = data.draw(st.sampled_from(("", " ###")))
        lines.append(f"### {item.words}{closing}")
        written.items.append(replace(item, owner=item.owner or "Ana Lima").expected(len(lines)))
        lines += ["", f"Owner: {item.owner or 'Ana Lima'}", f"Due: {item.due or 'TBD'}", ""]


_WRITERS = {"task": _tasks, "bullet": _bullets, "number": _numbers, "table": _table, "heading": _headings}
