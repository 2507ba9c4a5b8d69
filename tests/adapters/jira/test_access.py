"""How a site is reached: tokens with scopes by the gateway, bearers, passwords, and addresses that are none."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from adapters.jira.tracker import JiraTracker
from sync.errors import CredentialsError, SettingsError, TrackerError
from sync.model import Patch, Reference, State, TicketRef
from tests.adapters.jira.worlds import JiraWorld, desired, made, world_of
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_wire import Fault

PAGE = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def scoped() -> Iterator[JiraWorld]:
    """A site of Cloud, and a token with scopes."""
    with world_of(JiraCloud) as world:
        cloud_of(world).scoped = True
        yield world


def cloud_of(world: JiraWorld) -> JiraCloud:
    assert isinstance(world.jira, JiraCloud)
    return world.jira


def paths(world: JiraWorld) -> list[str]:
    return [asked.path for asked in world.jira.calls()]


def test_a_token_with_scopes_goes_by_the_gateway_and_links_stay_on_the_site(scoped: JiraWorld) -> None:
    ticket = made(scoped.tracker, desired(scoped.tracker))
    assert ticket.url == f"{scoped.jira.base_url}/browse/OPS-1"
    assert scoped.tracker.resolve(Reference(ticket.url, "x"), "", "") == ticket.ref
    first = paths(scoped)
    assert first[1] == "/_edge/tenant_info"
    assert all(path.startswith("/ex/jira/") for path in first[2:])
    assert scoped.tracker.lookup([ticket.ref])[ticket.ref] == ticket


def test_a_known_id_asks_neither_the_site_nor_its_id(scoped: JiraWorld) -> None:
    tracker = scoped.open(cloud_id=cloud_of(scoped).cloud_id)
    list(tracker.changed("OPS", "").tickets)
    assert all(path.startswith("/ex/jira/") for path in paths(scoped))
    assert [finding.what for finding in tracker.check() if not finding.well or finding.cure] == []


def test_the_doctor_tells_the_id_that_saves_calls(scoped: JiraWorld) -> None:
    (finding,) = [finding for finding in scoped.open().check() if finding.what == "gateway"]
    assert finding.well
    assert f'cloud_id = "{cloud_of(scoped).cloud_id}"' in finding.cure


def test_a_bearer_goes_by_the_gateway_from_the_first_call(cloud: JiraWorld) -> None:
    tracker = cloud.open(email="", auth="bearer", deployment="cloud")
    made(tracker, desired(tracker))
    assert paths(cloud)[0] == "/_edge/tenant_info"
    assert all(path.startswith("/ex/jira/") for path in paths(cloud)[1:])


def test_a_token_that_is_good_nowhere_is_refused(scoped: JiraWorld) -> None:
    with pytest.raises(CredentialsError, match="401, by the gateway"):
        list(scoped.open(token="wrong", cloud_id=cloud_of(scoped).cloud_id).changed("OPS", "").tickets)
    scoped.jira.faults.append(Fault("before", "GET", "/search", 401, body={}))
    scoped.jira.faults.append(Fault("before", "GET", "tenant_info", 404, body={}))
    with pytest.raises(CredentialsError, match=r"jira\.token"):
        list(scoped.open().changed("OPS", "").tickets)


def test_a_site_that_refuses_is_told_at_once_where_the_gateway_cannot_be_reached(cloud: JiraWorld) -> None:
    with unused() as nowhere:
        tracker = cloud.open(token="wrong", gateway=nowhere)
        cloud.jira.faults.append(Fault("before", "GET", "/search", 401, body={}, times=9))
        before = cloud.clock.now()
        with pytest.raises(CredentialsError, match=r"refuses jira\.email and jira\.token \(401\).* cannot be reached"):
            list(tracker.changed("OPS", "").tickets)
        assert cloud.clock.now() == before
        assert paths(cloud)[1:] == ["/_edge/tenant_info"]
        # The site is asked first the next time as well.
        cloud.jira.faults.clear()
        assert list(cloud.open(gateway=nowhere).changed("OPS", "").tickets) == []


@contextmanager
def unused() -> Iterator[str]:
    """An address of this machine at which nobody answers."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def test_a_scope_that_is_missing_is_told_with_those_that_are_needed(scoped: JiraWorld) -> None:
    cloud_of(scoped).scopes = frozenset({"read:jira-work", "read:jira-user"})
    tracker = scoped.open()
    with pytest.raises(CredentialsError, match="scope does not match") as caught:
        tracker.create([desired(tracker)])
    assert "write:jira-work" in caught.value.cure
    assert scoped.site.issues == []


@pytest.mark.parametrize("place", ["https://api.atlassian.com/ex/jira/11223344-a1b2", "https://gw.example/ex/jira/1/"])
def test_the_gateway_alone_is_no_address(cloud: JiraWorld, place: str) -> None:
    with pytest.raises(SettingsError, match="the address of the gateway") as caught:
        cloud.open(base_url=place)
    assert "cloud_id = " in caught.value.cure


def test_a_user_and_a_password_do_on_a_data_center_of_before_tokens(datacenter: JiraWorld) -> None:
    tracker = datacenter.open(user=datacenter.site.me.login)
    made(tracker, desired(tracker))
    assert datacenter.jira.calls()[-1].headers["Authorization"].startswith("Basic ")
    with pytest.raises(SettingsError, match=r"jira\.user is not set"):
        datacenter.open(auth="basic")


