"""The shared corpus of real postmortems is understood as well as promised."""

from __future__ import annotations

from typing import Any

import pytest

from tests.corpus.measure import CORPUS, DOUBTFUL, labels, predictions
from tests.corpus.sets import scorer

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    judged = [label for label in labels() if label["id"] not in DOUBTFUL]
    found: dict[str, Any] = scorer().score(judged, predictions([label["id"] for label in judged]))
    return found


@pytest.mark.parametrize("measure", ["precision", "recall"])
def test_items(result: dict[str, Any], measure: str) -> None:
    assert result[measure] >= 0.97


@pytest.mark.parametrize(("field", "least"), [("owner", 0.97), ("due", 0.99), ("state", 0.97), ("ticket", 0.97)])
def test_fields(result: dict[str, Any], field: str, least: float) -> None:
    accuracy = result["acc"][field]
    assert accuracy.ok / accuracy.n >= least


def test_nothing_is_invented_where_there_is_nothing(result: dict[str, Any]) -> None:
    assert result["negok"] == result["neg"]
