from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from config.keys import fields, plain
from config.load import load
from config.settings import settings_class

MODEL = settings_class()
EXAMPLE = Path(__file__).parents[2] / "config" / "sync.example.toml"


def keys_of_models(annotation: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key there is; a free name and a number are written as *."""
    annotation = plain(annotation)
    named = fields(annotation)
    if named is not None:
        for name, inner in named.items():
            yield from keys_of_models(inner, (*path, name))
    elif get_origin(annotation) in (dict, tuple) and fields(
        plain(get_args(annotation)[get_origin(annotation) is dict])
    ):
        yield from keys_of_models(get_args(annotation)[get_origin(annotation) is dict], (*path, "*"))
    else:
        yield path


def keys_of_file(value: Any, annotation: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    annotation = plain(annotation)
    named = fields(annotation)
    if named is not None and isinstance(value, dict):
        for name, inner in value.items():
            yield from keys_of_file(inner, named.get(name), (*path, name))
    elif get_origin(annotation) in (dict, tuple) and fields(
        plain(get_args(annotation)[get_origin(annotation) is dict])
    ):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from keys_of_file(inner, get_args(annotation)[get_origin(annotation) is dict], (*path, "*"))
    else:
        yield path


def uncommented() -> str:
    return re.sub(r'(?m)^# (?=[\w"][\w "]* = )', "", EXAMPLE.read_text("utf-8"))


def test_it_loads() -> None:
    settings = load(EXAMPLE, {}, Path("/"))
    assert settings.people["Ana Lima"].aliases == ("ana.l", "AL")
    assert settings.root == EXAMPLE.parent


def test_every_key_is_in_it_and_every_key_in_it_is_one() -> None:
    assert set(keys_of_file(tomllib.loads(uncommented()), MODEL)) == set(keys_of_models(MODEL))


def test_what_it_shows_are_the_defaults() -> None:
    settings, standard = load(EXAMPLE, {}, Path("/")), MODEL()
    for name in MODEL.model_fields.keys() - {"file", "root", "sources", "people", "routes", "policies"}:
        assert getattr(settings, name) == getattr(standard, name), name
