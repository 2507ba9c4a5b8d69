"""Addresses of pages as people copy them."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.confluence.addresses import Named, named_by, page_of_short, page_url

WEB = "https://acme.atlassian.net/wiki"


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/spaces/OPS/pages/98319/Checkout+outage", Named("98319", "OPS")),
        ("/spaces/OPS/pages/98319/Checkout+outage?focusedCommentId=7#comment-7", Named("98319", "OPS")),
        ("/spaces/OPS/pages/98319", Named("98319", "OPS")),
        ("/spaces/OPS/pages/edit-v2/98319", Named("98319", "OPS")),
        ("/spaces/OPS/pages/edit-v2/98319?draftShareId=1", Named("98319", "OPS")),
        ("/spaces/~712020/pages/98319/Notes", Named("98319", "~712020")),
        ("/spaces/%7E712020/pages/98319/Notes", Named("98319", "~712020")),
        ("/spaces/OPS/live/98319/Notes", Named("98319", "OPS")),
        ("/pages/viewpage.action?pageId=98319", Named("98319")),
        ("/pages/viewpage.action?pageId=98319&src=contextnavpagetreemode", Named("98319")),
        ("/pages/viewpage.action?spaceKey=OPS&title=Checkout+outage", Named("", "OPS", "Checkout outage")),
        ("/pages/resumedraft.action?draftId=98319", Named("98319")),
        ("/pages/editpage.action?pageId=98319", Named("98319")),
        ("/display/OPS/Checkout+outage+50%25", Named("", "OPS", "Checkout outage 50%")),
        ("/display/OPS/Checkout%20outage", Named("", "OPS", "Checkout outage")),
        ("/x/D4AB", Named("98319")),
        ("/api/v2/pages/98319", Named("98319")),
        ("/rest/api/content/98319?expand=version", Named("98319")),
        ("/spaces/OPS/overview", None),
        ("/spaces/OPS/blog/2026/03/01/98319/News", None),
        ("/pages/viewpage.action?title=Checkout", None),
        ("/display/OPS", None),
        ("/x/", None),
    ],
)
def test_every_form_of_an_address_is_read(path: str, named: Named | None) -> None:
    assert named_by(WEB + path, WEB) == named


def test_a_data_center_may_stand_below_any_path_and_cloud_is_written_in_any_case() -> None:
    for web in ("https://wiki.acme.example", "https://acme.example/confluence"):
        assert named_by(f"{web}/display/OPS/Outage", web) == Named("", "OPS", "Outage")
        assert named_by(page_url(web, "7"), web) == Named("7")
    assert named_by("https://ACME.atlassian.net/wiki/x/D4AB", WEB) == Named("98319")


@pytest.mark.parametrize(
    "url",
    [
        "https://other.atlassian.net/wiki/spaces/OPS/pages/98319",
        "https://acme.atlassian.net/browse/OPS-1",
        "https://acme.atlassian.net/wikis/spaces/OPS/pages/98319",
        "https://acme.atlassian.net.evil.example/wiki/spaces/OPS/pages/98319",
        "not an address",
    ],
)
def test_what_is_no_page_of_the_site_names_none(url: str) -> None:
    assert named_by(url, WEB) is None


def test_a_short_link_that_is_none_names_no_page() -> None:
    assert [page_of_short(short) for short in ("A", "____________", "!", "")] == ["", "", "", ""]


@given(st.integers(min_value=1, max_value=2**63 - 1))
def test_short_links_hold_the_id(number: int) -> None:
    short = base64.b64encode(number.to_bytes(8, "little"), b"_-").decode().rstrip("=").rstrip("A")
    assert page_of_short(short) == str(number)
