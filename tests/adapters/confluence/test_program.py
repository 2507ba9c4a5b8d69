"""The program against Jira and Confluence of one site, wired by sync.toml and the environment as a team would."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.cli import main
from tests.adapters.confluence.teams import DETAILS, Team, one_site, task, team_of
from tests.simulators.confluence_cloud import ConfluenceCloud
from tests.simulators.confluence_site import Page

CONFIG = """\
tracker = "jira"

[jira]
base_url = "{site}"
email = "{email}"
project = "OPS"

[sources.postmortems]
kind = "confluence"
label = "postmortem"

[limits]
max_age_days = 36500
"""


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    with team_of(ConfluenceCloud, tmp_path) as opened, one_site(opened) as site:
        text = CONFIG.format(site=site, email=opened.site.me.email)
        (tmp_path / "sync.toml").write_text(text, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("SYNC_JIRA__TOKEN", opened.jira.jira.secret)
        yield opened


@pytest.fixture
def page(team: Team) -> Page:
    tasks = task(1, f'Alert on replica lag {team.ana} <time datetime="2026-04-03" />') + task(2, "Look at it")
    return team.postmortem("Checkout outage", f"{DETAILS}<h2>Action items</h2><ac:task-list>{tasks}</ac:task-list>")


def called(capfd: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> list[Any]:
    """The lines of JSON that a call prints."""
    assert main([*arguments, "--json"]) == status, capfd.readouterr()
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_a_site_an_address_a_token_a_project_and_a_label_are_enough(
    team: Team, page: Page, capfd: pytest.CaptureFixture[str]
) -> None:
    findings = called(capfd, "doctor", status=1)
    wrong = [one for one in findings if one.get("status") not in ("ok", None)]
    # The simulators keep a time of their own.
    assert {one["check"] for one in wrong} == {"clock"}
    assert called(capfd, "run", "--dry-run")[-1]["created"] == 2
    assert (team.jira.site.issues, len(page.versions)) == ([], 1)
    summary = called(capfd, "run")[-1]
    assert (summary["created"], summary["written_back"], summary["failed"]) == (2, 1, 0)
    assert team.jira.site.issues[0].fields["assignee"] == team.site.people[1].id
    again = called(capfd, "run")[-1]
    assert (again["created"], again["written_back"]) == (0, 0)
    assert again["requests"]["jira"] == 1
    assert len(page.versions) == 2


@pytest.mark.parametrize(
    "form", ["pages/viewpage.action?pageId={}", "spaces/OPS/pages/{}/Checkout+outage", "x/{short}"]
)
def test_a_page_is_named_by_any_of_its_addresses(
    team: Team, page: Page, form: str, capfd: pytest.CaptureFixture[str]
) -> None:
    short = base64.b64encode(int(page.id).to_bytes(8, "little"), b"_-").decode().rstrip("=").rstrip("A")
    url = f"{team.jira.jira.base_url}/wiki/{form.format(page.id, short=short)}"
    (parsed,) = called(capfd, "parse", url)
    assert (parsed["title"], parsed["published"]) == ("Checkout outage", True)
    assert [one["owners"] for one in parsed["items"]] == [["Ana Lima"], []]
    (checked,) = called(capfd, "check", url, status=1)
    assert {one["rule"] for one in checked["findings"] if one["severity"] == "error"} == {"owned", "dated"}
    assert called(capfd, "--postmortem", url)[-1]["created"] == 2


def test_a_page_of_no_source_and_one_without_the_label_say_so(
    team: Team, page: Page, capfd: pytest.CaptureFixture[str]
) -> None:
    team.site.label(page)
    url = f"{team.jira.jira.base_url}/wiki/spaces/OPS/pages/{page.id}"
    (parsed,) = called(capfd, "parse", url)
    assert (parsed["published"], "does not have the label postmortem" in parsed["reason"]) == (False, True)
    summary = called(capfd, "--postmortem", url)[-1]
    assert (summary["skipped"], summary["created"]) == (1, 0)
    assert main(["parse", "https://example.org/wiki/x/AAA"]) == 2
    assert "no configured source holds this page" in capfd.readouterr().err
