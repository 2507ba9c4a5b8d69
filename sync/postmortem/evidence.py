"""How sure it is that a line is an action: signs are summed, each with its weight, and the sum falls into a zone.

The weights were fitted on real postmortems, and judged on teams that were left out (`python -m tests.corpus.fit`),
then rounded. A sign is a clause that `parse --explain` shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from sync.model import ActionItem, Notation, State
from sync.postmortem import tense
from sync.postmortem.fields import states
from sync.postmortem.sections import Standing


class Zone(StrEnum):
    """What becomes of a line."""

    SURE = "sure"
    UNSURE = "unsure"
    OUT = "left out"


WEIGHTS = {
    # where it stands
    "below a heading for actions": 3.0,
    "below a heading about measures": 2.4,
    "below a heading about prevention": 2.0,
    "below an outlook": 1.6,
    "below a heading with a word for actions": 0.8,
    "announced by the sentence above": 2.4,
    "a table with a column for actions": 1.6,
    "below a heading that says nothing of actions": -4.2,
    "below a heading about something else": -4.8,
    "among lessons": -2.2,
    "below a heading about the response": -1.6,
    "the heading says that it is to be done": 1.0,
    # what form it has
    "a box": 3.0,
    "an owner": 1.8,
    "a due date": 1.8,
    "a ticket": 1.2,
    "a column for owners, dates, states or tickets": 2.0,
    "a heading with its details below": 0.8,
    "words in bold in front": 0.6,
    "a sentence in a paragraph": -0.6,
    # what its words do
    "asks for a change": 1.6,
    "says what will or must be done": 1.4,
    "tells what was done": -1.4,
    "describes what is": -1.6,
    "is put as a question": -2.2,
    "is put as an idea": -2.2,
    "is a rule for every day": -1.6,
    "ends with a colon": -1.0,
    "says that it is none": -6.0,
    # what stands around it
    "boxes beside it": -2.0,
    "others beside it ask for a change": 0.6,
    "others beside it tell what was done": -1.2,
    "introduced as one of several ways": -4.5,
    "the document lists its actions elsewhere": -1.2,
    "repeats an action listed elsewhere": -4.0,
}
"""What each sign weighs; the sum decides."""

SURE = 1.2
"""From which sum a line is an action."""

UNSURE = 0.0
"""From which sum it may be one."""

PLACES = {
    Standing.ACTIONS: "below a heading for actions",
    Standing.MEASURES: "below a heading about measures",
    Standing.AIM: "below a heading about prevention",
    Standing.OUTLOOK: "below an outlook",
    Standing.MAYBE: "below a heading with a word for actions",
    Standing.LEARNING: "among lessons",
    Standing.OTHER: "below a heading about something else",
    Standing.DONE: "below a heading about something else",
    Standing.PART: "below a heading that says nothing of actions",
    Standing.UNKNOWN: "below a heading that says nothing of actions",
}


class Verdict(NamedTuple):
    """The zone of a line, and the signs that led there with their weights, the heaviest first."""

    zone: Zone
    total: float
    parts: tuple[tuple[str, float], ...]

    @property
    def against(self) -> str:
        """The signs that speak against it, in words."""
        return ", ".join(sign for sign, weight in self.parts if weight < 0)


_VETO = -4.0
"""A sign of this weight leaves a line out even where actions are promised; another leaves it unsure there."""


def weigh(signs: Iterable[str]) -> Verdict:
    """Sum the signs of a line."""
    parts = sorted(((sign, WEIGHTS[sign]) for sign in signs), key=lambda part: -abs(part[1]))
    total = round(sum(weight for _, weight in parts), 2)
    promised = any(sign == PLACES[Standing.ACTIONS] for sign, _ in parts)
    vetoed = any(weight <= _VETO for _, weight in parts)
    zone = Zone.SURE if total >= SURE else Zone.OUT
    if zone is Zone.OUT and (total >= UNSURE or (promised and not vetoed)):
        zone = Zone.UNSURE
    return Verdict(zone, total, tuple(parts))


def of_form(item: ActionItem) -> set[str]:
    """The signs in the form of an item, whatever its words."""
    signs = set()
    if item.notation is Notation.TASK:
        signs.add("a box")
    if item.owners:
        signs.add("an owner")
    if item.due and item.due.text:
        signs.add("a due date")
    if item.references:
        signs.add("a ticket")
    if item.notation is Notation.HEADING:
        signs.add("a heading with its details below")
    if item.notation is Notation.PROSE:
        signs.add("a sentence in a paragraph")
    return signs


def of_words(text: str, state: State) -> set[str]:
    """The signs in the words of an item."""
    signs = set()
    if tense.is_imperative(text):
        signs.add("asks for a change")
    elif tense.intends(text):
        signs.add("says what will or must be done")
    elif (
        state is not State.OPEN and (tense.tells_past(text) or states.sentence(text) is State.DONE)
    ) or tense.was_left_done(text):
        signs.add("tells what was done")
    elif tense.describes(text):
        signs.add("describes what is")
    if text.endswith(("?", "？")):
        signs.add("is put as a question")
    elif tense.is_idea(text):
        signs.add("is put as an idea")
    if tense.is_rule(text):
        signs.add("is a rule for every day")
    if text.endswith((":", "：")):
        signs.add("ends with a colon")
    if tense.denies(text):
        signs.add("says that it is none")
    return signs
