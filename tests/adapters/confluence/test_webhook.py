"""What a Data Center sends is understood, believed only under the secret, and never a surprise."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.confluence.webhook import SENDER
from sync.ports import WebhookEvent
from tests.adapters.confluence.worlds import ConfluenceWorld
from tests.simulators.webhooks import confluence as sent

HEADERS = {"content-type": "application/json"}


def event(payload: Any, **headers: str) -> WebhookEvent:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return SENDER.event(HEADERS | named, json.dumps(payload).encode())


def page(**values: Any) -> dict[str, Any]:
    link = "https://wiki.acme.example/confluence/display/OPS/Checkout+outage"
    return {"timestamp": 1, "event": "page_updated", "page": {"id": 98319, "self": link} | values}


def test_a_page_that_was_updated_is_named_by_its_id_on_its_site() -> None:
    address = "https://wiki.acme.example/confluence/pages/viewpage.action?pageId=98319"
    assert event(page()).pages == (address,)
    assert event(page(id="98319")).pages == (address,)
    for link in ("/confluence/pages/viewpage.action?pageId=98319", "/confluence/spaces/OPS/pages/98319/x"):
        assert event(page(self=f"https://wiki.acme.example{link}")).pages == (address,)
    root = event(page(self="https://wiki.acme.example/display/OPS/Checkout")).pages
    assert root == ("https://wiki.acme.example/pages/viewpage.action?pageId=98319",)


def test_the_source_of_that_site_knows_its_page(datacenter: ConfluenceWorld) -> None:
    delivery = sent(datacenter.confluence, datacenter.a, "page_updated", "secret")
    headers = {name.lower(): value for name, value in delivery.headers.items()}
    assert SENDER.signed(headers, delivery.body, "secret")
    assert not SENDER.signed(headers, delivery.body, "another")
    (address,) = SENDER.event(headers, delivery.body).pages
    assert datacenter.source.path_of(address) == datacenter.a.id
    assert datacenter.confluence.calls() == []


def test_what_is_no_edit_of_a_page_concerns_no_page() -> None:
    for kind in ("page_removed", "page_trashed", "comment_created", "space_updated"):
        assert event({**page(), "event": kind}).pages == ()
    assert event({"timestamp": 1, "event": "page_updated"}).pages == ()


def test_the_same_delivery_is_the_same_and_another_edit_is_another() -> None:
    assert event(page()).delivery == event(page()).delivery
    assert event(page()).delivery != event({**page(), "timestamp": 2}).delivery
    assert event(page(), x_request_id="r-1").delivery == "r-1"


@pytest.mark.parametrize("values", [{"id": None}, {"id": "../1"}, {"self": None}, {"self": 3}])
def test_a_page_that_cannot_be_named_is_an_error(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="missing"):
        event(page(**values))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["page", "id", "self", "event"]), inner)
    ),
    max_leaves=6,
)


@given(json_values)
def test_whatever_comes_is_an_event_or_a_value_error(payload: Any) -> None:
    with contextlib.suppress(ValueError):
        event(payload)
