"""Is each action item specific, owned and dated, and is the write-up complete and blameless? Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sync.check import blame, guide, ignore, reading
from sync.check.ignore import Ignored
from sync.check.reading import Reading
from sync.check.rules import BY_ID, RULES, Severity
from sync.check.specific import vague
from sync.formats import FORMATS, Format
from sync.model import ActionItem, DueKind, InlineSlot, OwnerKind, Postmortem, Span, State
from sync.policies.policies import Judgement, Kind, Policies, Progress, Subject, judge
from sync.postmortem.fields.vocabulary import NOT_NAMES

FARTHEST = timedelta(days=366)
"""A due date later than this after the incident is taken for a slip."""

_BREACHES = {
    Kind.ASSIGNED: ("it was to have an owner by", "Name one person or team."),
    Kind.DUE: ("it is to be due by", "Name an earlier day, or make a smaller first step by then."),
    Kind.DONE: ("it was to be done by", "Say that it is done, or that it won't be."),
}
_ORDER = {rule.id: number for number, rule in enumerate(RULES)}


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What settings change (`[check]`, and `items.sections`).

    Attributes:
        disable: rules that are off.
        severity: how much a rule matters instead of its own severity.
        max_items: more open items are too many.
        sections: further headings that begin the action items.
        policies: how soon items have an owner and a due date, and are done.
    """

    disable: frozenset[str] = frozenset()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    max_items: int = 7
    sections: tuple[str, ...] = ()
    policies: Policies = field(default_factory=Policies)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something to change in a document.

    Attributes:
        rule: its id.
        message: what is found, a clause without a full stop.
        suggestion: what to do, as a sentence.
        line, column, end_column: where, on one line, counted from 1; columns in characters, the end behind the last.
        span: the same in bytes.
        items: indexes of the action items it speaks of.
        also: further lines it speaks of.
    """

    rule: str
    severity: Severity
    message: str
    suggestion: str
    line: int
    column: int
    end_column: int
    span: Span
    items: tuple[int, ...] = ()
    also: tuple[int, ...] = ()


def check(
    postmortem: Postmortem,
    today: date,
    options: CheckOptions | None = None,
    formats: Mapping[str, Format] = FORMATS,
) -> tuple[Diagnostic, ...]:
    """Everything the rules find in a document, in its order.

    Args:
        postmortem: as understood; its bytes are read again for headings and wording.
        today: what a due date is past or not.
        formats: by name; the postmortem's own is asked for headings and wording.

    Raises:
        DocumentError: one block of the document holds an absurd amount of markup.
    """
    checker = _Checker(postmortem, today, options or CheckOptions(), formats)
    found = [*checker.items(), *checker.document(), *checker.wording(), *checker.comments()]
    return tuple(sorted(found, key=lambda one: (one.span, _ORDER[one.rule])))


class _Checker:
    def __init__(
        self, postmortem: Postmortem, today: date, options: CheckOptions, formats: Mapping[str, Format]
    ) -> None:
        self._postmortem = postmortem
        self._today = today
        self._options = options
        self._reading: Reading = reading.read(postmortem, formats)
        self._ignored: Ignored = ignore.read(self._reading)
        self._sure = [(index, item) for index, item in enumerate(postmortem.items) if not item.unsure]
        self._open = [(index, item) for index, item in self._sure if item.state is State.OPEN]
        # The ticket has the owner, the date and the details of an item that links one.
        self._untracked = [(index, item) for index, item in self._open if not item.references]

    # what is told, and where

    def _tell(
        self, rule: str, span: Span, message: str, suggestion: str, items: tuple[int, ...] = ()
    ) -> Iterator[Diagnostic]:
        """A finding, unless its rule is off here."""
        line, column = self._reading.place(span.start)
        if not self._is_on(rule, line, self._reading.place(max(span.start, span.end - 1))[0], items[:1]):
            return
        end = max(span.start, min(span.end, self._reading.line_end(span.start)))
        severity = self._options.severity.get(rule, BY_ID[rule].severity)
        also = tuple(dict.fromkeys(self._postmortem.items[index].line for index in items[1:]))
        width = len(self._postmortem.data[span.start : end].decode("utf-8", "ignore").removeprefix("\ufeff"))
        yield Diagnostic(
            rule, severity, message, suggestion, line, column, column + width, Span(span.start, end), items, also
        )

    def _is_on(self, rule: str, first: int, last: int, items: tuple[int, ...] = ()) -> bool:
        if rule in self._options.disable or self._ignored.covers(rule, first, last):
            return False
        return all(self._wants(rule, self._postmortem.items[index]) for index in items)

    def _wants(self, rule: str, item: ActionItem) -> bool:
        """Whether no comment within an item switches a rule off."""
        last, _ = self._reading.place(max(item.span.start, item.span.end - 1))
        return not self._ignored.covers(rule, item.line, last)

    def _words(self, item: ActionItem) -> Span:
        """The first line of an item's own words."""
        data = self._postmortem.data
        span = item.slot.content if isinstance(item.slot, InlineSlot) else item.span
        if not isinstance(item.slot, InlineSlot):
            at = data.find(item.text.encode(), span.start, span.end)
            if item.text and at >= 0:
                return Span(at, at + len(item.text.encode()))
            bare = data[span.start : span.end].lstrip(b" \t|")
            span = Span(span.end - len(bare), span.end)
        end = min(span.end, self._reading.line_end(span.start))
        comment = data.find(b"<!--", span.start, end)
        return Span(span.start, len(data[:comment].rstrip()) if comment > span.start else end)

    # items

    def items(self) -> Iterator[Diagnostic]:
        for index, item in enumerate(self._postmortem.items):
            if item.unsure:
                message = f"this may be no action item: {item.unsure}"
                cure = "Write it as a change to make; as it is, it gets no ticket."
                yield from self._tell("unsure", self._words(item), message, cure, (index,))
        for index, item in self._untracked:
            if problem := vague(item.text):
                message, cure = problem
                yield from self._tell("specific", self._words(item), f"the item {message}", cure, (index,))
            people = [owner for owner in item.owners if owner.kind is not OwnerKind.TEAM]
            if len(people) > 1 or (not people and len(item.owners) > 1):
                where = item.owners[1].span or self._words(item)
                message = f"{len(item.owners)} owners"
                yield from self._tell("one-owner", where, message, "Name the one who sees to it first.", (index,))
        yield from self._lacking(
            "owned",
            [index for index, item in self._untracked if not item.owners],
            ("names no owner", "names an owner"),
            "Name one person or team, for example: owner: @name",
        )
        yield from self._lacking(
            "dated",
            [index for index, item in self._untracked if not (item.due and item.due.text) and not self._filled(item)],
            ("has no due date", "has a due date"),
            "Name a day, for example: due: " + (self._today + timedelta(days=28)).isoformat(),
        )
        for index, item in self._open:
            yield from self._due(index, item)
        for index, item in self._untracked:
            yield from self._policies(index, item)
        limit = self._options.max_items
        if len(self._open) > limit:
            message = f"{len(self._open)} open items, more than {limit}"
            cure = "Keep those that would have prevented this incident; leave the rest to the backlog."
            index, item = self._open[limit]
            yield from self._tell("few-items", self._words(item), message, cure, (index,))

    def _lacking(self, rule: str, indexes: list[int], what: tuple[str, str], cure: str) -> Iterator[Diagnostic]:
        """One finding for each item; only one when it is how the whole list is written."""
        items = self._postmortem.items
        wanted = tuple(index for index in indexes if self._wants(rule, items[index]))
        if len(wanted) > 1 and len(wanted) == sum(self._wants(rule, item) for _, item in self._untracked):
            message = f"none of the {len(wanted)} open items {what[1]}"
            yield from self._tell(rule, self._words(items[wanted[0]]), message, cure, wanted)
            return
        for index in wanted:
            yield from self._tell(rule, self._words(items[index]), f"the item {what[0]}", cure, (index,))

    def _subject(self, item: ActionItem) -> Subject:
        here = self._postmortem
        return Subject(here.severity, here.service, here.team, here.labels, item.priority or "", item.type or "")

    def _filled(self, item: ActionItem) -> bool:
        """Whether a policy gives the item a due date."""
        return self._options.policies.filled(self._subject(item), self._postmortem.date) is not None

    def _policies(self, index: int, item: ActionItem) -> Iterator[Diagnostic]:
        """What breaks a policy, unless another rule has told that the owner or the date is missing."""
        missing = {Kind.ASSIGNED: "owned"} | ({} if item.due_date else {Kind.DUE: "dated"})
        standing = Progress(State.OPEN, bool(item.owners), item.due_date)
        for one in self._options.policies.deadlines(self._subject(item), self._postmortem.date):
            if one.by is None or judge(one, standing, self._today) is not Judgement.BROKEN:
                continue
            if missing.get(one.kind, "") not in {"", *self._options.disable}:
                continue
            if one.kind in missing and one.policy.fills_due:
                continue
            message, cure = _BREACHES[one.kind]
            stated = item.due.span if one.kind is Kind.DUE and item.due else None
            message += f" {one.by.isoformat()} ({one.within} after the incident; policy “{one.policy.name}”)"
            yield from self._tell("policy", stated or self._words(item), message, cure, (index,))

    def _due(self, index: int, item: ActionItem) -> Iterator[Diagnostic]:
        due = item.due
        if due is None or not due.text:
            return
        where = due.span or self._words(item)
        incident = self._postmortem.date
        if due.kind is DueKind.AMBIGUOUS:
            cure = "Write it as YYYY-MM-DD, or set items.date_order."
            yield from self._tell("due-valid", where, f"“{due.text}” can be two days", cure, (index,))
        elif due.kind is DueKind.INVALID:
            yield from self._tell("due-valid", where, f"“{due.text}” is no day", "Correct it.", (index,))
        elif due.date is None:
            if not item.references:
                cure = "Name a day; it can be moved, but not overlooked."
                yield from self._tell("dated", where, f"“{due.text}” is no day", cure, (index,))
        elif incident and due.date < incident:
            message = f"the due date is before the incident, {incident.isoformat()}"
            yield from self._tell(
                "due-valid", where, message, "Correct the date, or say that the item is done.", (index,)
            )
        elif due.date - (incident or self._today) > FARTHEST:
            message = "the due date is more than a year after the incident"
            yield from self._tell("due-far", where, message, "Correct the year, or make a first step sooner.", (index,))
        elif due.date < self._today and not item.references:
            cure = "Move it to a day that will be kept, or say that the item is done."
            yield from self._tell("due-past", where, "the due date has passed", cure, (index,))

    # the document

    def document(self) -> Iterator[Diagnostic]:
        headings = self._reading.headings
        top = Span(headings[0].start, headings[0].end) if headings else Span(0, self._reading.line_end(0))
        if not self._postmortem.items:
            lists = [one for one in headings if guide.ACTIONS in guide.named(one.words, self._options.sections)]
            where = Span(lists[0].start, lists[0].end) if lists else top
            cure = "Write each as a line of a list: - [ ] change, owner: @name, due: YYYY-MM-DD"
            yield from self._tell("has-items", where, "no action item", cure)
        lacks = guide.missing(self._reading)
        if lacks:
            cure = "Add what is missing; a sentence is enough. `sync new` writes them all."
            yield from self._tell("sections", top, f"no section: {', '.join(lacks)}", cure)
        hollow = guide.empty(self._reading)
        if hollow:
            where = Span(hollow[0][1].start, hollow[0][1].end)
            names = ", ".join(name for name, _ in hollow)
            yield from self._tell(
                "empty-section", where, f"nothing is written under: {names}", "Fill in, or say why not."
            )

    def wording(self) -> Iterator[Diagnostic]:
        for found in blame.find(self._reading.passages, self._people()):
            yield from self._tell("blameless", Span(found.start, found.end), found.message, found.suggestion)

    def _people(self) -> Iterator[str]:
        """Names of people in this document. A word that is written in lower case elsewhere is none."""
        words = set(self._postmortem.data.decode("utf-8", "ignore").split())
        owners = (owner for item in self._postmortem.items for owner in item.owners)
        known = [owner.text for owner in owners if owner.kind in (OwnerKind.NAME, OwnerKind.HANDLE)]
        for name in {*known, *self._reading.people}:
            low = name.casefold()
            if " " in name or (low not in words and low not in NOT_NAMES):
                yield name

    def comments(self) -> Iterator[Diagnostic]:
        for offset, name in self._ignored.named:
            if name not in BY_ID:
                near = difflib.get_close_matches(name, BY_ID, 1)
                cure = f"Did you mean “{near[0]}”?" if near else f"Rules are: {', '.join(BY_ID)}."
                end = self._postmortem.data.find(b"-->", offset) + 3
                yield from self._tell("ignore", Span(offset, end), f"“{name}” is no rule", cure)
