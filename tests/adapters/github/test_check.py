"""What the doctor finds out about repositories before anything is written: as tracker, and as source."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.errors import OutcomeUnknown, TrackerError
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


def test_a_branch_that_was_renamed_is_told_by_its_new_name(docs: GitHubSourceWorld) -> None:
    docs.repository.branches["main"] = docs.repository.branches.pop("main")
    docs.repository.renamed_branches["master"] = "main"
    (branch,) = [finding for finding in docs.open(branch="master").check() if finding.what == "branch"]
    assert (branch.well, branch.detail) == (False, "master was renamed to main")
    assert 'branch = "main"' in branch.cure


# --- what is no API --------------------------------------------------------------------------

PAGE = {"Content-Type": "text/html; charset=utf-8"}


@pytest.mark.parametrize("status", [200, 404, 403])
def test_a_web_page_is_told_at_once_as_what_it_is(world: GitHubWorld, status: int) -> None:
    page = Fault("before", status=status, headers=PAGE, body=b"<html>Sign in</html>", times=99)
    tracker = world.open()
    world.github.faults.append(page)
    before = world.clock.now()
    with pytest.raises(TrackerError, match="a web page instead of data") as caught:
        list(tracker.changed(world.project, "").tickets)
    assert "github.base_url" in caught.value.cure
    assert world.clock.now() == before
    assert len(world.github.log) == 1
    (finding,) = wrong(tracker.check())
    assert "github.base_url" in finding.cure
    assert "github.repository" not in finding.cure


def test_a_create_that_a_web_page_answers_is_looked_for(world: GitHubWorld) -> None:
    world.tracker.create([world.desired("Warm up")])
    world.github.faults.append(Fault("before", "POST", "/issues$", 200, PAGE, b"<html>Sign in</html>"))
    assert isinstance(world.tracker.create([world.desired()])[0].error, OutcomeUnknown)
    world.github.faults.append(Fault("before", "POST", "/issues$", 404, PAGE, b"<html>Not here</html>"))
    error = world.tracker.create([world.desired("Another")])[0].error
    assert isinstance(error, TrackerError)
    assert not isinstance(error, OutcomeUnknown)


@pytest.mark.parametrize("place", ["/login?return_to=x", "/sso/saml", "/"])
def test_a_redirect_to_a_log_in_is_no_renamed_repository(world: GitHubWorld, place: str) -> None:
    world.github.faults.append(Fault("before", status=302, headers={"Location": place}, times=99))
    with pytest.raises(TrackerError, match="to log in perhaps") as caught:
        list(world.open().changed(world.project, "").tickets)
    assert "renamed" not in str(caught.value)


def test_what_a_call_wants_of_a_token_is_told_where_github_says_it(world: GitHubWorld) -> None:
    reported = {"message": "Resource not accessible by personal access token"}
    headers = {"X-Accepted-GitHub-Permissions": "issues=write; pull_requests=write"}
    world.tracker.create([world.desired("Warm up")])
    world.github.faults.append(Fault("before", "POST", "/issues$", 403, headers, reported))
    error = world.tracker.create([world.desired()])[0].error
    assert error is not None
    assert "issues: write; pull_requests: write" in error.cure
