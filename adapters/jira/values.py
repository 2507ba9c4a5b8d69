"""Values of Jira fields from settings: templates filled in, names turned into the ids a screen allows. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.jira.text import plain

_SLOT = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_NAMED = 12
"""Allowed values named in an error."""


class ValueProblem(Exception):
    """A setting that does not fit the field; the text says why, and what would."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field of a create, edit or transition screen.

    Attributes:
        kind: Jira's own word for its type; `items` that of an array's entries; `custom` the type of a custom field.
        allowed: what the screen allows, as Jira describes it; empty where anything goes.
        rich: whether Jira wants a document of blocks (ADF) for it.
    """

    id: str
    name: str
    kind: str
    items: str = ""
    required: bool = False
    has_default: bool = False
    allowed: tuple[Mapping[str, Any], ...] = ()
    rich: bool = False
    shown: bool = True
    custom: str = ""


@dataclass(frozen=True, slots=True)
class Shapes:
    """How a dialect writes what is not plain text.

    Args:
        user: of the words of a setting (an id, a name, an e-mail address); raises ValueProblem for nobody.
        document: of plain text, for a rich field.
    """

    user: Callable[[str], Mapping[str, str]]
    document: Callable[[str], object]


def spec_of(identity: str, raw: Mapping[str, Any]) -> FieldSpec:
    """A field as createmeta, editmeta or a transition describes it."""
    schema = raw.get("schema") or {}
    custom = str(schema.get("custom") or "")
    return FieldSpec(
        id=identity,
        name=str(raw.get("name") or identity),
        kind=str(schema.get("type") or "any"),
        items=str(schema.get("items") or ""),
        required=bool(raw.get("required")),
        has_default=bool(raw.get("hasDefaultValue")),
        allowed=tuple(entry for entry in raw.get("allowedValues") or () if isinstance(entry, Mapping)),
        rich=custom.endswith(":textarea") or schema.get("system") in ("description", "environment"),
        custom=custom.rpartition(":")[2],
    )


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values in the place of `{name}`; `{{` and `}}` are braces. Names are looked up, never evaluated.

    Raises ValueProblem for a name that is not among `values`.
    """

    def one(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        name = match[1].strip()
        if name not in values:
            known = ", ".join(sorted(values))
            raise ValueProblem(f"{{{name}}} is not known; there are {known}")
        return values[name]

    return _SLOT.sub(one, template)


def filled(setting: object, values: Mapping[str, str]) -> object:
    """The same for every text within a list or a table of the settings."""
    if isinstance(setting, str):
        return fill(setting, values)
    if isinstance(setting, Mapping):
        return {str(name): filled(value, values) for name, value in setting.items()}
    if isinstance(setting, Sequence):
        return [filled(value, values) for value in setting]
    return setting


def convert(spec: FieldSpec, value: object, shapes: Shapes) -> Any:
    """What Jira wants for a field; None for an empty value. Raises ValueProblem."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if spec.custom == "gh-sprint":
        # Its schema says array, and it takes the number of one sprint.
        return _whole(value[0] if isinstance(value, list) and len(value) == 1 else value, "a sprint")
    if spec.kind == "array":
        entries = value if isinstance(value, list) else [part.strip() for part in str(value).split(",")]
        return [converted for one in entries if (converted := _one(spec, spec.items, one, shapes)) is not None]
    return _one(spec, spec.kind, value, shapes)


def _one(spec: FieldSpec, kind: str, value: object, shapes: Shapes) -> Any:
    if isinstance(value, Mapping) and kind != "option-with-child":
        return dict(value)
    text = plain(str(value))
    if kind == "sd-customerorganization":
        return _whole(value, "an organization")
    if spec.rich:
        return shapes.document(text)
    if kind == "number":
        return _number(text)
    if kind == "user":
        return dict(shapes.user(text))
    if kind == "option-with-child":
        return _cascade(spec, value)
    if kind == "issuelink":
        return {"key": text}
    if spec.allowed:
        return {"id": str(_allowed(spec.allowed, text)["id"])}
    if kind in ("option", "priority", "component", "version", "resolution", "securitylevel", "group"):
        return {"value" if kind == "option" else "name": text}
    if kind == "project":
        return {"id": text} if text.isdecimal() else {"key": text.upper()}
    if isinstance(value, int | float) and kind not in ("string", "date", "datetime"):
        return value
    return text.replace(" ", "-") if spec.id == "labels" else text


def _number(text: str) -> float | int:
    try:
        number = float(text)
    except ValueError as error:
        raise ValueProblem(f"{text!r} is no number") from error
    return int(number) if number.is_integer() else number


def _whole(value: object, what: str) -> int:
    """The number by which Jira names something that has a name for people as well."""
    text = plain(str(value))
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,18}", text):
        raise ValueProblem(f"{text!r} is no number, and Jira wants the number of {what} here (its address ends in it)")
    return int(text)


def _cascade(spec: FieldSpec, value: object) -> dict[str, Any]:
    """`Parent > Child`, a list of the two, or a table with value and child."""
    if isinstance(value, Mapping):
        words = [str(value.get("value", "")), str(value.get("child", ""))]
    else:
        words = [str(part) for part in value] if isinstance(value, list) else str(value).split(">")
    names = [plain(word) for word in words if plain(word)]
    parent = _allowed(spec.allowed, names[0] if names else "")
    if len(names) < 2:
        return {"id": str(parent["id"])}
    child = _allowed(_children(parent), names[1])
    return {"id": str(parent["id"]), "child": {"id": str(child["id"])}}


def _children(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What may be chosen below an entry. What is allowed in a field of an app may look like anything."""
    found = entry.get("children")
    return [child for child in found if isinstance(child, Mapping)] if isinstance(found, list) else []


def _allowed(allowed: Sequence[Mapping[str, Any]], text: str) -> Mapping[str, Any]:
    for entry in allowed:
        if "id" in entry and text.casefold() in (word.casefold() for word in _words(entry)):
            return entry
    raise ValueProblem(f"{text!r} is not allowed; allowed: {named(allowed)}")


def _words(entry: Mapping[str, Any]) -> list[str]:
    return [str(entry[key]) for key in ("value", "name", "key", "id") if entry.get(key) is not None]


def named(allowed: Sequence[Mapping[str, Any]]) -> str:
    """The allowed values, for a person; the first few of many."""
    names = [words[0] for entry in allowed if (words := _words(entry))]
    more = f", … ({len(names)} in all)" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def find(specs: Mapping[str, FieldSpec], name: str) -> FieldSpec | None:
    """A field by its id or, whatever the case, by its name; None when none or several have it."""
    if name in specs:
        return specs[name]
    found = [spec for spec in specs.values() if spec.name.casefold() == name.strip().casefold()]
    return found[0] if len(found) == 1 else None


def missing_line(spec: FieldSpec) -> str:
    """The line that a table of sync.toml lacks for a field that has to be filled."""
    words = _words(spec.allowed[0])[0] if spec.allowed and _words(spec.allowed[0]) else "…"
    children = _children(spec.allowed[0]) if spec.allowed else []
    if spec.kind == "option-with-child" and children and _words(children[0]):
        words += f" > {_words(children[0])[0]}"
    if spec.custom == "gh-sprint" or spec.items == "sd-customerorganization":
        return f"{_toml(spec.name)} = 0"
    value = {"number": "0", "user": '"name@example.org"'}.get(spec.kind, _toml(words))
    return f"{_toml(spec.name)} = {value}"


def _toml(text: str) -> str:
    escaped = plain(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
