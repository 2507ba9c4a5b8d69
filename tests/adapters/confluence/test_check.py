"""What the doctor says of a site: who we are, what we may edit, which drafts are open."""

from __future__ import annotations

import pytest

from adapters.confluence.page import Wanted
from adapters.http.atlassian import Credentials
from sync.model import Finding
from tests.adapters.confluence.worlds import ConfluenceWorld
from tests.canaries import MARK
from tests.simulators.confluence_cloud import CLOUD_ID
from tests.simulators.jira_wire import Fault


def named(findings: list[Finding], what: str) -> list[Finding]:
    return [one for one in findings if one.what == what]


def test_all_is_well(world: ConfluenceWorld) -> None:
    found = {one.what: (one.well, one.detail) for one in world.source.check()}
    assert found == {
        "credentials": (True, "signed in as Postmortem Sync"),
        "documents": (True, "2"),
        "permission": (True, "edit"),
    }
    assert world.confluence.writes() == []


@pytest.mark.parametrize("anonymous", [True, False])
def test_a_wrong_token_is_no_empty_site(world: ConfluenceWorld, anonymous: bool) -> None:
    world.site.anonymous_access = anonymous
    world.confluence.names_accounts = False
    wrong = Credentials(f"revoked-{MARK}", "sync@acme.example" if world.cloud else "", bearer=not world.cloud)
    (found,) = world.open(credentials=wrong).check()
    assert (found.what, found.well, found.serious) == ("credentials", False, True)
    assert "Make a new token" in found.cure


def test_pages_that_may_not_be_edited_are_named(world: ConfluenceWorld) -> None:
    world.a.editors = {"somebody else"}
    (found,) = named(world.source.check(), "permission")
    assert (found.well, found.serious) == (False, False)
    assert world.a.id in found.detail


def test_open_drafts_are_named(world: ConfluenceWorld) -> None:
    world.site.write_draft(world.a, "<p>a and more</p>")
    world.site.write_draft(world.b, "<p>b</p>")
    (found,) = named(world.source.check(), "drafts")
    assert found.well
    assert f"pageId={world.a.id} has a draft that is not published" in found.detail


def test_a_source_without_pages_is_told(world: ConfluenceWorld) -> None:
    (found,) = named(world.open(Wanted(label="nothing")).check(), "documents")
    assert (found.well, found.detail) == (False, "no page fits")


def test_a_search_that_is_refused_is_told_with_its_cure(world: ConfluenceWorld) -> None:
    world.confluence.faults.append(Fault("before", path="search", status=403, body={"message": "no"}))
    (found,) = named(world.source.check(), "documents")
    assert not found.well
    assert "403: no" in found.detail


def test_the_gateway_that_was_found_is_named(cloud: ConfluenceWorld) -> None:
    cloud.confluence.scoped = True  # type: ignore[attr-defined]
    (found,) = named(cloud.source.check(), "gateway")
    assert f'Set cloud_id = "{CLOUD_ID}" in [confluence]' in found.cure
    assert named(cloud.open(cloud_id=CLOUD_ID).check(), "gateway") == []
