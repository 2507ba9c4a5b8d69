"""How well real postmortems are understood: parses the shared corpus and prints its scorer's report.

Usage: python -m tests.corpus.measure [--held-out | --without-held-out] [arguments of the scorer]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sync.formats import parse
from tests.corpus.sets import prediction

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"

DOUBTFUL = frozenset(("berkeley-dsep-infra__datahub__2017-02-09-datahub-db-outage",))
"""Labelled as having no actions, while the document lists nine below the heading "Action items"."""


def labels(corpus: Path = CORPUS) -> list[dict[str, Any]]:
    """The hand labels, sorted by document."""
    found: list[dict[str, Any]] = json.loads((corpus / "labels.json").read_text(encoding="utf-8"))
    return sorted(found, key=lambda label: str(label["id"]))


def predictions(ids: list[str], corpus: Path = CORPUS) -> dict[str, list[dict[str, Any]]]:
    """What is understood of each document, in the scorer's form. Items it is unsure of are left out."""
    found = {}
    for name in ids:
        path = corpus / "docs" / f"{name}.md"
        found[name] = prediction(parse(path.read_bytes(), path.name))
    return found


def main(arguments: list[str]) -> int:
    """Print the report. Exit status of the scorer."""
    every = labels()
    chosen = every
    if "--held-out" in arguments:
        chosen = [label for index, label in enumerate(every) if index % 10 == 7]
    elif "--without-held-out" in arguments:
        chosen = [label for index, label in enumerate(every) if index % 10 != 7]
    rest = [one for one in arguments if one not in ("--held-out", "--without-held-out")]
    with tempfile.TemporaryDirectory() as folder:
        truth, made = Path(folder, "labels.json"), Path(folder, "predictions.json")
        truth.write_text(json.dumps(chosen), encoding="utf-8")
        made.write_text(json.dumps(predictions([label["id"] for label in chosen])), encoding="utf-8")
        command = [sys.executable, str(CORPUS / "score.py"), str(made), "--labels", str(truth), *rest]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
