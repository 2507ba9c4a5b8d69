"""Jira Cloud, REST v3: account ids, ADF, an index that lags, reads by id that do not."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jsonschema import Draft4Validator

from tests.simulators import jira_spec
from tests.simulators.jira_rest import JiraRest, Route, basic, bearer, jira_time
from tests.simulators.jira_site import Person, Project, Refused
from tests.simulators.jira_wire import Answer, Asked

_SCHEMA = json.loads((Path(__file__).parents[1] / "adapters" / "jira" / "adf-schema.json").read_text(encoding="utf-8"))
_MENTION = {
    "type": "object",
    "properties": {
        "type": {"enum": ["mention"]},
        "attrs": {
            "type": "object",
            "properties": {name: {"type": "string"} for name in ("id", "localId", "text", "accessLevel", "userType")},
            "required": ["id"],
            "additionalProperties": False,
        },
    },
    "required": ["type", "attrs"],
    "additionalProperties": False,
}
_INLINE = {"anyOf": [*_SCHEMA["definitions"]["inline_node"]["anyOf"], _MENTION]}
_ADF = Draft4Validator(_SCHEMA)
_COMMENT_ADF = Draft4Validator({**_SCHEMA, "definitions": {**_SCHEMA["definitions"], "inline_node": _INLINE}})
"""The schema in the tests leaves mentions out, as no description may hold one; a comment may."""


class JiraCloud(JiraRest):
    """A site of Jira Cloud. `violations` lists what the official description of the API does not allow."""

    api = "/rest/api/3"
    strict_keys = False
    """Whether a query that names a key that is not there, or not to be seen, is refused; else nothing fits it."""

    cloud_id = "11223344-a1b2-3b33-c444-def123456789"
    scoped = False
    """Whether the token has scopes, so that it is good at the gateway alone."""
    scopes = frozenset({"read:jira-work", "write:jira-work", "read:jira-user"})

    def handle(self, asked: Asked) -> Answer:
        if asked.path == "/_edge/tenant_info":
            assert "Authorization" not in asked.headers
            return Answer(200, {"cloudId": self.cloud_id})
        door = f"/ex/jira/{self.cloud_id}"
        by_gateway = asked.path.startswith(f"{door}/")
        if by_gateway:
            asked = replace(asked, path=asked.path.removeprefix(door))
            refused = self._at_gateway(asked)
            if refused:
                return refused
        elif self.scoped and self.authorised(asked):
            return Answer(401, {"errorMessages": ["Client must be authenticated to access this resource."]})
        answer = super().handle(asked)
        if jira_spec.AVAILABLE and self.authorised(asked):
            self.checked += 1
            self.violations += jira_spec.violations(asked, replace(answer, body=_described(answer.body)))
        return answer

    def _at_gateway(self, asked: Asked) -> Answer | None:
        """What the gateway itself answers; None where the site does."""
        if not self.authorised(asked):
            return Answer(401, {"code": 401, "message": "Unauthorized"})
        wanted = "read:jira-work" if asked.method == "GET" or "bulkfetch" in asked.path else "write:jira-work"
        if "/myself" in asked.path or "/user/" in asked.path:
            wanted = "read:jira-user"
        if self.scoped and wanted not in self.scopes:
            return Answer(401, {"code": 401, "message": "Unauthorized; scope does not match"})
        return None

    def authorised(self, asked: Asked) -> bool:
        if asked.headers.get("Authorization", "").startswith("Bearer "):
            return bearer(asked) == self.secret
        return basic(asked) == (self.site.me.email, self.secret)

    def whose(self, known: bool) -> dict[str, str]:
        if not known:
            return {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
        return {"X-AACCOUNTID": quote(self.site.me.id)} if self.names_accounts else {}

    def user(self, person: Person) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "self": f"{self.base_url}{self.api}/user?accountId={person.id}",
            "accountId": person.id,
            "accountType": "atlassian",
            "displayName": person.name,
            "active": person.active,
        }
        if not person.email_hidden:
            answer["emailAddress"] = person.email
        return answer

    def person_named(self, value: Any) -> str:
        if value.keys() != {"accountId"}:
            raise Refused(400, errors={"assignee": "'accountId' must be the only property used to specify the user."})
        return str(value["accountId"] or "")

    def check_description(self, value: Any) -> None:
        if not _ADF.is_valid(value):
            reported = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
            raise Refused(400, errors={"description": reported})

    def check_comment(self, value: Any) -> None:
        if not _COMMENT_ADF.is_valid(value):
            raise Refused(400, errors={"comment": "Comment body is not valid!"})

    def dialect_routes(self) -> list[Route]:
        return [
            ("GET", "/search/jql", self._search),
            ("POST", "/issue/bulkfetch", self._bulkfetch),
            ("GET", "/issue/createmeta/([^/]+)/issuetypes", self._types),
            ("GET", "/issue/createmeta/([^/]+)/issuetypes/([^/]+)", self._fields),
        ]

    def _server_info(self, asked: Asked) -> Answer:
        answer = {
            "baseUrl": self.base_url,
            "serverTime": jira_time(self.site.now()),
            "deploymentType": "Cloud",
            "version": "1001.0.0",
            "versionNumbers": [1001, 0, 0],
        }
        return Answer(200, answer)

    def _search(self, asked: Asked) -> Answer:
        jql = asked.one("jql")
        query, issues = self.select(jql)
        if self.strict_keys:
            self.keys_must_exist(query)
        if not query.conditions:
            raise Refused(400, "Unbounded JQL queries are not allowed here. Add a search restriction to your query.")
        start = _place(asked.one("nextPageToken"), jql)
        size = min(int(asked.one("maxResults", "50")), self.page_size)
        page = issues[start : start + size]
        fields = asked.many("fields") or ["id"]
        answer: dict[str, Any] = {
            "issues": [self.issue_json(issue, fields, asked.many("properties")) for issue in page],
            "isLast": start + size >= len(issues),
        }
        if fields == ["id"]:
            answer["issues"] = [{"id": issue.id} for issue in page]
        if not answer["isLast"]:
            answer["nextPageToken"] = base64.b64encode(f"{start + size}|{jql}".encode()).decode()
        return Answer(200, answer)

    def _bulkfetch(self, asked: Asked) -> Answer:
        keys = asked.body["issueIdsOrKeys"]
        if not 0 < len(keys) <= 100:
            raise Refused(400, "The number of issues must be between 1 and 100.")
        found: dict[str, Any] = {}
        errors: list[dict[str, str]] = []
        for key in keys:
            try:
                issue = self.site.find(key)
            except Refused:
                errors.append({"id": key, "errorMessage": "The requested work item doesn't exist or you can't see it."})
                continue
            properties = asked.body.get("properties", [])
            found[issue.id] = self.issue_json(issue, asked.body.get("fields", ["*navigable"]), properties)
        # By number, not as asked for: the real service promises no order.
        return Answer(200, {"issues": [found[key] for key in sorted(found)], "issueErrors": errors})

    def _creatable(self, key: str) -> Project:
        try:
            return self.site.project(key)
        except Refused as refused:
            raise Refused(400, *refused.messages) from refused

    def _types(self, asked: Asked, key: str) -> Answer:
        project = self._creatable(key)
        types = [
            {
                "self": f"{self.base_url}/x",
                "id": str(n),
                "name": project.translated.get(name, name),
                "untranslatedName": name,
                "subtask": False,
            }
            for n, name in enumerate(project.types, 10001)
        ]
        return Answer(200, {"issueTypes": types, "maxResults": 50, "startAt": 0, "total": len(types)})

    def _fields(self, asked: Asked, key: str, kind: str) -> Answer:
        specs = [spec for spec in self._creatable(key).fields.values() if spec.create]
        start, size = int(asked.one("startAt", "0")), min(int(asked.one("maxResults", "50")), 50)
        page = [self.field_json(spec) | {"fieldId": spec.id} for spec in specs[start : start + size]]
        return Answer(200, {"fields": page, "maxResults": size, "startAt": start, "total": len(specs)})


UNDESCRIBED = frozenset({"untranslatedName"})
"""Keys that the official description does not know, and that sites were seen to send."""


def _described(body: Any) -> Any:
    """An answer without them."""
    if isinstance(body, dict):
        return {name: _described(inner) for name, inner in body.items() if name not in UNDESCRIBED}
    return [_described(inner) for inner in body] if isinstance(body, list) else body


def _place(token: str, jql: str) -> int:
    if not token:
        return 0
    start, _, made_for = base64.b64decode(token).decode().partition("|")
    if made_for != jql:
        raise Refused(400, "The nextPageToken does not belong to this query.")
    return int(start)
