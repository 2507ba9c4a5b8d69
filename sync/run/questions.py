"""What a person must say about a document's items, numbered so that they can answer: `sync resolve N`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sync.journal.identity import Question, Questions
from sync.model import Action, ActionItem, Change, Plan
from sync.ports import DocumentName

TICKET = "ticket"
"""What is asked of an item that is held: whether a ticket is its own."""


def numbered(questions: Questions, name: DocumentName, items: Sequence[ActionItem], made: Plan) -> Plan:
    """The plan with the number of each question in it; the same question keeps its number from run to run."""
    asked: list[tuple[int, Question]] = []
    for place, change in enumerate(made.changes):
        for what, text in _asked(change):
            line = items[change.index].line
            asked.append((place, Question(0, made.postmortem, change.item, what, *name, line, text)))
    if not asked:
        return made
    numbers = questions.ask([question for _, question in asked])
    changes = list(made.changes)
    for (place, question), number in zip(asked, numbers, strict=True):
        changes[place] = _with_number(changes[place], question.what, number)
    return replace(made, changes=tuple(changes))


def numbers_in(changes: Sequence[Change]) -> list[int]:
    """The numbers of what is asked in these changes."""
    numbers = [change.question for change in changes if change.question]
    return numbers + [c.question for change in changes for c in change.conflicts if c.question]


def _asked(change: Change) -> list[tuple[str, str]]:
    """(what is asked, in words) about one item."""
    asked = [(conflict.what, str(conflict)) for conflict in change.conflicts if change.action is not Action.FOLLOW]
    return [(TICKET, "; ".join(change.reasons)), *asked] if change.maybe else asked


def _with_number(change: Change, what: str, number: int) -> Change:
    if what != TICKET or change.maybe is None:
        conflicts = [replace(c, question=number) if c.what == what else c for c in change.conflicts]
        return replace(change, conflicts=tuple(conflicts))
    key = change.maybe.ref.key
    same, new = f"`sync resolve {number} --same`", f"`sync resolve {number} --new`"
    ways = f"; if it is, link {key} on its line or {same}; if it is not, {new}"
    return replace(change, question=number, reasons=tuple(f"{reason}{ways}" for reason in change.reasons))
