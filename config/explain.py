"""Turns every wrong value into a sentence: who set it, what was found, what would be right. No secret is ever shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from config.found import Found
from config.keys import described, is_secret, near, plain, reach, shown
from sync.process.redaction import looks_secret

LONGEST = 40
"""Characters of a wrong value that are shown."""


def explain(error: ValidationError, found: Found, model: type[BaseModel]) -> Iterator[str]:
    """One sentence for each value that pydantic refused."""
    for problem in error.errors(include_url=False, include_context=True, include_input=True):
        path = tuple(str(part + 1 if isinstance(part, int) else part) for part in problem["loc"])
        missing = problem["type"] == "missing"
        where = found.where(path[:-1] if missing else path)
        yield f"{where}: {shown(path)}: {_words(problem, path, model)}"


def _words(problem: Mapping[str, Any], path: tuple[str, ...], model: type[BaseModel]) -> str:
    annotation = reach(model, path)
    wanted = described(annotation)
    limits = problem.get("ctx") or {}
    if problem["type"] == "missing":
        return f"it is missing, must be {wanted}."
    bounds = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    wanted += "".join(f", {bounds[name]} {value:g}" for name, value in limits.items() if name in bounds)
    if problem["type"] == "string_pattern_mismatch":
        wanted = _description(model, path) or f"text that fits {limits.get('pattern')}"
    value = problem.get("input")
    rest = f" (default {default})" if (default := _default(model, path)) else ""
    return f"found {_shown(value, annotation)}, must be {wanted}{rest}.{_cure(value, annotation)}"


def _shown(value: Any, annotation: Any) -> str:
    """What was found, in words; of a secret, or what may be one, only its type."""
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a table"}
    name = kinds.get(type(value), "a date or time")
    if is_secret(annotation) or not isinstance(value, bool | int | float | str):
        return name
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value!r:.20}"
    if value == "":
        return "empty text"
    return name if looks_secret(value) or not value.isprintable() else f'"{value[:LONGEST]}"'


def _cure(value: Any, annotation: Any) -> str:
    if get_origin(annotation) is Literal and isinstance(value, str):
        close = near(value, [choice for choice in get_args(annotation) if choice])
        return f' Did you mean "{close}"?' if close else ""
    return ""


def _info(model: Any, path: tuple[str, ...]) -> FieldInfo | None:
    named = getattr(reach(model, path[:-1]), "model_fields", None)
    return named.get(path[-1]) if isinstance(named, dict) else None


def _description(model: Any, path: tuple[str, ...]) -> str:
    """What the key takes, where the model says it in words."""
    info = _info(model, path)
    return info.description or "" if info else ""


def _default(model: Any, path: tuple[str, ...]) -> str:
    """The key's default as TOML writes it; empty when it has none worth telling."""
    info = _info(model, path)
    if info is None:
        return ""
    value = None if info.is_required() else info.get_default()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value:
        return f'"{value}"'
    return f"{value:g}" if isinstance(value, int | float) and plain(info.annotation) in (int, float) else ""
