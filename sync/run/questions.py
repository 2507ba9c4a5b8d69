"""What a person must say about a document's items, numbered so that they can answer: `sync resolve N`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sync.journal.questions import Question, Questions
from sync.merge.fields import Decisions, asked_as
from sync.model import Action, ActionItem, Change, Conflict, Outcome, Plan, Ticket, TicketRef, Twins
from sync.ports import DocumentName

TICKET = "ticket"
"""What is asked of an item that is held: whether a ticket is its own."""
FOLLOWED = "followed"
"""A conflict with a ticket to which nothing is pushed."""
TWINS = "twins"
"""Which of two tickets of one item is to stay."""

_CHOICES = {TICKET: ("same", "new"), FOLLOWED: ("ticket",), TWINS: ()}


def choices(what: str) -> tuple[str, ...]:
    """The answers that a kind of question takes."""
    return _CHOICES.get(what, ("document", "ticket"))


def option(choice: str) -> str:
    """An answer as an option of the command line."""
    return f"--take {choice}" if choice in ("document", "ticket") else f"--{choice}"


def ways(question: Question) -> str:
    """How it can be answered, in words; "" where only the tracker can."""
    first, *others = [option(choice) for choice in choices(question.what)] or [""]
    if not first:
        return ""
    return " or ".join([f"`sync resolve {question.number} {first}`", *(f"`{other}`" for other in others)])


def means(question: Question, choice: str) -> str:
    """What an answer does, in plain words."""
    key = question.details.get("ticket", "")
    document, says = question.details.get("document", ""), question.details.get("says", "")
    if choice == "same":
        return f"{key} is its ticket: the link is written on the line, and {key} follows the item"
    if choice == "new":
        return f"{key} is not: the item gets a ticket of its own, and {key} stays as it is"
    if question.what in (FOLLOWED, "completion"):
        return f"{key} follows the document" if choice == "document" else f"the document follows {key}: {says}"
    if choice == "document":
        return f"{key} gets what the document says: {document}"
    return f"{key} keeps {says}, and the document its words"


def resolved(
    questions: Questions,
    name: DocumentName,
    items: Sequence[ActionItem],
    planned: Callable[[Decisions], Plan],
    named: bool = False,
) -> tuple[Plan, tuple[Question, ...]]:
    """The plan as a person's answers make it, and what is still asked, with its numbers.

    An answer counts only where the very question that it answers is asked again.

    Args:
        named: whether the document was named by hand.
    """
    answered: dict[int, tuple[int, Question]] = {}
    while True:
        made = planned(_decisions([question for _, question in answered.values()]))
        asked = _asked_in(name, items, made)
        numbered = questions.ask([replace(question, named=named) for _, question in asked])
        entries = [(index, question) for (index, _), question in zip(asked, numbered, strict=True)]
        new = {q.number: (index, q) for index, q in entries if q.answer and q.number not in answered}
        if not new:
            return _with_numbers(made, entries, answered), tuple(question for _, question in entries)
        answered |= new


def _asked_in(name: DocumentName, items: Sequence[ActionItem], made: Plan) -> list[tuple[int, Question]]:
    """Everything that a plan asks, with the index of the change that asks it, -1 for twins."""
    found = [(number, q) for number, change in enumerate(made.changes) for q in _asked(made, name, items, change)]
    return found + [(-1, _about_twins(made, name, twins)) for twins in made.twins if twins.kept]


def not_carried_out(outcomes: Sequence[Outcome], failed: bool) -> set[int]:
    """The numbers of what was answered and is to be tried again.

    Args:
        failed: something about the whole document failed.
    """
    again = (Action.FAIL, Action.HOLD)
    return {n for outcome in outcomes if failed or outcome.action in again for n in outcome.change.settles}


def _asked(made: Plan, name: DocumentName, items: Sequence[ActionItem], change: Change) -> list[Question]:
    item = items[change.index]
    found: list[Question] = []
    if change.maybe:
        details = {"item": item.text, **_ticket(change.maybe)}
        text = "; ".join(change.reasons)
        about = _digest(change.maybe.ref.tracker, change.maybe.id or change.maybe.ref.key)
        found.append(Question(made.postmortem, change.item, TICKET, about, *name, item.line, text, details))
    for conflict in change.conflicts:
        details = {"item": item.text, "document": conflict.document, "says": conflict.ticket}
        details |= _ticket(change.ticket) if change.ticket else {}
        about = _digest(conflict.document, conflict.ticket)
        what, text = _kind(change, conflict), str(conflict)
        found.append(Question(made.postmortem, asked_as(change), what, about, *name, item.line, text, details))
    return found


def _kind(change: Change, conflict: Conflict) -> str:
    return FOLLOWED if change.action is Action.FOLLOW else conflict.what


def _about_twins(made: Plan, name: DocumentName, twins: Twins) -> Question:
    younger, older = twins.younger, twins.older
    item = younger.mark.item if younger.mark else ""
    about = _digest(older.ref.key, younger.ref.key)
    details = {"item": younger.title, **_ticket(younger), "older": older.ref.key}
    return Question(made.postmortem, item, TWINS, about, *name, 0, str(twins), details)


def _ticket(ticket: Ticket) -> dict[str, str]:
    ref = ticket.ref
    shown = {"tracker": ref.tracker, "project": ref.project, "ticket": ref.key, "url": ticket.url}
    return {**shown, "title": ticket.title, "state": ticket.state.value}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _decisions(answered: Sequence[Question]) -> Decisions:
    same: dict[str, TicketRef] = {}
    new: dict[str, TicketRef] = {}
    take: dict[tuple[str, str], str] = {}
    for question in answered:
        known = question.details
        if question.answer not in choices(question.what):
            continue
        if question.what == TICKET:
            ref = TicketRef(known["tracker"], known["project"], known["ticket"])
            (same if question.answer == "same" else new)[question.item] = ref
        else:
            what = "completion" if question.what == FOLLOWED else question.what
            take[question.item, what] = question.answer
    return Decisions(same, new, take)


def _with_numbers(
    made: Plan, entries: Sequence[tuple[int, Question]], answered: Mapping[int, tuple[int, Question]]
) -> Plan:
    changes = list(made.changes)
    asked = {question.number for _, question in entries}
    for number, (index, _) in answered.items():
        if number not in asked:
            changes[index] = replace(changes[index], settles=(*changes[index].settles, number))
    for index, question in entries:
        if index >= 0:
            changes[index] = _with_number(changes[index], question)
    return replace(made, changes=tuple(changes))


def _with_number(change: Change, question: Question) -> Change:
    if question.what != TICKET or change.maybe is None:
        conflicts = (
            replace(c, question=question.number) if _kind(change, c) == question.what else c for c in change.conflicts
        )
        return replace(change, conflicts=tuple(conflicts))
    key, number = change.maybe.ref.key, question.number
    same, new = f"`sync resolve {number} --same`", f"`sync resolve {number} --new`"
    how = f"; if it is, link {key} on its line or {same}; if it is not, {new}"
    return replace(change, question=number, reasons=tuple(f"{reason}{how}" for reason in change.reasons))
