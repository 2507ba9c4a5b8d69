"""Confluence Cloud: pages by REST v2; search, page states and labels by their names by v1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from adapters.confluence.answers import ConfluenceRefusal
from adapters.confluence.client import ConfluenceSession
from adapters.confluence.page import Draft, Found, Page, Wanted
from adapters.confluence.schemas import (
    ANCESTORS,
    DESCENDANTS,
    HEADING,
    HEADINGS,
    LABEL,
    LABELLED,
    LABELS,
    OPERATIONS,
    PAGE,
    PAGES,
    SEARCH,
    SPACES,
    STATE,
    USERS,
)
from sync.model import Mentioned

MOST = 250
"""Entries of one answer."""

DEEPEST = 10
"""Levels of descendants in one answer."""

_GONE = (403, 404, 410)
_ANY_STATUS = ("current", "archived", "trashed", "deleted", "draft")


class Cloud:
    """What is asked of a site of Cloud."""

    many = True

    def __init__(self, session: ConfluenceSession) -> None:
        self._session = session
        self._spaces: dict[str, str] = {}
        self._labels: dict[str, str] = {}

    def search(self, cql: str) -> Iterator[Found]:
        """The pages that fit, as far as the index knows."""
        asked = {"cql": cql, "limit": str(MOST), "expand": "content.version"}
        for entry in self._session.pages("/rest/api/search", SEARCH, asked):
            content = entry.get("content")
            if content and content.get("type", "page") == "page":
                yield Found(content["id"], (content.get("version") or {"number": 0})["number"])

    def listed(self, wanted: Wanted, some: str) -> Mapping[str, int] | None:
        """Versions by id, by label, descendants or space; None for what only CQL can tell, or an unknown label."""
        if wanted.cql:
            return None
        space = {"space-id": self._space_id(wanted.space)} if wanted.space else {}
        if wanted.label:
            label = self._label_id(wanted.label, some)
            if not label:
                return None
            found = self._headings(f"/api/v2/labels/{label}/pages", space)
        elif wanted.under:
            below = self._below(wanted.under)
            found = self._headings("/api/v2/pages", space, below) if space else dict.fromkeys(below, 0)
        else:
            found = self._headings("/api/v2/pages", space | {"status": "current"})
        if wanted.label and wanted.under:
            below = self._below(wanted.under)
            found = {page: version for page, version in found.items() if page in below}
        return found

    def versions(self, pages: Iterable[str]) -> Mapping[str, int]:
        """The versions of these pages now, many at once."""
        return self._headings("/api/v2/pages", {"status": "current"}, pages)

    def pages(self, pages: Sequence[str]) -> Mapping[str, Page]:
        """These pages with their bodies, many at once."""
        found: dict[str, Page] = {}
        for some in _portions(pages):
            asked = {"id": ",".join(some), "body-format": "storage", "limit": str(MOST)}
            for entry in self._session.pages("/api/v2/pages", PAGES, asked):
                found[entry["id"]] = _page(entry)
        return found

    def whereabouts(self, page: str, wanted: Wanted) -> str:
        """Why a page is none that is wanted, by its labels, space and ancestors now."""
        heading = self._session.get(f"/api/v2/pages/{page}", LABELLED, {"include-labels": "true"})
        labels = {label["name"].lower() for label in heading["labels"]["results"]}
        if wanted.label and wanted.label.lower() not in labels:
            return f"it does not have the label {wanted.label}"
        if wanted.space and heading.get("spaceId") != self._space_id(wanted.space):
            return f"it is not in the space {wanted.space}"
        if wanted.under and wanted.under not in self._above(page):
            return f"it does not stand below the page {wanted.under}"
        return ""

    def status(self, page: str) -> str:
        """The status of a page, the trash looked into as well."""
        asked = {"status": ",".join(_ANY_STATUS)}
        try:
            return str(self._session.get(f"/api/v2/pages/{page}", HEADING, asked)["status"])
        except ConfluenceRefusal as error:
            if error.status in _GONE:
                return ""
            raise

    def state(self, page: str) -> str:
        """The page state, by v1, the only one that has it."""
        found = self._session.get(f"/rest/api/content/{page}/state", STATE, {"status": "current"})
        return str((found.get("contentState") or {}).get("name") or "")

    def draft(self, page: str) -> Draft | None:
        """The draft that all editors of the page share; None where there is none, or it is not shown."""
        asked = {"get-draft": "true", "body-format": "storage"}
        try:
            found = self._session.get(f"/api/v2/pages/{page}", PAGE, asked)
        except ConfluenceRefusal as error:
            if error.status in _GONE:
                return None
            raise
        if found["status"] != "draft":
            return None
        return Draft(
            found["body"]["storage"]["value"].encode("utf-8", "surrogatepass"),
            str(found["version"].get("createdAt") or ""),
        )

    def save(self, page: Page, body: bytes, message: str) -> None:
        """Write the version after that of `page`. Raises Conflict when it is not the last any more."""
        asked = {
            "id": page.id,
            "status": "current",
            "title": page.title,
            "body": {"representation": "storage", "value": body.decode("utf-8", "surrogatepass")},
            "version": {"number": page.version + 1, "message": message},
        }
        self._session.put(f"/api/v2/pages/{page.id}", asked)

    def may_edit(self, page: str) -> bool | None:
        """Whether our account may edit a page."""
        found = self._session.get(f"/api/v2/pages/{page}/operations", OPERATIONS)
        return any(one["operation"] == "update" for one in found["operations"])

    def people(self, accounts: Sequence[str]) -> Mapping[str, Mentioned]:
        """What these accounts are called; an account of Jira Cloud has the same id."""
        found: dict[str, Mentioned] = {}
        for some in _portions(accounts):
            for user in self._session.ask("/api/v2/users-bulk", {"accountIds": some}, USERS)["results"]:
                if user.get("displayName"):
                    found[user["accountId"]] = Mentioned(user["displayName"])
        return found

    def titled(self, space: str, title: str) -> str:
        """The id of the page of this title; "" for none."""
        asked = {"title": title, "space-id": self._space_id(space), "status": "current", "limit": "2"}
        found = list(islice(self._session.pages("/api/v2/pages", HEADINGS, asked), 2))
        return str(found[0]["id"]) if len(found) == 1 else ""

    def _headings(self, path: str, asked: Mapping[str, str], pages: Iterable[str] | None = None) -> dict[str, int]:
        """Versions by id of the published pages of a listing; of these pages only, where some are given."""
        found: dict[str, int] = {}
        for some in [None] if pages is None else _portions(pages):
            chosen = {"id": ",".join(some)} if some else {}
            for entry in self._session.pages(path, HEADINGS, {**asked, **chosen, "limit": str(MOST)}):
                if entry["status"] == "current":
                    found[entry["id"]] = entry["version"]["number"]
        return found

    def _below(self, page: str) -> set[str]:
        """The pages below a page, whatever the depth."""
        found: set[str] = set()
        left = [page]
        while left:
            asked = {"limit": str(MOST), "depth": str(DEEPEST)}
            for entry in self._session.pages(f"/api/v2/pages/{left.pop()}/descendants", DESCENDANTS, asked):
                if entry["type"] == "page" and entry["id"] not in found:
                    found.add(entry["id"])
                    left += [entry["id"]] if entry["depth"] >= DEEPEST else []
        return found

    def _above(self, page: str) -> set[str]:
        asked = {"limit": str(MOST)}
        return {one["id"] for one in self._session.pages(f"/api/v2/pages/{page}/ancestors", ANCESTORS, asked)}

    def _space_id(self, key: str) -> str:
        if key not in self._spaces:
            found = list(self._session.pages("/api/v2/spaces", SPACES, {"keys": key, "limit": "2"}))
            if len(found) != 1:
                raise ConfluenceRefusal(404, f"there is no space {key}", "Correct the source's space in sync.toml.")
            self._spaces[key] = str(found[0]["id"])
        return self._spaces[key]

    def _label_id(self, name: str, some: str) -> str:
        """A label's id: from a page that has it, else by its name; "" where nobody tells."""
        if name not in self._labels and some:
            asked = {"limit": str(MOST)}
            labels: Iterator[Any] = self._session.pages(f"/api/v2/pages/{some}/labels", LABELS, asked)
            same = [label for label in labels if label["name"].lower() == name.lower() and label.get("id")]
            if same:
                self._labels[name] = str(same[0]["id"])
        if name not in self._labels:
            try:
                found = self._session.get("/rest/api/label", LABEL, {"name": name, "limit": "1"})
            except ConfluenceRefusal as error:
                if error.status in (400, *_GONE):
                    return ""
                raise
            self._labels[name] = str(found["label"]["id"])
        return self._labels[name]


def _portions(pages: Iterable[str]) -> Iterator[list[str]]:
    left = iter(pages)
    while some := list(islice(left, MOST)):
        yield some


def _page(entry: Mapping[str, Any]) -> Page:
    version = entry["version"]
    return Page(
        entry["id"],
        entry["title"],
        entry["status"],
        version["number"],
        str(version.get("message") or ""),
        entry["body"]["storage"]["value"].encode("utf-8", "surrogatepass"),
        entry.get("subtype") == "live",
    )
