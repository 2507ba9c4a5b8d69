"""What the doctor finds out about repositories before anything is written: as tracker, and as source."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.model import Finding
from tests.adapters.github.source_worlds import PROJECT, GitHubSourceWorld
from tests.adapters.github.worlds import GitHubWorld
from tests.simulators.jira_wire import Fault


def wrong(findings: object) -> list[Finding]:
    assert isinstance(findings, list | tuple)
    return [finding for finding in findings if not finding.well]


# --- the tracker -----------------------------------------------------------------------------


def test_a_repository_that_is_well_is_told_so(fielded: GitHubWorld) -> None:
    fielded.repository.types = ["Task"]
    findings = fielded.open(issue_type="task", due="field").check()
    assert wrong(findings) == []
    assert {"credentials", "repository", "permission", "due dates", "issue type", "labels", "clock"} == {
        finding.what for finding in findings
    }
    assert fielded.github.writes() == []


@pytest.mark.parametrize("what", ["token", "missing", "archived", "disabled", "push", "field", "type", "unset"])
def test_what_is_wrong_is_told_with_its_cure(world: GitHubWorld, what: str) -> None:
    settings = {
        "token": {"token": "wrong"},
        "missing": {"repository": "Acme/None"},
        "field": {"due": "field"},
        "type": {"issue_type": "Chore"},
        "unset": {"repository": ""},
    }.get(what, {})
    world.repository.archived = what == "archived"
    world.repository.has_issues = what != "disabled"
    world.site.push = what != "push"
    world.repository.labels["postmortem-sync"] = "postmortem-sync"
    (finding,) = wrong(world.open(**settings).check())
    assert finding.cure
    assert finding.serious == (what not in ("field", "type"))
    assert world.github.writes() == []


def test_labels_that_are_missing_are_made_or_must_be_made(world: GitHubWorld) -> None:
    findings = world.open(labels=["postmortem"]).check()
    assert [f.detail for f in findings if f.what == "labels"] == [
        "made with the first ticket: postmortem-sync, postmortem"
    ]
    world.site.push = False
    labels = [finding for finding in wrong(world.open().check()) if finding.what == "labels"]
    assert "may not make labels" in labels[0].detail


def test_scopes_of_a_classic_token_and_the_end_of_any_are_told(world: GitHubWorld) -> None:
    def reported() -> list[tuple[str, bool]]:
        return [(finding.what, finding.serious) for finding in wrong(world.open().check())]

    world.github.token_headers = {"X-OAuth-Scopes": "repo"}
    assert reported() == []
    world.github.token_headers = {"X-OAuth-Scopes": "gist, read:user"}
    assert reported() == [("scopes", True)]
    world.github.token_headers = {"X-OAuth-Scopes": "repo, delete_repo"}
    assert reported() == [("scopes", False)]
    end = "GitHub-Authentication-Token-Expiration"
    world.github.token_headers = {end: "2026-12-01 00:00:00 UTC"}
    assert reported() == []
    world.github.token_headers = {end: "2026-03-05 00:00:00 +0100"}
    assert reported() == [("expiry", False)]


def test_a_clock_that_is_wrong_is_told(world: GitHubWorld) -> None:
    tracker = world.open()
    world.site.now = lambda: world.clock.now() - timedelta(minutes=5)
    (finding,) = wrong(tracker.check())
    assert (finding.what, finding.serious) == ("clock", False)
    assert "300 s ahead of" in finding.detail


def test_one_broken_part_does_not_hide_the_others(world: GitHubWorld) -> None:
    world.github.faults.append(Fault("before", "GET", "/issue-fields", 403, body={"message": "No."}))
    findings = world.open(due="field").check()
    assert [finding.what for finding in wrong(findings)] == ["due dates"]
    assert "labels" in [finding.what for finding in findings]


# --- the source ------------------------------------------------------------------------------


def test_a_protected_branch_is_told_with_the_way_around_it(docs: GitHubSourceWorld) -> None:
    docs.repository.protected.add("main")
    (branch,) = [finding for finding in docs.open().check() if finding.what == "branch"]
    assert branch.well
    assert "pull request" in branch.detail
    assert "pull requests" in branch.cure


def test_a_source_that_cannot_be_used_is_told_with_its_cure(docs: GitHubSourceWorld) -> None:
    docs.site.push = False
    assert [finding.what for finding in wrong(docs.open().check())] == ["permission"]
    docs.site.push = True
    docs.repository.archived = True
    assert [finding.what for finding in wrong(docs.open().check())] == ["repository"]
    docs.repository.archived = False
    assert [finding.what for finding in wrong(docs.open(token="wrong").check())] == ["repository"]
    gone = wrong(docs.open(branch="gone").check())
    assert [finding.what for finding in gone] == ["documents", "branch"]
    assert all(finding.serious and finding.cure for finding in gone)
    assert [finding.what for finding in wrong(docs.open(glob="*.rst").check())] == ["documents"]
    docs.site.rename(docs.repository, "Handbook")
    (renamed,) = wrong(docs.open().check())
    assert "renamed" in renamed.detail
    assert PROJECT not in docs.site.repositories
    assert docs.github.writes() == []
