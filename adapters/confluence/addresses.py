"""Addresses of pages: every form in which people copy them, and the one that we write ourselves. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, unquote_plus, urlsplit

ID = re.compile(r"[0-9]{1,20}")
_IN_SPACE = re.compile(r"/spaces/(?P<space>[^/]+)/(?:pages|live)/(?:[a-z][a-z0-9-]*/)?(?P<id>[0-9]{1,20})(?:/.*)?")
_DISPLAY = re.compile(r"/display/(?P<space>[^/]+)/(?P<title>[^/]+)/?")
_SHORT = re.compile(r"/x/(?P<short>[A-Za-z0-9_-]{1,11})/?")
_API = re.compile(r"/(?:rest/api/content|api/v2/pages)/(?P<id>[0-9]{1,20})(?:/.*)?")
_ACTION = re.compile(r"/pages/[a-z]+\.action", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Named:
    """What an address names: a page by its id, or else by its space and title.

    Attributes:
        space: its key, where the address tells.
    """

    id: str = ""
    space: str = ""
    title: str = ""


def page_url(web: str, page: str) -> str:
    """The address that stays the same when the page is retitled or moved; Cloud and Data Center both lead on from it.

    Args:
        web: the address below which people find pages.
    """
    return f"{web}/pages/viewpage.action?pageId={page}"


def named_by(url: str, web: str) -> Named | None:
    """What an address names; None for one of another site, or of something else than a page."""
    parts, site = urlsplit(url), urlsplit(web)
    if parts.netloc.lower() != site.netloc.lower() or not parts.path.startswith(site.path + "/"):
        return None
    path = parts.path.removeprefix(site.path)
    query = parse_qs(parts.query)
    if match := _IN_SPACE.fullmatch(path):
        return Named(match["id"], unquote(match["space"]))
    if match := _API.fullmatch(path):
        return Named(match["id"])
    if match := _SHORT.fullmatch(path):
        page = page_of_short(match["short"])
        return Named(page) if page else None
    if match := _DISPLAY.fullmatch(path):
        return Named(space=unquote(match["space"]), title=unquote_plus(match["title"]))
    if _ACTION.fullmatch(path):
        page = next((v for name in ("pageId", "draftId") for v in query.get(name, []) if ID.fullmatch(v)), "")
        space, title = query.get("spaceKey", [""])[0], query.get("title", [""])[0]
        if page or (space and title):
            return Named(page, space, "" if page else title)
    return None


def page_of_short(short: str) -> str:
    """The page behind `/x/SHORT`: its id in base64, the lowest byte first, without the zeros at the end."""
    try:
        number = int.from_bytes(base64.b64decode(short.ljust(11, "A") + "=", b"_-"), "little")
    except (binascii.Error, ValueError):
        return ""
    return str(number) if 0 < number < 2**63 else ""
