"""Confluence Data Center, REST v1 alone: users by their keys, a wrong token that is answered as nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.simulators.confluence_rest import ConfluenceRest, Route, stamp
from tests.simulators.confluence_site import Page, Refused, Version
from tests.simulators.jira_rest import bearer
from tests.simulators.jira_wire import Answer, Asked


class ConfluenceDataCenter(ConfluenceRest):
    """A Data Center of the 8 series, below a path of its own."""

    product = "/confluence"
    page_size = 100

    def authorised(self, asked: Asked) -> bool:
        return bearer(asked) == self.secret

    def whose(self) -> Mapping[str, str]:
        return {"X-AUSERNAME": "sync" if self.who else "anonymous"}

    def refusal(self, status: int, words: str) -> Answer:
        return Answer(status, {"statusCode": status, "data": {"authorized": False, "errors": []}, "message": words})

    def routes(self) -> list[Route]:
        content = "/rest/api/content/([0-9]+)"
        return [
            ("GET", "/rest/api/content/search", self._search),
            ("GET", "/rest/api/content", self._contents),
            ("GET", content, self._content),
            ("PUT", content, self._put),
            ("GET", content + "/descendant/page", self._descendants),
            ("GET", "/rest/api/user", self._user),
            ("GET", "/rest/api/user/current", self._me),
        ]

    def _search(self, asked: Asked) -> Answer:
        # The index finds, the database shows: a version is that of the page now.
        found = [self.site.pages[one.id] for one in self.searched(asked.one("cql")) if one.id in self.site.pages]
        return self.paged(asked, [self._shown(page, page.last, asked.many("expand")) for page in found])

    def _contents(self, asked: Asked) -> Answer:
        space, title = asked.one("spaceKey"), asked.one("title")
        found = [
            page
            for page in self.site.seen(self.who)
            if page.status == asked.one("status", "current")
            and space in ("", page.space)
            and title in ("", page.last.title)
        ]
        return self.paged(asked, [self._shown(page, page.last, asked.many("expand")) for page in found])

    def _descendants(self, asked: Asked, key: str) -> Answer:
        self.site.find(key, self.who)
        below = {key}
        for _ in self.site.pages:
            below |= {page.id for page in self.site.pages.values() if page.parent in below}
        found = [p for p in self.site.seen(self.who) if p.id in below - {key} and p.status == "current"]
        return self.paged(asked, [self._shown(page, page.last, asked.many("expand")) for page in found])

    def _content(self, asked: Asked, key: str) -> Answer:
        page, status = self.site.find(key, self.who), asked.one("status", "current")
        if status == "draft":
            if page.draft is None or not self.site.shows_drafts:
                raise Refused(404, f"No content found with id: ContentId{{id={key}}}")
            draft = Version(page.last.number, page.last.title, page.draft.body, "", page.draft.by, page.draft.at)
            return Answer(200, self._shown(page, draft, asked.many("expand")) | {"status": "draft"})
        if status not in ("any", page.status):
            raise Refused(404, f"No content found with id: ContentId{{id={key}}}")
        return Answer(200, self._shown(page, page.last, asked.many("expand")))

    def _put(self, asked: Asked, key: str) -> Answer:
        page, body = self.site.find(key, self.who), asked.body
        if body["id"] != key or body["type"] != "page" or body["status"] != "current":
            raise Refused(400, "The id, the type or the status is another one")
        version = body["version"]
        self.site.write(
            page,
            self.who,
            version["number"],
            body["title"],
            body["body"]["storage"]["value"],
            version.get("message", ""),
            version.get("minorEdit", False),
        )
        return Answer(200, self._shown(page, page.last, []))

    def _shown(self, page: Page, version: Version, expand: list[str]) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": page.id, "type": "page", "status": page.status, "title": version.title}
        parts: dict[str, tuple[str, Any]] = {
            "version": (
                "version",
                {
                    "number": version.number,
                    "message": version.message,
                    "minorEdit": version.minor,
                    "when": stamp(version.at),
                },
            ),
            "body.storage": ("body", {"storage": {"value": version.body, "representation": "storage"}}),
            "space": ("space", {"key": page.space, "name": page.space}),
            "metadata.labels": (
                "metadata",
                {"labels": {"results": [{"id": "1", "name": n, "prefix": "global"} for n in page.labels]}},
            ),
            "ancestors": ("ancestors", self._above(page)),
            "operations": ("operations", self._operations(page)),
        }
        return shown | dict(parts[name] for name in expand)

    def _operations(self, page: Page) -> list[dict[str, str]]:
        names = ["read", *(["update"] if self.site.may_edit(page, self.who) else [])]
        return [{"operation": name, "targetType": "page"} for name in names]

    def _above(self, page: Page) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        at = page.parent
        while at:
            found.insert(0, {"id": at, "type": "page"})
            at = self.site.pages[at].parent
        return found

    def _user(self, asked: Asked) -> Answer:
        for person in self.site.people:
            if asked.one("key") == person.id or asked.one("username") == person.login != "":
                known = {"type": "known", "username": person.login, "userKey": person.id, "displayName": person.name}
                return Answer(200, known)
        raise Refused(404, "No user found with key or name")

    def _me(self, asked: Asked) -> Answer:
        if self.who is None:
            return Answer(200, {"type": "anonymous", "displayName": "Anonymous", "username": None})
        known = {"type": "known", "username": "sync", "userKey": "8a7f808a", "displayName": self.who.name}
        return Answer(200, known)
