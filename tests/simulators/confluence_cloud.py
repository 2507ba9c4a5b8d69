"""Confluence Cloud: pages by v2, held against Atlassian's own description; search, states and labels by v1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from tests.simulators.confluence_rest import ConfluenceRest, Route, stamp
from tests.simulators.confluence_site import Page, Refused, Version
from tests.simulators.jira_rest import basic, bearer
from tests.simulators.jira_wire import Answer, Asked
from tests.simulators.openapi import Description

DESCRIPTION = Description("confluence-v2.json", undescribed_statuses=(409, 413), overlapping=True)
CLOUD_ID = "1324a887-45db-1bf4-1e99-ef0ff456d421"
_GATEWAY = f"/ex/confluence/{CLOUD_ID}"


class ConfluenceCloud(ConfluenceRest):
    """A site of Confluence Cloud, and the gateway beside it.

    Attributes:
        violations: what the official description of the API does not allow.
        scoped: whether the token has scopes, so that only the gateway knows it.
    """

    product = "/wiki"
    scoped = False

    def handle(self, asked: Asked) -> Answer:
        if asked.path == "/_edge/tenant_info":
            return Answer(200, {"cloudId": CLOUD_ID})
        through = asked.path.startswith(_GATEWAY)
        if self.scoped and not through:
            return Answer(401, {"code": 401, "message": "Unauthorized; scope does not match"})
        inside = replace(asked, path=asked.path.removeprefix(_GATEWAY))
        answer = super().handle(inside)
        if DESCRIPTION.available and inside.path.startswith("/wiki/api/v2/"):
            self.checked += 1
            described = replace(inside, path=inside.path.removeprefix("/wiki/api/v2"))
            self.violations += DESCRIPTION.violations(described, answer)
        return answer

    def authorised(self, asked: Asked) -> bool:
        return basic(asked) == (self.site.me.email, self.secret) or bearer(asked) == self.secret

    def whose(self) -> Mapping[str, str]:
        return {"X-AACCOUNTID": quote(self.who.id)} if self.who else {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}

    def refusal(self, status: int, words: str) -> Answer:
        error = {"status": status, "code": "INVALID_REQUEST", "title": words, "detail": None}
        return Answer(status, {"errors": [error]})

    def routes(self) -> list[Route]:
        page = "/api/v2/pages/([0-9]+)"
        return [
            ("GET", "/api/v2/pages", self._pages),
            ("GET", page, self._page),
            ("PUT", page, self._put),
            ("GET", page + "/labels", self._labels),
            ("GET", page + "/descendants", self._descendants),
            ("GET", page + "/ancestors", self._ancestors),
            ("GET", page + "/operations", self._operations),
            ("GET", "/api/v2/labels/([0-9]+)/pages", self._labelled),
            ("GET", "/api/v2/spaces", self._spaces),
            ("POST", "/api/v2/users-bulk", self._users),
            ("GET", "/rest/api/search", self._search),
            ("GET", "/rest/api/label", self._label),
            ("GET", "/rest/api/user/current", self._me),
            ("GET", "/rest/api/content/([0-9]+)/state", self._state),
        ]

    # pages

    def _pages(self, asked: Asked) -> Answer:
        ids, spaces, title = asked.many("id"), asked.many("space-id"), asked.one("title")
        statuses = asked.many("status") or ["current", "archived"]
        found = [
            page
            for page in self.site.seen(self.who)
            if (not ids or page.id in ids)
            and (not spaces or self.site.spaces[page.space] in spaces)
            and page.status in statuses
            and title in ("", page.last.title)
        ]
        return self.paged(asked, [self._bulk(page, asked.one("body-format")) for page in found])

    def _page(self, asked: Asked, key: str) -> Answer:
        page = self.site.find(key, self.who)
        statuses = asked.many("status")
        if statuses and page.status not in statuses:
            raise Refused(404, "Not Found")
        shape = asked.one("body-format")
        if asked.one("get-draft") == "true" and page.draft:
            if not self.site.shows_drafts:
                raise Refused(404, "Not Found")
            draft = Version(1, page.last.title, page.draft.body, "", page.draft.by, page.draft.at)
            return Answer(200, self._shown(page, draft, shape) | {"status": "draft"})
        shown = self._shown(page, page.last, shape)
        if asked.one("include-labels") == "true":
            shown["labels"] = {"results": self._label_list(page), "meta": {"hasMore": False}, "_links": {}}
        return Answer(200, shown)

    def _put(self, asked: Asked, key: str) -> Answer:
        page, body = self.site.find(key, self.who), asked.body
        if body["id"] != key or body["status"] != "current":
            raise Refused(400, "The id or the status is another one")
        version = body["version"]
        self.site.write(
            page, self.who, version["number"], body["title"], body["body"]["value"], version.get("message", "")
        )
        # Without the body, as nobody promises that it is there.
        return Answer(200, self._shown(page, page.last, ""))

    def _shown(self, page: Page, version: Version, shape: str) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": page.id,
            "status": page.status,
            "title": version.title,
            "spaceId": self.site.spaces[page.space],
            "parentType": "page",
            "authorId": page.versions[0].by,
            "createdAt": stamp(page.versions[0].at),
            "version": {
                "number": version.number,
                "message": version.message,
                "minorEdit": version.minor,
                "authorId": version.by,
                "createdAt": stamp(version.at),
            },
            "body": {"storage": {"representation": "storage", "value": version.body}} if shape == "storage" else {},
            "_links": {"webui": f"/spaces/{page.space}/pages/{page.id}/x", "base": f"{self.base_url}/wiki"},
        }
        return shown | ({"parentId": page.parent} if page.parent else {})

    def _bulk(self, page: Page, shape: str) -> dict[str, Any]:
        shown = self._shown(page, page.last, shape)
        shown["_links"] = {"webui": shown["_links"]["webui"]}
        return shown | {"subtype": "live" if page.live else None}

    # around pages

    def _label_id(self, name: str) -> str:
        return str(7_000_000 + sum(ord(sign) * 31**place for place, sign in enumerate(name)) % 1_000_000)

    def _label_list(self, page: Page) -> list[dict[str, Any]]:
        return [{"id": self._label_id(name), "name": name, "prefix": "global"} for name in page.labels]

    def _labels(self, asked: Asked, key: str) -> Answer:
        return self.paged(asked, self._label_list(self.site.find(key, self.who)))

    def _labelled(self, asked: Asked, label: str) -> Answer:
        names = {name for page in self.site.pages.values() for name in page.labels if self._label_id(name) == label}
        spaces = asked.many("space-id")
        found = [
            page
            for page in self.site.seen(self.who)
            if names & set(self.site.label_index.get(page.id, ()))
            and (not spaces or self.site.spaces[page.space] in spaces)
        ]
        return self.paged(asked, [self._bulk(page, asked.one("body-format")) for page in found])

    def _descendants(self, asked: Asked, key: str) -> Answer:
        self.site.find(key, self.who)
        found: list[dict[str, Any]] = []
        level, depth = [key], 0
        while level and depth < int(asked.one("depth", "2")):
            depth += 1
            below = [page for page in self.site.seen(self.who) if page.parent in level]
            found += [self._descendant(page, depth) for page in below if page.status in ("current", "archived")]
            level = [page.id for page in below]
        return self.paged(asked, found)

    def _descendant(self, page: Page, depth: int) -> dict[str, Any]:
        shown = {"id": page.id, "status": page.status, "title": page.last.title, "type": "page"}
        return shown | {"parentId": page.parent, "depth": depth, "childPosition": None}

    def _ancestors(self, asked: Asked, key: str) -> Answer:
        found: list[dict[str, str]] = []
        at = self.site.find(key, self.who).parent
        while at:
            found.insert(0, {"id": at, "type": "page"})
            at = self.site.pages[at].parent
        return Answer(200, {"results": found, "_links": {"base": self.base_url}})

    def _operations(self, asked: Asked, key: str) -> Answer:
        page = self.site.find(key, self.who)
        names = ["read", *(["update", "delete"] if self.site.may_edit(page, self.who) else [])]
        return Answer(200, {"operations": [{"operation": name, "targetType": "page"} for name in names]})

    def _spaces(self, asked: Asked) -> Answer:
        keys = asked.many("keys")
        found = [
            {"id": number, "key": key, "name": key, "type": "global", "status": "current"}
            for key, number in self.site.spaces.items()
            if not keys or key in keys
        ]
        return self.paged(asked, found)

    def _users(self, asked: Asked) -> Answer:
        wanted = asked.body["accountIds"]
        shown = [
            {"accountId": one.id, "displayName": one.name, "publicName": one.name, "email": one.email}
            for one in self.site.people
            if one.id in wanted
        ]
        return Answer(200, {"results": shown, "_links": {"base": self.base_url}})

    # v1

    def _search(self, asked: Asked) -> Answer:
        found = []
        for one in self.searched(asked.one("cql")):
            content: dict[str, Any] = {"id": one.id, "type": "page", "status": "current", "title": one.title}
            if self.tells_versions and "content.version" in asked.many("expand"):
                content["version"] = {"number": one.version, "minorEdit": False}
            found.append({"content": content, "title": one.title, "excerpt": "", "entityType": "content"})
        return self.paged(asked, found)

    def _label(self, asked: Asked) -> Answer:
        name = asked.one("name")
        if not any(name in page.labels for page in self.site.pages.values()):
            raise Refused(404, "No label with that name")
        label = {"prefix": "global", "name": name, "id": self._label_id(name), "label": name}
        return Answer(200, {"label": label, "associatedContents": {"results": []}})

    def _me(self, asked: Asked) -> Answer:
        if self.who is None:
            return Answer(200, {"type": "anonymous", "displayName": "Anonymous"})
        me = {"type": "known", "accountId": self.who.id, "accountType": "atlassian", "displayName": self.who.name}
        return Answer(200, me)

    def _state(self, asked: Asked, key: str) -> Answer:
        return Answer(200, self.state_of(self.site.find(key, self.who)))
