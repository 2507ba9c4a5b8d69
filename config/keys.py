"""What keys there are: walks the settings' models, and tells unknown keys with the nearest known one. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import SecretStr

from sync.process.redaction import looks_secret


class Absent:
    """Stands for the type of a key that does not exist."""


def plain(annotation: Any) -> Any:
    """The type without `| None` and without annotations."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        choices = get_args(annotation)[:1] if get_origin(annotation) is Annotated else get_args(annotation)
        annotation = next(one for one in choices if one is not type(None))
    return annotation


def fields(annotation: Any) -> dict[str, Any] | None:
    """Names and types of a model's keys; None for anything that is no model. What `load` fills in is excluded."""
    found = getattr(annotation, "model_fields", None)
    if not isinstance(found, dict):
        return None
    return {name: info.annotation for name, info in found.items() if not info.exclude}


def step(annotation: Any, part: str) -> Any:
    """The type of what stands under `part`; Absent when nothing can."""
    annotation = plain(annotation)
    named = fields(annotation)
    if named is not None:
        return plain(named.get(part, Absent))
    if get_origin(annotation) is dict:
        return plain(get_args(annotation)[1])
    if get_origin(annotation) is tuple and part.isdecimal():
        return plain(get_args(annotation)[0])
    return Any if annotation is Any else Absent


def reach(annotation: Any, path: tuple[str, ...]) -> Any:
    """The type of the key at the end of a path; Absent when there is no such key."""
    for part in path:
        annotation = step(annotation, part)
    return plain(annotation)


def leaves(annotation: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every key that is no table of known keys, with its type. Keys below a free name (`sources.NAME`) are left out."""
    for name, inner in (fields(annotation) or {}).items():
        inner = plain(inner)
        if fields(inner) is None:
            yield (*path, name), inner
        else:
            yield from leaves(inner, (*path, name))


def is_secret(annotation: Any) -> bool:
    """Whether a value of this type is to be hidden."""
    return plain(annotation) is SecretStr


def secrets_in(value: Any, annotation: Any) -> Iterator[str]:
    """Every secret that stands in what was set, right or wrong."""
    if is_secret(annotation) and isinstance(value, str | list):
        yield from (text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from secrets_in(inner, step(annotation, str(key)))


def sift(value: Any, annotation: Any, place: str, path: tuple[str, ...], problems: list[str], model: Any) -> Any:
    """The value without unknown keys; a sentence about each of those is added to `problems`."""
    annotation = plain(annotation)
    named = fields(annotation)
    if isinstance(value, Mapping):
        kept = {}
        for key, inner in value.items():
            if named is not None and key not in named:
                problems.append(
                    f"{place}: {shown((*path, key))}: there is no such key.{_cure(key, path, named, model)}"
                )
            else:
                kept[key] = sift(inner, step(annotation, key), place, (*path, key), problems, model)
        return kept
    if isinstance(value, list) and get_origin(annotation) is tuple:
        element = get_args(annotation)[0]
        return [
            sift(inner, element, place, (*path, str(number)), problems, model)
            for number, inner in enumerate(value, start=1)
        ]
    return value


def shown(path: tuple[str, ...]) -> str:
    """A key as TOML writes it: limits.new_tickets, people."Ana Lima".github."""
    return ".".join(_quoted(part) for part in path)


def _quoted(part: str) -> str:
    if looks_secret(part):
        return "(a name that looks like a secret)"
    return part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part, ensure_ascii=False)


def _cure(key: str, path: tuple[str, ...], named: Mapping[str, Any], model: Any) -> str:
    close = near(key, list(named))
    if close:
        return f" Did you mean {close}?"
    elsewhere = [other for other, _ in leaves(model) if other[-1] == key.lower() and other[:-1] != path]
    if elsewhere:
        return f" Did you mean {' or '.join(map(shown, elsewhere))}?"
    return f" There are: {', '.join(sorted(named))}."


def near(word: str, known: list[str]) -> str:
    """The known word that is most like it; empty when none is."""
    import difflib

    found = difflib.get_close_matches(word.lower(), known, 1, 0.6)
    return found[0] if found else ""


def described(annotation: Any) -> str:
    """What a key takes, in words."""
    annotation = plain(annotation)
    origin = get_origin(annotation)
    if origin is Literal:
        return " or ".join(f'"{choice}"' for choice in get_args(annotation) if choice)
    if origin is tuple:
        return f"a list of {_several(get_args(annotation)[0])}"
    if origin is dict or fields(annotation) is not None:
        return "a table"
    return {bool: "true or false", int: "a whole number", float: "a number"}.get(annotation, "text")


def _several(annotation: Any) -> str:
    words = described(annotation)
    return {"text": "texts", "a table": "tables"}.get(words, words)
