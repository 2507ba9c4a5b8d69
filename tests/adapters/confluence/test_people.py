"""Whom a page mentions: by the id of an account, which is the same in both products or is nobody's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.confluence.reading import mentions
from sync.model import Mentioned, Owner, OwnerKind
from tests.adapters.confluence.worlds import ConfluenceWorld
from tests.adapters.jira.worlds import JiraWorld, world_of
from tests.simulators.confluence_site import Person
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_datacenter import JiraDataCenter
from tests.simulators.jira_wire import Fault


def mention(kind: str, account: str) -> str:
    return f'<p><ac:link><ri:user ac:x="1" ri:{kind}="{account}" /></ac:link></p>'


def known(world: ConfluenceWorld, body: str) -> dict[str, Mentioned]:
    world.site.edit(world.a, body)
    return dict(world.open().read(world.a.id).people)


def test_accounts_of_cloud_have_names(cloud: ConfluenceWorld) -> None:
    ana, bo = cloud.site.people[1:]
    body = mention("account-id", ana.id) + mention("account-id", bo.id) + mention("account-id", "gone") + ana.name
    assert known(cloud, body) == {ana.id: Mentioned("Ana Lima"), bo.id: Mentioned("Bo Chen")}
    assert len(cloud.confluence.calls("POST", "users-bulk")) == 1


def test_accounts_of_a_data_center_have_names_and_logins(datacenter: ConfluenceWorld) -> None:
    datacenter.site.people = [datacenter.site.me, Person("8a7f0001", "Ana Lima", login="ana")]
    body = mention("userkey", "8a7f0001") + mention("username", "ana") + mention("userkey", "8a7f9999")
    assert known(datacenter, body) == {"8a7f0001": Mentioned("Ana Lima", "ana"), "ana": Mentioned("Ana Lima", "ana")}


def test_everybody_is_asked_for_once(cloud: ConfluenceWorld) -> None:
    for page in (cloud.a, cloud.b):
        cloud.site.edit(page, mention("account-id", cloud.site.people[1].id))
    source = cloud.open()
    assert all(source.read(path).people for path in source.paths())
    assert len(cloud.confluence.calls("POST", "users-bulk")) == 1


def test_a_site_that_tells_nobody_leaves_the_id(cloud: ConfluenceWorld) -> None:
    cloud.confluence.faults.append(Fault("before", "POST", status=403, body={"message": "scope"}))
    assert known(cloud, mention("account-id", cloud.site.people[1].id)) == {}


def test_mentions_are_read_whatever_stands_around_them() -> None:
    assert mentions(b'<ri:user ri:account-id="a:b-1" /><ri:user  ri:userkey="k"></ri:user>ri:account-id="x"') == (
        "a:b-1",
        "k",
    )


# --- in Jira ---------------------------------------------------------------------------------


@pytest.fixture
def ana() -> Owner:
    return Owner("5b10a2844c20165700ede21g", OwnerKind.ACCOUNT)


def test_an_account_of_cloud_is_itself_in_jira(ana: Owner) -> None:
    with world_of(JiraCloud) as jira:
        found = jira.tracker.accounts(ana, "OPS").one
        assert found is not None
        assert found.id == jira.ana
        assert jira.tracker.accounts(replace(ana, text="5b10a2844c20165700ede999"), "OPS").one is None
        jira.site.people[1] = replace(jira.site.people[1], assignable=False)
        assert jira.tracker.accounts(ana, "OPS").one is None


@pytest.mark.parametrize(
    ("mentioned", "whom"),
    [
        (Mentioned("Ana Lima", "ana"), "ana"),
        (Mentioned("ana lima", "ANA"), "ana"),
        (Mentioned("Ana Limão", "ana"), ""),
        (Mentioned("Ana Lima", "bo"), ""),
        (Mentioned("Ana Lima", ""), ""),
        (None, ""),
    ],
)
def test_of_a_data_center_login_and_name_must_both_be_the_same(mentioned: Mentioned | None, whom: str) -> None:
    with world_of(JiraDataCenter) as jira:
        world: JiraWorld = jira
        found = world.tracker.accounts(Owner("8a7f0001", OwnerKind.ACCOUNT, mentioned=mentioned), "OPS").one
        assert (found.id if found else "") == whom
