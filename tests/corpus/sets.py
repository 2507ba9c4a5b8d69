"""The labelled postmortems: the shared corpora, and those whose documents are kept elsewhere, where at hand."""

from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sync.formats import parse
from sync.model import Postmortem

SHARED = Path(__file__).resolve().parents[3] / "shared"
CORPUS = SHARED / "corpus"
ELSEWHERE = Path(os.environ.get("CORPUS_ELSEWHERE", SHARED.parent / "corpus-elsewhere"))
"""Where the documents of `labels-elsewhere.json` lie, as `docs/ID.md`: read where they are public, never kept here."""

SETS = (
    (CORPUS / "labels.json", CORPUS / "docs"),
    (SHARED / "corpus2" / "labels.json", SHARED / "corpus2" / "docs"),
    (SHARED / "corpus2" / "labels-elsewhere.json", ELSEWHERE / "docs"),
)

TENTH = 2
"""Every tenth document, counted from here, was not looked at while the rules were written."""

DOUBTFUL = frozenset(("berkeley-dsep-infra__datahub__2017-02-09-datahub-db-outage",))
"""Labelled as having no actions, while the document lists nine below the heading "Action items"."""


@dataclass(frozen=True)
class Labelled:
    """A document and what a person says of it."""

    label: dict[str, Any]
    path: Path

    @property
    def id(self) -> str:
        return str(self.label["id"])

    @property
    def team(self) -> str:
        return str(self.label["repo"])

    def parse(self) -> Postmortem:
        return parse(self.path.read_bytes(), self.path.name)


def labelled() -> list[Labelled]:
    """Every labelled document that is at hand, by its id."""
    found = []
    for labels, docs in SETS:
        if labels.is_file() and docs.is_dir():
            found += [Labelled(one, docs / f"{one['id']}.md") for one in json.loads(labels.read_text("utf-8"))]
    return sorted((one for one in found if one.path.is_file()), key=lambda one: one.id)


def prediction(postmortem: Postmortem) -> list[dict[str, Any]]:
    """What is understood of a document, in the scorer's form. Items it is unsure of are left out."""
    return [
        {
            "line": item.line,
            "text": item.text,
            "owners": [owner.text for owner in item.owners],
            "due": item.due_date.isoformat() if item.due_date else None,
            "state": str(item.state),
            "tickets": [reference.text for reference in item.references],
        }
        for item in postmortem.items
        if not item.unsure
    ]


def scorer() -> ModuleType:
    """The corpus's own scorer."""
    spec = importlib.util.spec_from_file_location("corpus_score", CORPUS / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_held_out(position: int) -> bool:
    """Whether the document at a position of `labelled` is of the tenth that is looked at last."""
    return position % 10 == TENTH
