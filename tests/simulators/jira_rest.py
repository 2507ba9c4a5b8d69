"""The operations that Jira Cloud and Data Center have in common, over a Site. Subclasses speak the dialects."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.canaries import MARK
from tests.simulators.jira_jql import JqlError, Query, parse
from tests.simulators.jira_site import LINK_TYPES, Field, Issue, Person, Refused, Site, Status, option_id
from tests.simulators.jira_wire import Answer, Asked, Wire

Route = tuple[str, str, Callable[..., Answer]]
_FIELD_KEYS = ("summary", "description", "labels", "duedate", "priority", "components", "parent", "security")


class JiraRest(Wire):
    """Args:
    site: what is there.
    secret: the token that must be sent.
    """

    api = "/rest/api/3"
    name = "jira"
    names_accounts = True
    """Whether answers name the account that they are given to."""

    def __init__(self, site: Site, secret: str = f"robot-{MARK}") -> None:
        super().__init__()
        self.site = site
        self.secret = secret
        self.violations: list[str] = []
        self.checked = 0
        self.page_size = 100
        self.link_types = dict(LINK_TYPES)

    # dialects

    def stored(self) -> object:
        return self.site.projects, self.site.issues

    def authorised(self, asked: Asked) -> bool:
        raise LookupError

    def user(self, person: Person) -> dict[str, Any]:
        raise LookupError

    def person_named(self, value: Any) -> str:
        """The id in a user value of the dialect; raises Refused for another shape."""
        raise LookupError

    def check_description(self, value: Any) -> None:
        raise LookupError

    def check_comment(self, value: Any) -> None:
        self.check_description(value)

    def dialect_routes(self) -> list[Route]:
        raise LookupError

    # dispatch

    def handle(self, asked: Asked) -> Answer:
        """What a real site does: whoever gives a wrong token is nobody, who is answered all the same."""
        self.site.anonymous = not self.authorised(asked)
        try:
            answer = self._answer(asked)
        finally:
            known, self.site.anonymous = not self.site.anonymous, False
        answer.headers |= self.whose(known)
        return answer

    def whose(self, known: bool) -> dict[str, str]:
        """The headers that tell as whom an answer was given."""
        raise LookupError

    def _answer(self, asked: Asked) -> Answer:
        for method, pattern, function in [*self.dialect_routes(), *self._routes()]:
            match = re.fullmatch(self.api + pattern, asked.path)
            if match and method == asked.method:
                try:
                    return function(asked, *match.groups())
                except Refused as refused:
                    return self.refusal(refused.status, refused.messages, refused.errors)
                except JqlError as error:
                    return self.refusal(400, [str(error)])
        return self.refusal(404, [f"null for uri: {asked.path}"])

    def refusal(self, status: int, messages: list[str], errors: Mapping[str, str] | None = None) -> Answer:
        return Answer(status, {"errorMessages": list(messages), "errors": dict(errors or {})})

    def _routes(self) -> list[Route]:
        issue = r"/issue/([^/]+)"
        return [
            ("GET", "/myself", self._myself),
            ("GET", "/serverInfo", self._server_info),
            ("GET", "/mypermissions", self._permissions),
            ("GET", "/project/([^/]+)", self._project),
            ("POST", "/issue/bulk", self._bulk),
            ("POST", "/issueLink", self._link),
            ("GET", "/user/assignable/search", self._assignable),
            ("GET", issue, lambda asked, key: Answer(200, self._issue(asked, self.site.find(key)))),
            ("PUT", issue, self._edit),
            ("GET", issue + "/editmeta", self._editmeta),
            ("GET", issue + "/transitions", self._transitions),
            ("POST", issue + "/transitions", self._transit),
            ("GET", issue + "/properties/([^/]+)", self._property),
            ("PUT", issue + "/properties/([^/]+)", self._set_property),
            ("POST", issue + "/remotelink", self._remote_link),
            ("POST", issue + "/watchers", self._watch),
            ("POST", issue + "/comment", self._comment),
            ("GET", issue + "/comment", self._comments),
        ]

    # reading

    def _myself(self, asked: Asked) -> Answer:
        if self.site.anonymous:
            return self.refusal(401, ["Client must be authenticated to access this resource."])
        return Answer(200, self.user(self.site.me) | {"timeZone": "Asia/Kolkata"})

    def _server_info(self, asked: Asked) -> Answer:
        raise Refused(404, "no server info")

    def _permissions(self, asked: Asked) -> Answer:
        names = asked.many("permissions") or ["BROWSE_PROJECTS", "CREATE_ISSUES"]
        self.site.project(asked.one("projectKey"))
        found = {
            name: {"id": str(n), "key": name, "name": name, "havePermission": self.site.permissions.get(name, True)}
            for n, name in enumerate(names)
        }
        return Answer(200, {"permissions": found})

    def _project(self, asked: Asked, key: str) -> Answer:
        project = self.site.project(key)
        link = f"{self.base_url}{self.api}/project/{project.id}"
        return Answer(200, {"self": link, "id": project.id, "key": project.key, "name": project.name})

    def _issue(self, asked: Asked, issue: Issue) -> dict[str, Any]:
        return self.issue_json(issue, asked.many("fields") or ["*all"], asked.many("properties"))

    def issue_json(self, issue: Issue, wanted: list[str], properties: list[str]) -> dict[str, Any]:
        link = f"{self.base_url}{self.api}/issue/{issue.id}"
        answer: dict[str, Any] = {"id": issue.id, "key": issue.key, "self": link}
        known = self._fields_json(issue)
        if "*all" in wanted:
            answer["fields"] = known
        elif wanted != ["id"]:
            answer["fields"] = {name: known[name] for name in wanted if name in known}
        if properties:
            answer["properties"] = {name: issue.properties[name] for name in properties if name in issue.properties}
        return answer

    def _fields_json(self, issue: Issue) -> dict[str, Any]:
        project = self.site.projects[issue.project]
        status = project.statuses[issue.status]
        creator = self.site.person(issue.creator)
        assignee = self.site.person(str(issue.fields.get("assignee") or ""))
        fields: dict[str, Any] = {name: issue.fields.get(name) for name in _FIELD_KEYS}
        fields |= {name: value for name, value in issue.fields.items() if name.startswith("customfield_")}
        return fields | {
            "project": {"id": project.id, "key": project.key, "name": project.name},
            "labels": list(issue.fields.get("labels") or []),
            "status": self._status_json(status),
            "resolution": {"name": issue.resolution} if issue.resolution else None,
            "resolutiondate": jira_time(issue.resolved) if issue.resolved else None,
            "created": jira_time(issue.created),
            "updated": jira_time(issue.updated),
            "creator": self.user(creator) if creator else None,
            "assignee": self.user(assignee) if assignee else None,
            "issuelinks": [self._link_json(issue, link) for link in issue.links],
        }

    def _link_json(self, issue: Issue, link: tuple[str, str, str]) -> dict[str, Any]:
        name, source, target = link
        inward, outward = self.link_types[name]
        kind = {"id": "10", "name": name, "inward": inward, "outward": outward}
        side, other = ("outwardIssue", target) if source == issue.id else ("inwardIssue", source)
        seen = next(i for i in self.site.issues if i.id == other)
        return {"id": "1", "type": kind, side: {"id": seen.id, "key": seen.key}}

    def _status_json(self, status: Status) -> dict[str, Any]:
        ids = {"new": 2, "indeterminate": 4, "done": 3}
        category = {"id": ids[status.category], "key": status.category, "name": status.category.title()}
        return {"id": status.id, "name": status.name, "statusCategory": category}

    def select(self, jql: str) -> tuple[Query, list[Issue]]:
        """The issues the index gives for a query, in its order; their content is as it is now."""
        query = parse(jql)
        now = self.site.now().astimezone(UTC).replace(second=0, microsecond=0)
        rows = query.sort([row for row in self.site.rows() if query.matches(row, now)])
        by_id = {issue.id: issue for issue in self.site.issues}
        return query, [by_id[row["id"]] for row in rows]

    def keys_must_exist(self, query: Query) -> None:
        """As a strict site has it. Raises JqlError."""
        for field, operator, values in query.conditions:
            if field in ("key", "issuekey") and operator in ("=", "in"):
                for value in values:
                    try:
                        self.site.find(value)
                    except Refused as refused:
                        raise JqlError(f"An issue with key '{value}' does not exist for field 'key'.") from refused

    def _assignable(self, asked: Asked) -> Answer:
        words = (asked.one("query") or asked.one("username")).lower()
        identity = asked.one("accountId")
        self.site.project(asked.one("project"))
        found = [
            person
            for person in self.site.people
            if person.active
            and person.assignable
            and (person.id == identity if identity else self._person_matches(person, words))
        ]
        start = int(asked.one("startAt", "0"))
        return Answer(200, [self.user(person) for person in found[start : start + int(asked.one("maxResults", "50"))]])

    def _person_matches(self, person: Person, words: str) -> bool:
        starts = any(part.startswith(words) for part in (person.name.lower(), *person.name.lower().split()))
        whole = person.email.lower() == words
        return starts or whole or (not person.email_hidden and person.email.lower().startswith(words))

    def field_json(self, spec: Field) -> dict[str, Any]:
        """A field as createmeta, editmeta and transitions tell of it."""
        kinds = {
            "text": "string",
            "cascading": "option-with-child",
            "options": "array",
            "labels": "array",
            "components": "array",
            "parent": "issuelink",
            "epic": "any",
            "security": "securitylevel",
            "sprint": "array",
            "organizations": "array",
            "groups": "array",
        }
        items = {"labels": "string", "components": "component", "groups": "group", "sprint": "json"}
        items["organizations"] = "sd-customerorganization"
        schema: dict[str, Any] = {"type": kinds.get(spec.kind, spec.kind)}
        if schema["type"] == "array":
            schema["items"] = items.get(spec.kind, "option")
        if spec.id.startswith("customfield_"):
            custom = {"text": "textarea", "groups": "multigrouppicker", "group": "grouppicker"}.get(
                spec.kind, spec.kind
            )
            schema["custom"] = {
                "sprint": "com.pyxis.greenhopper.jira:gh-sprint",
                "epic": "com.pyxis.greenhopper.jira:gh-epic-link",
                "organizations": "com.atlassian.servicedesk:sd-customer-organizations",
            }.get(spec.kind, f"com.atlassian.jira.plugin.system.customfieldtypes:{custom}")
            schema["customId"] = int(spec.id.removeprefix("customfield_"))
        else:
            schema["system"] = spec.id
        answer: dict[str, Any] = {
            "required": spec.required,
            "schema": schema,
            "name": spec.name,
            "key": spec.id,
            "hasDefaultValue": spec.default,
            "operations": ["set"],
        }
        if spec.allowed:
            answer["allowedValues"] = [_option_json(entry, spec.kind) for entry in spec.allowed]
        return answer

    # writing

    def fields_in(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields as the dialect writes them, turned into what the site stores. Raises Refused."""
        stored = dict(fields)
        if stored.get("description") is not None:
            self.check_description(stored["description"])
        for name, value in fields.items():
            if isinstance(value, dict) and (name == "assignee" or {"accountId", "name"} & value.keys()):
                spec = self._field_named(name)
                if name == "assignee" or (spec and spec.kind == "user"):
                    identity = self.person_named(value)
                    person = self.site.person(identity)
                    if identity and (person is None or not person.assignable):
                        raise Refused(400, errors={name: f"User '{identity}' cannot be assigned issues."})
                    stored[name] = person.id if person and name == "assignee" else value if identity else None
        return stored

    def _field_named(self, name: str) -> Field | None:
        return next((p.fields[name] for p in self.site.projects.values() if name in p.fields), None)

    def _bulk(self, asked: Asked) -> Answer:
        updates = asked.body["issueUpdates"]
        if len(updates) > 50:
            raise Refused(400, "The maximum number of issues that can be created in one call is 50.")
        issues: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for number, update in enumerate(updates):
            try:
                if unknown := update.keys() - {"fields", "properties", "update", "transition", "historyMetadata"}:
                    raise Refused(400, f"Unrecognized field {sorted(unknown)}")
                properties = {entry["key"]: entry["value"] for entry in update.get("properties", [])}
                created = self.site.create(self.fields_in(update["fields"]), self._properties_in(properties))
            except Refused as refused:
                reported: dict[str, object] = {"errorMessages": refused.messages, "errors": refused.errors}
                reported |= {"status": refused.status} if self.api.endswith("3") else {}
                errors.append({"status": refused.status, "elementErrors": reported, "failedElementNumber": number})
                continue
            link = f"{self.base_url}{self.api}/issue/{created.id}"
            issues.append({"id": created.id, "key": created.key, "self": link})
        return Answer(201 if issues else 400, {"issues": issues, "errors": errors})

    def _properties_in(self, properties: dict[str, Any]) -> dict[str, Any]:
        for value in properties.values():
            if not isinstance(value, dict) or len(str(value)) > 32_768:
                raise Refused(400, "The property value must be a JSON object of at most 32768 characters.")
        return properties

    def _edit(self, asked: Asked, key: str) -> Answer:
        issue = self.site.find(key)
        if not self.site.permissions.get("EDIT_ISSUES", True):
            raise Refused(403, "You do not have permission to edit issues in this project.")
        properties = {entry["key"]: entry["value"] for entry in asked.body.get("properties", [])}
        fields = self.fields_in(asked.body.get("fields", {}))
        for name, operations in asked.body.get("update", {}).items():
            if name != "labels" or any(operation.keys() != {"add"} for operation in operations):
                raise Refused(400, errors={name: f"Field '{name}' does not support this operation."})
            added = [operation["add"] for operation in operations]
            fields["labels"] = list(dict.fromkeys([*(issue.fields.get("labels") or []), *added]))
        self.site.edit(issue, fields, self._properties_in(properties))
        return Answer(204)

    def _editmeta(self, asked: Asked, key: str) -> Answer:
        fields = self.site.projects[self.site.find(key).project].fields.values()
        return Answer(200, {"fields": {spec.id: self.field_json(spec) for spec in fields if spec.edit}})

    def _transitions(self, asked: Asked, key: str) -> Answer:
        issue = self.site.find(key)
        statuses = self.site.projects[issue.project].statuses
        found = []
        allowed = self.site.permissions.get("TRANSITION_ISSUES", True)
        for step in self.site.transitions(issue) if allowed else ():
            entry: dict[str, Any] = {"id": step.id, "name": step.name}
            if step.tells:
                entry["to"] = self._status_json(statuses[step.to])
            if "transitions.fields" in asked.one("expand"):
                entry["fields"] = {spec.id: self.field_json(spec) for spec in step.fields}
            found.append(entry)
        return Answer(200, {"expand": "transitions", "transitions": found})

    def _transit(self, asked: Asked, key: str) -> Answer:
        if not self.site.permissions.get("TRANSITION_ISSUES", True):
            raise Refused(400, "You do not have permission to transition this issue.")
        step = str(asked.body["transition"]["id"])
        self.site.transit(self.site.find(key), step, asked.body.get("fields") or {})
        return Answer(204)

    def _property(self, asked: Asked, key: str, name: str) -> Answer:
        properties = self.site.find(key).properties
        if name not in properties:
            raise Refused(404, f"The property {name} does not exist.")
        return Answer(200, {"key": name, "value": properties[name]})

    def _set_property(self, asked: Asked, key: str, name: str) -> Answer:
        issue = self.site.find(key)
        existed = name in issue.properties
        issue.properties.update(self._properties_in({name: asked.body}))
        return Answer(200 if existed else 201)

    def _remote_link(self, asked: Asked, key: str) -> Answer:
        issue = self.site.find(key)
        if not self.site.permissions.get("LINK_ISSUES", True):
            raise Refused(403, "You do not have permission to link issues in this project.")
        identity = asked.body["globalId"]
        existed = identity in issue.remote_links
        issue.remote_links[identity] = asked.body["object"]
        number = 10_000 + list(issue.remote_links).index(identity)
        link = f"{self.base_url}{self.api}/issue/{issue.id}/remotelink/{number}"
        return Answer(200 if existed else 201, {"id": number, "self": link})

    def _link(self, asked: Asked) -> Answer:
        name = asked.body["type"]["name"]
        if name not in self.link_types:
            raise Refused(404, f"No issue link type with name '{name}' found.")
        source = self.site.find(asked.body["inwardIssue"]["key"])
        target = self.site.find(asked.body["outwardIssue"]["key"])
        link = (name, source.id, target.id)
        for issue in (source, target):
            if link not in issue.links:
                issue.links.append(link)
                self.site.touch(issue)
        return Answer(201)

    def _comments(self, asked: Asked, key: str) -> Answer:
        issue = self.site.find(key)
        people = [(self.site.person(author), body) for author, body in issue.comments]
        found = [
            {"id": str(10_001 + n), "body": body} | ({"author": self.user(who)} if who else {})
            for n, (who, body) in enumerate(people)
        ]
        most = int(asked.one("maxResults") or 50)
        values = {"comments": found[:most], "maxResults": most, "startAt": 0, "total": len(found)}
        return Answer(200, values)

    def _comment(self, asked: Asked, key: str) -> Answer:
        issue = self.site.find(key)
        if not self.site.permissions.get("ADD_COMMENTS", True):
            raise Refused(400, "You do not have the permission to comment on this issue.")
        self.check_comment(asked.body["body"])
        issue.comments.append((self.site.me.id, asked.body["body"]))
        self.site.touch(issue)
        number = str(10_000 + len(issue.comments))
        link = f"{self.base_url}{self.api}/issue/{issue.id}/comment/{number}"
        at = jira_time(self.site.now())
        answer = {"self": link, "id": number, "author": self.user(self.site.me), "created": at, "updated": at}
        return Answer(201, answer | {"body": asked.body["body"]})

    def _watch(self, asked: Asked, key: str) -> Answer:
        issue = self.site.find(key)
        person = self.site.person(asked.body if isinstance(asked.body, str) else "")
        if person is None:
            raise Refused(400, "The user does not exist.")
        if not self.site.permissions.get("MANAGE_WATCHERS", True):
            raise Refused(401, "You do not have permission to manage the watcher list.")
        issue.watchers.append(person.id)
        return Answer(204)


def _option_json(entry: Any, kind: str) -> dict[str, Any]:
    named = "value" if kind in ("option", "options", "cascading") else "name"
    if isinstance(entry, str):
        return {"id": option_id(entry), named: entry}
    name, children = entry
    below = [{"id": option_id(child), "value": child} for child in children]
    return {"id": option_id(name), "value": name, "children": below}


def jira_time(moment: datetime) -> str:
    """As Jira writes a time: milliseconds and an offset without a colon."""
    local = moment.astimezone(UTC)
    return local.strftime("%Y-%m-%dT%H:%M:%S.") + f"{local.microsecond // 1000:03d}+0000"


def bearer(asked: Asked) -> str:
    kind, _, value = asked.headers.get("Authorization", "").partition(" ")
    return value if kind == "Bearer" else ""


def basic(asked: Asked) -> tuple[str, str]:
    kind, _, value = asked.headers.get("Authorization", "").partition(" ")
    if kind != "Basic":
        return "", ""
    user, _, password = base64.b64decode(value).decode().partition(":")
    return user, password
