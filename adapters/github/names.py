"""How documents name issues and pull requests of GitHub. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import SplitResult, parse_qs, urljoin, urlsplit

from adapters.github.issue import TRACKER
from sync.model import TicketRef

_PAGE = re.compile(r"/([A-Za-z0-9][\w.-]{0,99})/([\w.-]{1,100})/(?:issues|pull)/([1-9][0-9]{0,11})(?:/[\w/-]*)?/?")
_PANE = re.compile(r"([A-Za-z0-9][\w.-]{0,99})\|([\w.-]{1,100})\|([1-9][0-9]{0,11})")
_PROJECT = re.compile(r"/(?:orgs|users)/[\w.-]{1,100}/projects/[0-9]{1,9}(?:/[\w/-]*)?")
_LIST = re.compile(r"(?:/[\w.-]{1,100}/[\w.-]{1,100})?/issues(?:/[\w-]*)?")
_SHORT = re.compile(r"(?:([A-Za-z0-9][\w.-]{0,99}/[\w.-]{1,100})?#|GH-)([1-9][0-9]{0,11})", re.IGNORECASE)
LONGEST = 2000


def ref_of(
    text: str, repository: str, url: str, webs: Sequence[str], spelled: Callable[[str], str]
) -> TicketRef | None:
    """The issue that words of a document name; None when they name none on this server.

    Args:
        repository: `owner/name` in which `#12` is meant; url: of the document, for relative links.
        webs: where people read what the API is about; a server may go by several addresses.
        spelled: the name of a repository as we write it, whatever its case.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        return None
    short = _SHORT.fullmatch(text)
    if short:
        project = short[1] or repository
        return _ref(project, short[2], spelled) if project else None
    try:
        parts = urlsplit(urljoin(url, text) if url and not urlsplit(text).scheme else text)
        place = ((parts.hostname or "").removeprefix("www."), parts.port)
    except ValueError:
        return None
    ours = [(site.hostname, site.port) for site in map(urlsplit, webs)]
    if parts.scheme not in ("http", "https") or place not in ours:
        return None
    page = _PAGE.fullmatch(parts.path) or _PANE.fullmatch(_pane(parts))
    return _ref(f"{page[1]}/{page[2]}", page[3], spelled) if page else None


def _pane(parts: SplitResult) -> str:
    """What the pane beside a project or a list of issues shows, as `owner|name|number`; "" for another page."""
    asked = parse_qs(parts.query)
    beside = _LIST.fullmatch(parts.path) or (_PROJECT.fullmatch(parts.path) and asked.get("pane") == ["issue"])
    return asked.get("issue", [""])[0] if beside else ""


def _ref(project: str, number: str, spelled: Callable[[str], str]) -> TicketRef:
    name = spelled(project)
    return TicketRef(TRACKER, name, f"{name}#{number}")