def test_an_address_of_cloud_is_cloud_without_a_word(cloud: JiraWorld) -> None:
    with pytest.raises(SettingsError, match=r"jira\.email is not set"):
        JiraTracker("https://example.atlassian.net", "token", cloud.clock, project="OPS")


def test_a_data_center_below_a_path(datacenter: JiraWorld) -> None:
    datacenter.jira.context = "/jira"
    base = f"{datacenter.jira.base_url}/jira"
    tracker = datacenter.open(base_url=f"{base}/")
    ticket = made(tracker, desired(tracker))
    assert ticket.url == f"{base}/browse/OPS-1"
    assert tracker.resolve(Reference(ticket.url, "x"), "", "") == ticket.ref
    assert tracker.resolve(Reference(f"{datacenter.jira.base_url}/browse/OPS-1", "x"), "", "") is None
    assert [found.ref for found in tracker.changed("OPS", "").tickets] == [ticket.ref]


# --- what is no Jira -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault(
            "before", status=404, body={"errorMessage": "Site temporarily unavailable", "errorCode": "OTHER"}, times=99
        ),
        Fault("before", status=404, headers=PAGE, body=b"<html>Your Atlassian Cloud site is gone</html>", times=99),
        Fault("before", status=200, headers=PAGE, body=b"<html>Log in</html>", times=99),
    ],
    ids=["suspended", "a page that nothing is there", "a log-in"],
)
def test_a_site_that_is_none_is_told_at_once_and_nothing_is_concluded(world: JiraWorld, fault: Fault) -> None:
    ref = made(world.tracker, desired(world.tracker)).ref
    world.jira.faults.append(fault)
    world.jira.log.clear()
    before = world.clock.now()
    for ask in (lambda: world.tracker.lookup([ref]), lambda: list(world.tracker.changed("OPS", "").tickets)):
        with pytest.raises(TrackerError) as caught:
            ask()
        assert "jira.base_url" in caught.value.cure
    assert world.clock.now() == before
    assert len(world.jira.log) == 2


# --- answers that leave something out --------------------------------------------------------


def without(world: JiraWorld, *names: str) -> None:
    """Let the site leave these out of every issue and every page from now on."""
    answered = world.jira.handle

    def less(asked: Any) -> Any:
        answer = answered(asked)
        for name in names:
            drop(answer.body, name)
        return answer

    world.jira.handle = less  # type: ignore[method-assign]


def drop(value: Any, name: str) -> None:
    if isinstance(value, dict):
        value.pop(name, None)
        for inner in value.values():
            drop(inner, name)
    if isinstance(value, list):
        for inner in value:
            drop(inner, name)


def test_a_ticket_without_a_creator_is_one_whose_mark_needs_a_seal(world: JiraWorld) -> None:
    unsealed = made(world.tracker, desired(world.tracker))
    sealed = made(world.tracker, desired(world.tracker, "Another action"))
    sealed = world.tracker.update(sealed, Patch(mark=sealed.mark)).ticket
    without(world, "creator")
    found = world.tracker.lookup([unsealed.ref, sealed.ref])
    assert [ticket and ticket.mark for ticket in found.values()] == [None, sealed.mark]
    other = world.open(mark_key=b"other").lookup([sealed.ref])[sealed.ref]
    assert other is not None
    assert other.mark is None


def test_without_categories_a_resolution_says_that_a_ticket_is_closed(world: JiraWorld) -> None:
    tickets = [made(world.tracker, desired(world.tracker, f"Action {n}")) for n in range(3)]
    world.site.set_status(world.issue(tickets[0].ref), "Done", "Done")
    world.site.set_status(world.issue(tickets[1].ref), "Rejected", "Won't Do")
    without(world, "statusCategory")
    found = world.tracker.lookup([ticket.ref for ticket in tickets])
    assert [ticket.state for ticket in found.values() if ticket] == [State.DONE, State.WONTDO, State.OPEN]


def test_pages_without_a_total_are_read_to_their_end(datacenter: JiraWorld) -> None:
    datacenter.jira.page_size = 2
    for number in range(5):
        made(datacenter.tracker, desired(datacenter.tracker, f"Action {number}"))
    without(datacenter, "total")
    datacenter.clock.sleep(60)
    assert len(list(datacenter.open().changed("OPS", "").tickets)) == 5
    since = "2026-03-01T11:59:00+00:00"
    assert len(list(datacenter.open().changed("OPS", since).tickets)) == 5


def test_an_account_without_a_name_is_an_account(cloud: JiraWorld) -> None:
    answered = cloud.jira.user

    def unnamed(person: Any) -> dict[str, Any]:
        return answered(person) | {"name": ""}

    cloud.jira.user = unnamed  # type: ignore[method-assign]
    made(cloud.tracker, desired(cloud.tracker, assignees=(cloud.ana,)))


def test_another_address_of_the_site_is_learned_from_its_issues(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    other = world.jira.base_url.replace("127.0.0.1", "localhost")
    link = Reference(f"{other}/browse/{ticket.ref.key}", "x")
    assert world.tracker.resolve(link, "", "") is None
    world.jira.faults.append(
        Fault("replace", "GET", "/search", change=lambda answer: renamed(answer, world.jira.base_url, other))
    )
    list(world.tracker.changed("OPS", "").tickets)
    assert world.tracker.resolve(link, "", "") == TicketRef("jira", "OPS", "OPS-1")
    assert world.tracker.resolve(Reference(ticket.url, "x"), "", "") == ticket.ref


def renamed(answer: Any, old: str, new: str) -> Any:
    for issue in answer.body["issues"]:
        issue["self"] = issue["self"].replace(old, new)
    return answer
