"""No setting is a template, and none reaches Python: expressions of every kind stay the words that they are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from sync.check.template import render
from sync.cli import main

EXPRESSIONS = ("{0.__class__.__mro__}", "{{ 7*7 }}", "${7*7}", "%(x)s", "{title}", "$(id)", "`id`", "{settings.github}")
DOCUMENT = "---\ndate: 2026-02-20\n---\n# Outage\n\n## Action items\n\n- [ ] Add an alert, owner: Ana\n"


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_settings_are_taken_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expression: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "sync.toml").write_text(
        f"[sources.docs]\npath = 'docs'\nurl = 'https://docs.example.org/{expression}/'\n"
        f"[limits]\nmax_age_days = 36500\n[items]\nsections = ['{expression}']\n"
        f"[people]\n'Ana' = {{ local = '{expression}', aliases = ['{expression}'] }}\n",
        encoding="utf-8",
    )
    assert main(["run", "--quiet"]) == 0
    assert "LOCAL-1" in (tmp_path / "docs" / "a.md").read_text(encoding="utf-8")
    assert list(tmp_path.glob("uid*")) == []


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_title_is_put_into_the_template_as_it_is(expression: str) -> None:
    text = render(expression, date(2026, 3, 1))
    assert yaml.safe_load(text.split("---")[1])["title"] == expression
    assert f"# {expression}\n" in text
