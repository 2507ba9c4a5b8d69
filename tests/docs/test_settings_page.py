"""The pages that are written from the settings are as the settings are."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from config.load import load
from docs.generate import example
from docs.generate import settings as describe

DOCS = Path(__file__).parents[2] / "docs"
STALE = "docs/ is not what the settings say: run `make docs`"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return describe.schema()


def test_the_example_is_not_stale() -> None:
    assert describe.EXAMPLE.read_text("utf-8") == example.compose(), STALE


def test_the_page_of_the_settings_is_not_stale() -> None:
    assert (DOCS / "configuration.md").read_text("utf-8") == describe.page(), STALE


def test_the_schema_for_editors_is_not_stale(schema: dict[str, Any]) -> None:
    assert json.loads((DOCS / "sync.schema.json").read_text("utf-8")) == schema, STALE


def test_every_key_is_explained() -> None:
    said = describe.meanings()
    every = list(describe.keys())
    assert [path for path, annotation, _ in every if not said.get(path) and not describe.is_table(annotation)] == []


def test_the_schema_takes_what_the_program_takes_and_nothing_else(schema: dict[str, Any], tmp_path: Path) -> None:
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for text in (describe.EXAMPLE.read_text("utf-8"), "[github]\napp_id = 12\nprivate_key = 'k'\n", ""):
        assert list(validator.iter_errors(tomllib.loads(text))) == []
        (tmp_path / "sync.toml").write_text(text, encoding="utf-8")
        load(None, {}, tmp_path, offline=True)
    for text in ("tracker = 'trello'", "[github]\ntokn = 'x'", "[limits]\nnew_tickets = -1", "[sources]\nx = 3"):
        assert list(validator.iter_errors(tomllib.loads(text))) != [], text
