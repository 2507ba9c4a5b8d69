"""What `sync check` says of real postmortems: the table on its page is true, and it never cries wolf."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from docs.generate.rules import between
from sync.check.check import check
from sync.formats import parse
from tests.corpus.measure import CORPUS, labels
from tests.corpus.measure_check import table

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")


def test_the_table_on_the_page_is_what_is_measured() -> None:
    text = (Path(__file__).parents[2] / "docs" / "check.md").read_text("utf-8")
    assert between(text, "measured", table()) == text, "run make corpus"


def test_no_real_postmortem_is_said_to_blame() -> None:
    for label in labels():
        path = CORPUS / "docs" / f"{label['id']}.md"
        found = check(parse(path.read_bytes(), path.name), date(2026, 1, 1))
        assert [one.message for one in found if one.rule == "blameless"] == [], path.name
