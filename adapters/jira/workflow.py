"""Which transition closes or reopens an issue, and what its screen wants. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.jira.fields import stated
from adapters.jira.values import FieldSpec, Shapes, ValueProblem, convert, find, missing_line, spec_of
from sync.errors import TrackerError
from sync.model import State

DONE_WORDS = ("done", "fixed", "resolved", "completed", "complete")


@dataclass(frozen=True, slots=True)
class Step:
    """A transition that may be made, as the API describes it.

    Attributes:
        to: name of the status it leads to; "" where that is not told.
        closes: whether that status is of the category done; None where nobody can know.
    """

    id: str
    name: str
    to: str
    closes: bool | None
    specs: Mapping[str, FieldSpec]


@dataclass(frozen=True, slots=True)
class Aim:
    """Where an issue is to go.

    Attributes:
        wontdo: words in lower case that mean won't do, of resolutions and statuses.
        duplicate: closed in favour of another.
        fields: the settings' values for transition screens, by field name.
    """

    state: State
    wontdo: Sequence[str]
    duplicate: bool
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Move:
    """A transition with the fields to send.

    Attributes:
        missing: required fields without a value. The issue may have one already, so the site is asked all the same.
        resolution: the one to try if the site asks for one without having told.
    """

    step: Step
    fields: Mapping[str, Any]
    missing: tuple[FieldSpec, ...]
    resolution: str

    def refused(self, key: str, status: str, said: str) -> TrackerError:
        """Why the site did not make it, with the lines for sync.toml."""
        said = said.rstrip(".")
        wants = f" It wants {stated(self.missing)}." if self.missing else ""
        lines = "; ".join(map(missing_line, self.missing))
        return TrackerError(
            f"{key}: {self.step.name} (from {status} to {self.step.to}) was refused: {said}.{wants}",
            f"Add to [jira.transition_fields] in sync.toml: {lines}" if lines else "",
        )


def steps(answer: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Transitions as `expand=transitions.fields` gives them."""
    found: list[Step] = []
    for raw in answer:
        to = raw.get("to") or {}
        specs = {str(name): spec_of(str(name), field) for name, field in (raw.get("fields") or {}).items()}
        category = (to.get("statusCategory") or {}).get("key")
        closes = category == "done" if category else None
        found.append(Step(str(raw.get("id")), str(raw.get("name")), str(to.get("name") or ""), closes, specs))
    return tuple(found)


def choose(key: str, status: str, found: Sequence[Step], aim: Aim, shapes: Shapes) -> Move:
    """The transition to make: of those that lead where it should, the one that says best what is meant and asks least.

    Raises:
        TrackerError: there is none, and names what there is; or a setting does not fit.
    """
    closing = aim.state is not State.OPEN
    # Where nobody tells where a step leads, it is taken for neither.
    towards = [step for step in found if step.closes is closing]
    if not towards:
        have = ", ".join(f"{step.name} (to {step.to or 'a status that is not stated'})" for step in found) or "none"
        where = "a status of the category done" if closing else "a status that is not done"
        raise TrackerError(
            f"{key}: no transition leads from {status!r} to {where}; available: {have}.",
            "Let the workflow have one that this account may use, or move the ticket by hand.",
        )
    problems: list[str] = []
    moves: list[Move] = []
    for step in towards:
        try:
            fields = _fields(step, aim, shapes)
        except ValueProblem as problem:
            problems.append(f"{step.name} (to {step.to}) {problem}")
            continue
        missing = [s for s in step.specs.values() if s.required and not s.has_default and s.id not in fields]
        moves.append(Move(step, fields, tuple(missing), _resolution_name(aim)))
    if not moves:
        raise TrackerError(f"{key} cannot be moved out of {status!r}: {'; '.join(problems)}.", "Correct sync.toml.")
    return min(moves, key=lambda move: _rank(move, aim))


def _rank(move: Move, aim: Aim) -> tuple[bool, int, bool]:
    """Best first: says what is meant, asks for little, leads to a status that says the same."""
    step = move.step
    negative = step.to.lower() in aim.wontdo or step.name.lower() in aim.wontdo
    if aim.state is State.WONTDO:
        return not (negative or "resolution" in move.fields), len(move.missing), not negative
    return negative, len(move.missing), False


def _fields(step: Step, aim: Aim, shapes: Shapes) -> dict[str, Any]:
    result: dict[str, Any] = {}
    resolution = step.specs.get("resolution")
    if resolution is not None and aim.state is not State.OPEN:
        entry = _resolution(resolution, aim)
        if entry is not None:
            result["resolution"] = {"name": entry}
    for name, setting in aim.fields.items():
        spec = find(step.specs, name)
        if spec is not None and spec.id not in result:
            try:
                value = convert(spec, setting, shapes)
            except ValueProblem as problem:
                raise ValueProblem(f"does not take jira.transition_fields.{name!r}: {problem}") from problem
            if value is not None:
                result[spec.id] = value
    return result


def _resolution(spec: FieldSpec, aim: Aim) -> str | None:
    """The name of the allowed resolution that says what is meant; None when there is none."""
    names = [str(entry.get("name")) for entry in spec.allowed]
    if aim.duplicate:
        wanted: tuple[str, ...] = ("duplicate", *aim.wontdo)
    elif aim.state is State.WONTDO:
        wanted = tuple(word for word in aim.wontdo if word != "duplicate")
    else:
        wanted = DONE_WORDS
    for word in wanted:
        for name in names:
            if name.lower() == word:
                return name
    return None


def _resolution_name(aim: Aim) -> str:
    """For a site that wants a resolution without having told: `expand` can leave it out."""
    if aim.state is State.OPEN:
        return ""
    if aim.duplicate:
        return "Duplicate"
    return "Done" if aim.state is State.DONE else "Won't Do"
