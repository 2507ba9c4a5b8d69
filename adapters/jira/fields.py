"""The fields of a new issue: what the desired ticket asks for, as far as the create screen has room for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.jira.text import plain
from adapters.jira.values import (
    FieldSpec,
    Shapes,
    ValueProblem,
    convert,
    filled,
    find,
    missing_line,
    named,
)
from sync.errors import TrackerError
from sync.model import DesiredTicket

SUMMARY_LIMIT = 255
"""Of Jira's, counted in UTF-16 units as Java does."""

OWN = ("project", "issuetype", "summary", "description", "labels", "duedate", "assignee", "priority", "components")
OPTIONAL = frozenset({"duedate", "assignee", "priority", "components", "labels", "parent"})
"""What a ticket is created without, and told of, when the site refuses it. Never the security level."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings say about new issues.

    Attributes:
        fields, components, security_level: by name; texts may hold `{name}` of the item's values.
    """

    issue_type: str = "Task"
    fields: Mapping[str, object] = field(default_factory=dict)
    components: Sequence[str] = ()
    security_level: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """The create screen of an issue type. `specs` by field id."""

    project: str
    type_id: str
    type_name: str
    specs: Mapping[str, FieldSpec]


@dataclass(slots=True)
class Draft:
    """Fields of an issue to be created, what is to be tried as an edit afterwards, and what was left out.

    Attributes:
        epic: id of the field that holds the parent, where the screen has an Epic Link instead.
    """

    fields: dict[str, Any]
    later: dict[str, Any] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    epic: str = ""


def summary(text: str) -> str:
    """A title as Jira holds it: one line of at most 255 UTF-16 units."""
    line = plain(text, 4 * SUMMARY_LIMIT) or "Action item"
    if _units(line) <= SUMMARY_LIMIT:
        return line
    while _units(line) > SUMMARY_LIMIT - 1:
        line = line[:-1]
    return line.rstrip() + "…"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def draft(
    desired: DesiredTicket,
    screen: Screen,
    wanted: Wanted,
    shapes: Shapes,
    description: object,
    assignee: Any,
    parent: str,
    trial: bool = False,
) -> Draft:
    """The fields of one new issue.

    Args:
        description, assignee: in the dialect's own shape; assignee None for nobody.
        parent: key of the epic or incident it belongs to, or "".
        trial: nothing will be created: settings that depend on an item's values are not looked into.

    Raises:
        TrackerError: a field must be filled and is not; names it, what it allows, and the line for sync.toml.
    """
    fields: dict[str, Any] = {
        "project": {"key": screen.project},
        "issuetype": {"id": screen.type_id},
        "summary": summary(desired.title),
    }
    result = Draft(fields)
    asked: dict[str, Any] = {"labels": list(desired.labels) or None, "description": description, "assignee": assignee}
    asked["duedate"] = desired.due.isoformat() if desired.due else None
    asked["parent"] = {"key": parent} if parent else None
    for name, value in asked.items():
        if value is None:
            continue
        if name in screen.specs:
            fields[name] = value
        elif name == "parent" and (epic := _epic_link(screen)):
            fields[epic] = parent
            result.epic = epic
        elif name == "parent":
            result.dropped.append(f"parent {parent} (not on the create screen of {screen.type_name})")
        else:
            result.later[name] = value
    _priority(desired, screen, result)
    _chosen(desired, screen, wanted, shapes, fields, trial)
    _complete(screen, fields)
    return result


def _epic_link(screen: Screen) -> str:
    """Id of the Epic Link, a Data Center's parent where the screen has no other; "" where it has none."""
    return next((spec.id for spec in screen.specs.values() if spec.custom == "gh-epic-link"), "")


def _priority(desired: DesiredTicket, screen: Screen, result: Draft) -> None:
    if not desired.priority:
        return
    spec = screen.specs.get("priority")
    wanted = desired.priority.casefold()
    allowed = spec.allowed if spec else ()
    found = [e for e in allowed if str(e.get("name", "")).casefold() == wanted and e.get("id")]
    if found:
        result.fields["priority"] = {"id": str(found[0]["id"])}
    elif spec and spec.allowed:
        result.dropped.append(f"priority {desired.priority} (the project has {named(spec.allowed)})")
    else:
        result.dropped.append(f"priority {desired.priority} (not on the create screen of {screen.type_name})")


def _chosen(
    desired: DesiredTicket, screen: Screen, wanted: Wanted, shapes: Shapes, fields: dict[str, Any], trial: bool
) -> None:
    """What the settings ask for by name; a wrong name or value is an error, for silence would lose it."""
    values = dict(desired.values)
    named_fields: dict[str, object] = dict(wanted.fields)
    if wanted.components:
        named_fields["components"] = list(wanted.components)
    if wanted.security_level:
        named_fields["security"] = wanted.security_level
    for name, setting in named_fields.items():
        key = {"components": "jira.components", "security": "jira.security_level"}.get(name, f"jira.fields.{name!r}")
        spec = find(screen.specs, name)
        if spec is None:
            known = ", ".join(sorted(s.name for s in screen.specs.values() if s.id not in OWN))
            raise TrackerError(
                f"{key}: the create screen of {screen.type_name} in {screen.project} has no field {name!r}.",
                f"It has {known}." if known else "",
            )
        if trial and "{" in str(setting):
            fields[spec.id] = str(setting)
            continue
        try:
            value = convert(spec, filled(setting, values), shapes)
        except ValueProblem as problem:
            raise TrackerError(f"{key}: {problem}.", "Correct it in sync.toml.") from problem
        if value is not None:
            fields[spec.id] = value


def _complete(screen: Screen, fields: Mapping[str, Any]) -> None:
    missing = [
        spec
        for spec in screen.specs.values()
        if spec.required and not spec.has_default and spec.id not in fields and spec.id not in ("reporter",)
    ]
    if missing:
        raise TrackerError(
            f"{screen.project} wants {screen.type_name} issues to have {stated(missing)}.",
            "Add to [jira.fields] in sync.toml: " + "; ".join(map(missing_line, missing)),
        )


def stated(specs: Sequence[FieldSpec]) -> str:
    """Fields for a person: each name with what it allows."""
    return ", ".join(
        f"{spec.name!r}" + (f" (allowed: {named(spec.allowed)})" if spec.allowed else "") for spec in specs
    )
