"""What a Jira site holds and decides, whichever API asks: projects, screens, workflows, issues, people."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

NOT_ON_SCREEN = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."


class Refused(Exception):
    """The site does not do it: what Jira's error answer would hold."""

    def __init__(self, status: int, *messages: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(*messages)
        self.status = status
        self.messages = list(messages)
        self.errors = dict(errors or {})


@dataclass(slots=True)
class Person:
    id: str
    name: str
    email: str = ""
    email_hidden: bool = False
    active: bool = True
    assignable: bool = True
    login: str = ""
    """User name, on Data Center."""


@dataclass(slots=True)
class Field:
    """A field of a screen. `kind`: string, text, number, date, option, cascading, user, options, labels, …"""

    id: str
    name: str
    kind: str = "string"
    required: bool = False
    allowed: tuple[Any, ...] = ()
    default: bool = False
    create: bool = True
    edit: bool = True


@dataclass(slots=True)
class Status:
    id: str
    name: str
    category: str  # new, indeterminate, done


@dataclass(slots=True)
class Transition:
    """A way out of the statuses `sources` (empty: out of any). `shown` are the fields the API tells of."""

    id: str
    name: str
    to: str
    sources: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    hidden: tuple[str, ...] = ()
    """Ids of required fields that the API does not tell of."""
    resolution: str = ""
    tells: bool = True
    """Whether the API says where it leads."""


@dataclass(slots=True)
class Issue:
    id: str
    key: str
    project: str
    created: datetime
    updated: datetime
    creator: str
    fields: dict[str, Any]
    status: str
    properties: dict[str, Any] = field(default_factory=dict)
    resolution: str = ""
    resolved: datetime | None = None
    links: list[tuple[str, str, str]] = field(default_factory=list)
    """(type, inward key, outward key)"""
    remote_links: dict[str, dict[str, Any]] = field(default_factory=dict)
    watchers: list[str] = field(default_factory=list)
    comments: list[tuple[str, Any]] = field(default_factory=list)
    """(author, body)"""
    former: list[str] = field(default_factory=list)
    deleted: bool = False
    hidden: bool = False
    edits: int = 0


ROBOT = "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077"
RESOLUTIONS = ("Done", "Fixed", "Won't Do", "Duplicate", "Cannot Reproduce")
LINK_TYPES = {"Duplicate": ("is duplicated by", "duplicates"), "Blocks": ("is blocked by", "blocks")}
_BUILT_IN = (
    Field("summary", "Summary", required=True),
    Field("issuetype", "Issue Type", "issuetype", required=True),
    Field("project", "Project", "project", required=True),
    Field("description", "Description", "text"),
    Field("assignee", "Assignee", "user"),
    Field("labels", "Labels", "labels"),
    Field("duedate", "Due date", "date"),
    Field("priority", "Priority", "priority", allowed=("Highest", "High", "Medium", "Low"), default=True),
    Field("components", "Components", "components", allowed=("API", "Database")),
    Field("parent", "Parent", "parent"),
    Field("security", "Security Level", "security", allowed=("Internal",)),
)
_STATUSES = (
    Status("1", "To Do", "new"),
    Status("3", "In Progress", "indeterminate"),
    Status("10", "Done", "done"),
    Status("11", "Rejected", "done"),
)
_TRANSITIONS = (
    Transition("11", "Start", "In Progress", ("To Do",)),
    Transition("31", "Finish", "Done", ("To Do",), resolution="Done"),
    Transition("41", "Resolve", "Done", ("In Progress",), resolution="Done"),
    Transition("51", "Decline", "Rejected", ("To Do", "In Progress"), resolution="Won't Do"),
    Transition("61", "Reopen", "To Do", ("Done", "Rejected")),
    Transition("71", "Hand over", "In Progress", tells=False),
)


@dataclass(slots=True)
class Project:
    key: str
    id: str
    name: str = "Operations"
    types: tuple[str, ...] = ("Task", "Bug", "Epic")
    translated: dict[str, str] = field(default_factory=dict)
    """What an account of another language sees instead of a type's name."""
    fields: dict[str, Field] = field(default_factory=lambda: {f.id: copy.copy(f) for f in _BUILT_IN})
    statuses: dict[str, Status] = field(default_factory=lambda: {s.name: s for s in _STATUSES})
    transitions: list[Transition] = field(default_factory=lambda: list(_TRANSITIONS))
    last: int = 0


class Site:
    """Args:
    now: the time, so that tests may move it.
    me: the account that asks.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.me = Person(ROBOT, "Sync Robot", "robot@example.org", login="robot")
        self.people = [
            self.me,
            Person("5b10a2844c20165700ede21g", "Ana Lima", "ana@example.org", login="ana"),
            Person("5b10ac8d82e05b22cc7d4ef5", "Bo Chen", "bo@example.org", email_hidden=True, login="bo"),
        ]
        self.projects: dict[str, Project] = {}
        self.issues: list[Issue] = []
        self._by_key: dict[str, Issue] = {}
        self.lag = timedelta(0)
        self.permissions: dict[str, bool] = {}
        self.unseen: set[str] = set()
        """Keys of projects that our account may not browse any more."""
        self.anonymous = False
        """Whether the call that is being answered is taken for one of nobody, who sees nothing here."""
        self._index: list[tuple[datetime, str, dict[str, Any]]] = []
        self.add_project("OPS")

    def add_project(self, key: str) -> Project:
        project = Project(key, str(10000 + len(self.projects)))
        self.projects[key] = project
        return project

    def sees(self, project: str) -> bool:
        """Whether the account that asks may browse a project."""
        return not self.anonymous and self.permissions.get("BROWSE_PROJECTS", True) and project not in self.unseen

    def person(self, identity: str) -> Person | None:
        return next((p for p in self.people if identity and identity in (p.id, p.login)), None)

    def project(self, key: str) -> Project:
        for project in self.projects.values():
            if key.upper() in (project.key, project.id) and self.sees(project.key):
                return project
        raise Refused(404, f"No project could be found with key '{key}'.")

    def find(self, key: str) -> Issue:
        """By key, former key or id; as Jira does, whatever the case. Raises Refused."""
        wanted = key.upper()
        known = self._by_key.get(wanted)
        for issue in [known] if known and known.key == wanted else self.issues:
            if (wanted in (issue.key, issue.id) or wanted in issue.former) and self._shows(issue):
                return issue
        raise Refused(404, "Issue does not exist or you do not have permission to see it.")

    def _shows(self, issue: Issue) -> bool:
        return not (issue.deleted or issue.hidden) and self.sees(issue.project)

    # writing

    def create(self, fields: Mapping[str, Any], properties: Mapping[str, Any], by: Person | None = None) -> Issue:
        place = fields.get("project") or {}
        try:
            project = self.project(str(place.get("key") or place.get("id") or ""))
        except Refused as refused:
            raise Refused(400, errors={"project": "project is required"}) from refused
        kind = fields.get("issuetype") or {}
        known = {str(number): name for number, name in enumerate(project.types, 10001)}
        if kind.get("name") not in project.types and kind.get("id") not in known:
            raise Refused(400, errors={"issuetype": "The issue type selected is invalid."})
        errors = self._problems(project, fields, lambda f: f.create)
        for spec in project.fields.values():
            if spec.required and spec.create and not spec.default and not fields.get(spec.id):
                errors.setdefault(spec.id, f"{spec.name} is required.")
        if errors:
            raise Refused(400, errors=errors)
        project.last += 1
        moment = self.now()
        first = next(iter(project.statuses.values()))
        issue = Issue(
            str(20000 + len(self.issues)),
            f"{project.key}-{project.last}",
            project.key,
            moment,
            moment,
            (by or self.me).id,
            {k: v for k, v in fields.items() if v is not None},
            first.name,
            dict(properties),
        )
        self.issues.append(issue)
        self._by_key[issue.key] = issue
        self._indexed(issue)
        return issue

    def edit(self, issue: Issue, fields: Mapping[str, Any], properties: Mapping[str, Any]) -> None:
        errors = self._problems(self.projects[issue.project], fields, lambda f: f.edit)
        if errors:
            raise Refused(400, errors=errors)
        issue.properties.update(properties)
        for name, value in fields.items():
            if value is None:
                issue.fields.pop(name, None)
            else:
                issue.fields[name] = value
        if fields:
            self.touch(issue)

    def move(self, issue: Issue, project: str) -> None:
        target = self.projects[project]
        target.last += 1
        issue.former.append(issue.key)
        issue.key, issue.project = f"{project}-{target.last}", project
        self.touch(issue)

    def delete(self, issue: Issue) -> None:
        issue.deleted = True
        self.touch(issue)

    def transitions(self, issue: Issue) -> list[Transition]:
        return [t for t in self.projects[issue.project].transitions if not t.sources or issue.status in t.sources]

    def transit(self, issue: Issue, transition_id: str, fields: Mapping[str, Any]) -> None:
        found = next((t for t in self.transitions(issue) if t.id == transition_id), None)
        if found is None:
            raise Refused(
                400, f"It seems that you have tried to perform an illegal workflow operation ({transition_id})."
            )
        specs = {spec.id: spec for spec in found.fields}
        accepted = set(specs) | set(found.hidden)
        errors = {name: NOT_ON_SCREEN.format(name) for name in fields if name not in accepted}
        for name in [*(s.id for s in found.fields if s.required), *found.hidden]:
            if not fields.get(name):
                errors[name] = f"{specs[name].name if name in specs else name.title()} is required."
        if errors:
            raise Refused(400, errors=errors)
        self.set_status(issue, found.to, (fields.get("resolution") or {}).get("name") or found.resolution)
        issue.fields.update({k: v for k, v in fields.items() if k != "resolution"})

    def set_status(self, issue: Issue, status: str, resolution: str = "") -> None:
        """What a transition does, and a person's click."""
        issue.status = status
        done = self.projects[issue.project].statuses[status].category == "done"
        issue.resolution = resolution if done else ""
        issue.resolved = self.now() if done and resolution else None
        self.touch(issue)

    def touch(self, issue: Issue) -> None:
        issue.updated = self.now()
        issue.edits += 1
        self._indexed(issue)

    # the index, which lags

    def _indexed(self, issue: Issue) -> None:
        row = {
            "id": issue.id,
            "keys": [issue.key, *issue.former],
            "project": issue.project,
            "number": int(issue.key.rpartition("-")[2]),
            "labels": list(issue.fields.get("labels") or []),
            "updated": _minute(issue.updated),
            "created": _minute(issue.created),
            "creator": issue.creator,
            "status": issue.status,
            "statuscategory": self.projects[issue.project].statuses[issue.status].category,
            "issuetype": self._kind(issue),
            "gone": issue.deleted,
        }
        self._index.append((self.now(), issue.id, row))

    def _kind(self, issue: Issue) -> str:
        kind = issue.fields.get("issuetype") or {}
        return str(kind.get("name") or self.projects[issue.project].types[int(kind["id"]) - 10001])

    def rows(self) -> list[Mapping[str, Any]]:
        """What the index shows now: each issue as it was when the index last looked."""
        horizon = self.now() - self.lag
        shown = {identity: row for at, identity, row in self._index if at <= horizon}
        hidden = {issue.id for issue in self.issues if not issue.deleted and not self._shows(issue)}
        return [row for row in shown.values() if not row["gone"] and row["id"] not in hidden]

    # checks

    def _problems(
        self, project: Project, fields: Mapping[str, Any], on_screen: Callable[[Field], bool]
    ) -> dict[str, str]:
        errors: dict[str, str] = {}
        for name, value in fields.items():
            spec = project.fields.get(name)
            if spec is None or not on_screen(spec):
                errors[name] = NOT_ON_SCREEN.format(name)
            elif value is not None:
                problem = self._problem(spec, value)
                if problem:
                    errors[name] = problem
        return errors

    def _problem(self, spec: Field, value: Any) -> str:
        if spec.kind == "labels":
            return _labels_problem(value)
        if spec.kind == "date":
            try:
                date.fromisoformat(value)
            except (TypeError, ValueError):
                return f"Error parsing date string: {value}"
            return ""
        if spec.id == "summary":
            bad = not isinstance(value, str) or not value.strip() or "\n" in value or _units(value) > 255
            return (
                "The summary is invalid because it is blank, has newlines or more than 255 characters." if bad else ""
            )
        if spec.kind == "number":
            return "" if isinstance(value, int | float) and not isinstance(value, bool) else "data was not a number"
        if spec.kind in _PICKED:
            fits, reported = _PICKED[spec.kind]
            return "" if fits(value) else reported
        if spec.kind == "string":
            return "" if isinstance(value, str) else "Operation value must be a string"
        return self._choice_problem(spec, value)

    def _choice_problem(self, spec: Field, value: Any) -> str:
        if spec.kind in ("parent", "epic"):
            try:
                self.find(str(value if spec.kind == "epic" else value.get("key", "")))
            except Refused:
                return "Given parent work item does not exist."
        if not spec.allowed:
            return ""
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, dict):
                return f"Specify the '{spec.name}' by its id or name"
            named = one.get("name") or one.get("value")
            names = [entry if isinstance(entry, str) else entry[0] for entry in spec.allowed]
            ids = [option_id(name) for name in names]
            if named not in names and one.get("id") not in ids:
                return f"Option '{named or one.get('id')}' is not valid for {spec.name}"
        return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _all(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _is_group(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("name"), str)


_PICKED: dict[str, tuple[Callable[[Any], bool], str]] = {
    # Its schema says array, and it takes a number.
    "sprint": (_is_number, "Number value expected as the Sprint id."),
    "organizations": (_all(_is_number), "Operation value must be an array of organization ids"),
    "group": (_is_group, "expected Object containing a 'name' property"),
    "groups": (_all(_is_group), "expected Object containing a 'name' property"),
    "project": (lambda value: isinstance(value, dict) and bool({"key", "id"} & value.keys()), "expected Object"),
}
"""Whether a value fits a field, and what is said of one that does not."""


def option_id(name: str) -> str:
    """A stable id for an option, a priority or a component of that name."""
    return str(30000 + sum(ord(letter) * (place + 1) for place, letter in enumerate(name)) % 9999)


def _labels_problem(value: Any) -> str:
    if not isinstance(value, list):
        return "data was not an array"
    spaced = [label for label in value if not isinstance(label, str) or re.search(r"\s", label) or not label]
    return f"The label '{spaced[0]}' contains spaces which is invalid." if spaced else ""


def _units(text: str) -> int:
    """Length as Java counts it."""
    return len(text.encode("utf-16-le")) // 2


def _minute(moment: datetime) -> datetime:
    """Jira compares to the minute."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
