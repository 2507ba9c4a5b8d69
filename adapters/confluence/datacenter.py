"""Confluence Data Center, 7 and later: everything by REST v1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from adapters.confluence.answers import ConfluenceRefusal
from adapters.confluence.client import ConfluenceSession
from adapters.confluence.page import Draft, Found, Page, Wanted
from adapters.confluence.schemas import CONTENT, HITS, ME, PERMITTED, TITLED
from sync.model import Mentioned

MOST = 200
"""Entries of one answer; a server gives as many as it likes."""

_GONE = (403, 404)
_WHOLE = "body.storage,version"


class DataCenter:
    """What is asked of a Data Center."""

    many = False

    def __init__(self, session: ConfluenceSession) -> None:
        self._session = session

    def search(self, cql: str) -> Iterator[Found]:
        """The pages that fit, as far as the index knows."""
        yield from self._hits("/rest/api/content/search", {"cql": cql})

    def listed(self, wanted: Wanted, some: str) -> Mapping[str, int] | None:
        """Versions by id, of a space or below a page; None for labels and CQL, which only the index can tell."""
        if wanted.cql or wanted.label:
            return None
        if not wanted.under:
            return dict(self._hits("/rest/api/content", {"type": "page", "spaceKey": wanted.space}))
        found = dict(self._hits(f"/rest/api/content/{wanted.under}/descendant/page", {}))
        if wanted.space:
            inside = dict(self._hits("/rest/api/content", {"type": "page", "spaceKey": wanted.space}))
            found = {page: version for page, version in found.items() if page in inside}
        return found

    def versions(self, pages: Iterable[str]) -> Mapping[str, int]:
        """The versions of these pages now, one call each."""
        return {page: found.version for page, found in self.pages(list(pages)).items()}

    def pages(self, pages: Sequence[str]) -> Mapping[str, Page]:
        """These pages with their bodies, one call each."""
        found: dict[str, Page] = {}
        for page in pages:
            content = self._content(page, _WHOLE)
            if content is not None:
                found[page] = _page(content)
        return found

    def whereabouts(self, page: str, wanted: Wanted) -> str:
        """Why a page is none that is wanted, by its labels, space and ancestors now."""
        content = self._content(page, f"{_WHOLE},metadata.labels,space,ancestors")
        if content is None:
            return "it is gone"
        labels = ((content.get("metadata") or {}).get("labels") or {"results": []})["results"]
        if wanted.label and wanted.label.lower() not in {label["name"].lower() for label in labels}:
            return f"it does not have the label {wanted.label}"
        if wanted.space and (content.get("space") or {}).get("key") != wanted.space:
            return f"it is not in the space {wanted.space}"
        if wanted.under and wanted.under not in {one["id"] for one in content.get("ancestors") or []}:
            return f"it does not stand below the page {wanted.under}"
        return ""

    def status(self, page: str) -> str:
        """The status of a page, the trash looked into as well."""
        content = self._content(page, _WHOLE, "any")
        return str(content["status"]) if content else ""

    def state(self, page: str) -> str:
        """None: page states are Cloud's."""
        return ""

    def draft(self, page: str) -> Draft | None:
        """The draft that all editors of the page share; None where there is none, or it is not shown."""
        content = self._content(page, _WHOLE, "draft")
        if content is None or content["status"] != "draft":
            return None
        return Draft(
            content["body"]["storage"]["value"].encode("utf-8", "surrogatepass"),
            str(content["version"].get("when") or ""),
        )

    def save(self, page: Page, body: bytes, message: str) -> None:
        """Write the version after that of `page`, as a minor edit. Raises Conflict when it is not the last any more."""
        asked = {
            "id": page.id,
            "type": "page",
            "status": "current",
            "title": page.title,
            "body": {"storage": {"representation": "storage", "value": body.decode("utf-8", "surrogatepass")}},
            "version": {"number": page.version + 1, "message": message, "minorEdit": True},
        }
        self._session.put(f"/rest/api/content/{page.id}", asked)

    def may_edit(self, page: str) -> bool | None:
        """Whether our account may edit a page; None before version 7.8, which does not tell."""
        found = self._session.get(f"/rest/api/content/{page}", PERMITTED, {"expand": "operations"})
        operations = found.get("operations")
        if not operations:
            return None
        return any(isinstance(one, Mapping) and one.get("operation") == "update" for one in operations)

    def people(self, accounts: Sequence[str]) -> Mapping[str, Mentioned]:
        """What these accounts are called and by which names they log in, one call each."""
        return {account: known for account in accounts if (known := self._person(account))}

    def _person(self, account: str) -> Mentioned | None:
        # Since version 5.3 pages hold keys, before that names.
        for kind in ("key", "username"):
            try:
                user = self._session.get("/rest/api/user", ME, {kind: account})
            except ConfluenceRefusal as error:
                if error.status != 404:
                    raise
                continue
            return Mentioned(str(user.get("displayName") or ""), str(user.get("username") or ""))
        return None

    def titled(self, space: str, title: str) -> str:
        """The id of the page of this title; "" for none."""
        asked = {"type": "page", "spaceKey": space, "title": title, "limit": "2"}
        found = list(islice(self._session.pages("/rest/api/content", TITLED, asked), 2))
        return str(found[0]["id"]) if len(found) == 1 else ""

    def _hits(self, path: str, asked: Mapping[str, str]) -> Iterator[Found]:
        for entry in self._session.pages(path, HITS, {**asked, "expand": "version", "limit": str(MOST)}):
            if entry.get("type", "page") == "page":
                yield Found(entry["id"], (entry.get("version") or {"number": 0})["number"])

    def _content(self, page: str, expand: str, status: str = "") -> Mapping[str, Any] | None:
        """A page, None when it is gone or not to be seen."""
        asked = {"expand": expand} | ({"status": status} if status else {})
        try:
            found: Mapping[str, Any] = self._session.get(f"/rest/api/content/{page}", CONTENT, asked)
        except ConfluenceRefusal as error:
            if error.status in _GONE:
                return None
            raise
        return found


def _page(content: Mapping[str, Any]) -> Page:
    version = content["version"]
    return Page(
        content["id"],
        content["title"],
        content["status"],
        version["number"],
        str(version.get("message") or ""),
        content["body"]["storage"]["value"].encode("utf-8", "surrogatepass"),
    )
