"""Projects of a GitHub simulator: boards of organisations and people, over REST and GraphQL. People act on them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.simulators.github_site import Issue, Repository, Site, iso
from tests.simulators.jira_wire import Answer, Asked
from tests.simulators.openapi import Description

DESCRIPTION = Description("github-projects.json")
DOCS = "https://docs.github.com/rest"
_PATH = re.compile(r"/(orgs|users)/([^/]+)/projectsV2(?:/(\d+)(?:/(fields|items)(?:/(\d+))?)?)?")

Node = dict[str, Any]


@dataclass(slots=True)
class ProjectField:
    """Attributes:
    options: of a single select: name by id.
    """

    id: int
    name: str
    data_type: str
    options: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ProjectItem:
    id: int
    issue: Issue
    at: datetime
    values: dict[int, str] = field(default_factory=dict)
    archived: bool = False


@dataclass(slots=True)
class Project:
    """Attributes:
    organisation: whether its owner is one.
    workflows: whether closing an issue moves it to Done, as a new project has it.
    """

    owner: str
    number: int
    organisation: bool
    fields: list[ProjectField]
    items: list[ProjectItem] = field(default_factory=list)
    workflows: bool = True

    def named(self, name: str) -> ProjectField:
        return next(one for one in self.fields if one.name == name)

    def item(self, issue: Issue) -> ProjectItem | None:
        return next((one for one in self.items if one.issue is issue), None)

    def shown(self, issue: Issue) -> dict[str, str] | None:
        """What people see of an issue on the board: its values by the names of fields; None where it is not there."""
        item = self.item(issue)
        if item is None:
            return None
        by_id = {one.id: one for one in self.fields}
        return {by_id[n].name: by_id[n].options.get(value, value) for n, value in item.values.items()}

    def put(self, issue: Issue, **values: str) -> None:
        """A person sets fields by their names, with underscores for blanks."""
        item = self.item(issue)
        assert item is not None
        for name, value in values.items():
            one = self.named(name.replace("_", " "))
            item.values[one.id] = next((known for known, said in one.options.items() if said == value), value)

    def take_off(self, issue: Issue) -> None:
        """A person takes an issue off the board."""
        self.items = [one for one in self.items if one.issue is not issue]


class Boards:
    """Every project there is.

    Attributes:
        allowed: whether our token may see and change projects.
        app: whether it is the token of an App, which is shown no project of a person.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._ids = itertools.count(500)
        self.known: list[Project] = []
        self.allowed = True
        self.app = False
        site.closed = self.settle

    def add(self, owner: str, number: int, organisation: bool = True, date: str = "Target date") -> Project:
        """A new project, with the fields of a new one and one of dates."""
        status = {"f75ad846": "Todo", "47fc9ee4": "In Progress", "98236657": "Done"}
        fields = [
            ProjectField(next(self._ids), "Title", "title"),
            ProjectField(next(self._ids), "Status", "single_select", status),
            ProjectField(next(self._ids), date, "date"),
        ]
        made = Project(owner, number, organisation, fields)
        self.known.append(made)
        return made

    def settle(self, issue: Issue) -> None:
        """What the workflows of projects do about an issue that is closed."""
        for project in self.known:
            item = project.item(issue)
            if item and project.workflows and issue.state == "closed":
                project.put(issue, Status="Done")

    # REST

    def answer(self, asked: Asked, base: str) -> Answer | None:
        """The answer of the REST API; None for what is no project."""
        match = _PATH.fullmatch(asked.path)
        if match is None:
            return None
        kind, owner, number, what, item = match.groups()
        if not self.allowed:
            reported = {"message": "Resource not accessible by personal access token", "documentation_url": DOCS}
            return Answer(403, reported, {"X-Accepted-GitHub-Permissions": "organization_projects=write"})
        seen = [one for one in self.known if one.owner.lower() == owner.lower()]
        seen = [one for one in seen if one.organisation == (kind == "orgs") and (one.organisation or not self.app)]
        if number is None:
            return Answer(200, [self._project(one) for one in seen])
        project = next((one for one in seen if one.number == int(number)), None)
        if project is None:
            return Answer(404, {"message": "Not Found", "documentation_url": DOCS})
        url = f"{base}/{kind}/{owner}/projectsV2/{number}"
        if what is None:
            return Answer(200, self._project(project))
        if what == "fields":
            return Answer(200, [self._field(one, url) for one in project.fields])
        if asked.method == "POST":
            return self._added(project, asked, url)
        found = next((one for one in project.items if one.id == int(item or 0)), None)
        if found is None:
            return Answer(404, {"message": "Not Found", "documentation_url": DOCS})
        return self._changed(project, found, asked, url) if asked.method == "PATCH" else Answer(200, self._item(found))

    def _project(self, project: Project) -> Node:
        return DESCRIPTION.filled("projects-v2", {"number": project.number, "title": "Actions", "state": "open"})

    def _field(self, one: ProjectField, url: str) -> Node:
        options = [
            {
                "id": known,
                "name": {"raw": name, "html": name},
                "description": {"raw": "", "html": ""},
                "color": "GRAY",
            }
            for known, name in one.options.items()
        ]
        values = {"id": one.id, "name": one.name, "data_type": one.data_type, "project_url": url}
        return DESCRIPTION.filled("projects-v2-field", values | ({"options": options} if options else {}))

    def _item(self, item: ProjectItem) -> Node:
        values = {"id": item.id, "content_type": "Issue", "archived_at": iso(item.at) if item.archived else None}
        return DESCRIPTION.filled("projects-v2-item-simple", values | {"created_at": iso(item.at)})

    def _added(self, project: Project, asked: Asked, url: str) -> Answer:
        issue = next((one for one in self._issues() if one.id == asked.body.get("id")), None)
        if issue is None:
            return Answer(404, {"message": "Not Found", "documentation_url": DOCS})
        return Answer(201, self._item(self.put_on(project, issue)))

    def put_on(self, project: Project, issue: Issue) -> ProjectItem:
        """The card of an issue, which is made where there is none."""
        item = project.item(issue)
        if item is None:
            item = ProjectItem(next(self._ids) * 1_000_000_000, issue, self._site.now())
            project.items.append(item)
            if project.workflows:
                project.put(issue, Status="Done" if issue.state == "closed" else "Todo")
        return item

    def _changed(self, project: Project, item: ProjectItem, asked: Asked, url: str) -> Answer:
        by_id = {one.id: one for one in project.fields}
        for entry in asked.body["fields"]:
            one, value = by_id.get(entry["id"]), entry["value"]
            wrong = one is None or (one.data_type == "single_select" and value not in (None, *one.options))
            if wrong or (
                one and one.data_type == "date" and value and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(value))
            ):
                return Answer(422, {"message": "Validation Failed", "documentation_url": DOCS})
        for entry in asked.body["fields"]:
            if entry["value"] is None:
                item.values.pop(entry["id"], None)
            else:
                item.values[entry["id"]] = str(entry["value"])
        return Answer(200, self._item(item))

    def _issues(self) -> list[Issue]:
        return [issue for repository in self._site.repositories.values() for issue in repository.issues.values()]

    # GraphQL

    def nodes(self, issue: Issue) -> list[Node]:
        """Where an issue stands, as `projectItems`."""
        shown = [one for one in self.known if one.organisation or not self.app]
        return [self._node(project, item) for project in shown for item in project.items if item.issue is issue]

    def _node(self, project: Project, item: ProjectItem) -> Node:
        owner = {"__typename": "Organization" if project.organisation else "User", "login": project.owner}

        def value(info: Any, name: str) -> Node | None:
            one = next((known for known in project.fields if known.name.lower() == name.lower()), None)
            said = item.values.get(one.id) if one else None
            if one is None or said is None:
                return None
            if one.data_type == "date":
                return {"__typename": "ProjectV2ItemFieldDateValue", "date": said}
            return {"__typename": "ProjectV2ItemFieldSingleSelectValue", "name": one.options[said], "optionId": said}

        return {
            "__typename": "ProjectV2Item",
            "id": f"PVTI_{item.id}",
            "fullDatabaseId": str(item.id),
            "isArchived": item.archived,
            "project": {"__typename": "ProjectV2", "number": project.number, "owner": owner},
            "fieldValueByName": value,
        }


def listed(repository: Repository, show: Callable[[Issue], Node]) -> Any:
    """The field `issues` of a repository."""

    def issues(
        info: Any,
        first: int,
        labels: list[str] | None = None,
        states: list[str] | None = None,
        after: str | None = None,
    ) -> Node:
        wanted = {name.lower() for name in labels or ()}
        found = [
            one
            for one in repository.issues.values()
            if not one.pull
            and not one.deleted
            and not one.moved_to
            and (not wanted or wanted & {name.lower() for name in one.labels})
            and (states is None or one.state.upper() in states)
        ]
        start = int(after or 0)
        page = found[start : start + first]
        more = {"hasNextPage": start + first < len(found), "endCursor": str(start + len(page))}
        return {"__typename": "IssueConnection", "nodes": [show(one) for one in page], "pageInfo": more}

    return issues
