"""Jira Data Center, REST v2: user names, wiki markup, the classic search, no properties in its answers."""

from __future__ import annotations

from typing import Any

from tests.simulators.jira_jql import parse
from tests.simulators.jira_rest import JiraRest, Route, basic, bearer, jira_time
from tests.simulators.jira_site import Person, Refused
from tests.simulators.jira_wire import Answer, Asked


class JiraDataCenter(JiraRest):
    """A Data Center of the 9 series. `keeps_properties`: whether a create takes issue properties along."""

    api = "/rest/api/2"
    keeps_properties = True

    def authorised(self, asked: Asked) -> bool:
        return self.secret in (bearer(asked), basic(asked)[1] if basic(asked)[0] == self.site.me.login else "")

    def whose(self, known: bool) -> dict[str, str]:
        if not self.names_accounts:
            return {}
        return {"X-AUSERNAME": self.site.me.login if known else "anonymous"}

    def user(self, person: Person) -> dict[str, Any]:
        return {
            "self": f"{self.base_url}{self.api}/user?username={person.login}",
            "name": person.login,
            "key": f"JIRAUSER{abs(hash(person.login)) % 10_000}",
            "emailAddress": person.email,
            "displayName": person.name,
            "active": person.active,
        }

    def person_named(self, value: Any) -> str:
        if value.keys() != {"name"}:
            raise Refused(400, errors={"assignee": "expected 'name' property to be provided"})
        return str(value["name"] or "")

    def check_description(self, value: Any) -> None:
        if not isinstance(value, str):
            raise Refused(400, errors={"description": "Operation value must be a string"})

    def dialect_routes(self) -> list[Route]:
        return [
            ("GET", "/search", self._search),
            ("GET", "/issue/createmeta/([^/]+)/issuetypes", self._types),
            ("GET", "/issue/createmeta/([^/]+)/issuetypes/([^/]+)", self._fields),
        ]

    def _properties_in(self, properties: dict[str, Any]) -> dict[str, Any]:
        return super()._properties_in(properties) if self.keeps_properties else {}

    def _set_property(self, asked: Asked, key: str, name: str) -> Answer:
        self.site.find(key).properties[name] = asked.body
        return Answer(200)

    def _server_info(self, asked: Asked) -> Answer:
        answer = {
            "baseUrl": self.base_url,
            "serverTime": jira_time(self.site.now()),
            "deploymentType": "Server",
            "version": "9.12.1",
            "versionNumbers": [9, 12, 1],
        }
        return Answer(200, answer)

    def _search(self, asked: Asked) -> Answer:
        jql = asked.one("jql")
        if asked.one("validateQuery", "true").lower() != "false":
            self.keys_must_exist(parse(jql))
        _, issues = self.select(jql)
        start, size = int(asked.one("startAt", "0")), min(int(asked.one("maxResults", "50")), self.page_size)
        page = issues[start : start + size]
        fields = asked.many("fields") or ["*all"]
        answer = {
            "startAt": start,
            "maxResults": size,
            "total": len(issues),
            "issues": [self.issue_json(issue, fields, []) for issue in page],
        }
        return Answer(200, answer)

    def _types(self, asked: Asked, key: str) -> Answer:
        names = self.site.project(key).types
        values = [{"id": str(n), "name": name, "subtask": False} for n, name in enumerate(names, 10001)]
        return Answer(200, {"maxResults": 50, "startAt": 0, "total": len(values), "isLast": True, "values": values})

    def _fields(self, asked: Asked, key: str, kind: str) -> Answer:
        specs = [spec for spec in self.site.project(key).fields.values() if spec.create]
        start, size = int(asked.one("startAt", "0")), min(int(asked.one("maxResults", "50")), 50)
        page = [self.field_json(spec) | {"fieldId": spec.id} for spec in specs[start : start + size]]
        last = start + size >= len(specs)
        return Answer(200, {"maxResults": size, "startAt": start, "total": len(specs), "isLast": last, "values": page})
