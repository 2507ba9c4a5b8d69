"""The REST side of a GitHub simulator: it does what GitHub does, with what GitHub drops without a word."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from tests.simulators.github_shapes import DESCRIPTION, Shapes
from tests.simulators.github_site import Account, Issue, Repository, Site, blob_id, iso, tree_id
from tests.simulators.jira_wire import Answer, Asked

Handler = Callable[["Rest", Asked, Repository, tuple[str, ...]], Answer]
ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []
DOCS = "https://docs.github.com/rest"


def route(method: str, pattern: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        ROUTES.append((method, re.compile(pattern), handler))
        return handler

    return register


class Rest:
    def __init__(self, site: Site, shapes: Shapes, who: Account, base_url: str) -> None:
        self.site = site
        self.shapes = shapes
        self.who = who
        self.base = base_url

    def answer(self, asked: Asked) -> Answer:
        organisation = re.fullmatch(r"/orgs/([^/]+)/issue-fields", asked.path)
        if organisation:
            return self._fields(organisation[1])
        by_id = re.fullmatch(r"/repositories/(\d+)(/.*)?", asked.path)
        if by_id:
            known = [r for r in self.site.repositories.values() if r.id == int(by_id[1])]
            return self._routed(asked, known[0], by_id[2] or "") if known else missing()
        match = re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)?", asked.path)
        if not match:
            return missing()
        old = self.site.renamed.get(match[1].lower())
        if old:
            return self.elsewhere(f"/repositories/{old.id}{match[2] or ''}", asked)
        repository = self.site.find(match[1])
        return self._routed(asked, repository, match[2] or "") if repository else missing()

    def _routed(self, asked: Asked, repository: Repository, rest: str) -> Answer:
        if repository.archived and asked.method != "GET":
            return Answer(403, {"message": "Repository was archived so is read-only.", "documentation_url": DOCS})
        for method, pattern, handler in ROUTES:
            found = pattern.fullmatch(rest)
            if method == asked.method and found:
                return handler(self, asked, repository, tuple(g or "" for g in found.groups()))
        return missing()

    def _fields(self, owner: str) -> Answer:
        known = self.site.fields.get(owner.lower())
        if known is None:
            return missing()
        shown = [{"id": f.id, "node_id": f"IF_{f.id}", "name": f.name, "data_type": f.data_type} for f in known]
        return Answer(200, shown)

    def elsewhere(self, path: str, asked: Asked) -> Answer:
        query = urlencode([(name, value) for name, values in asked.query.items() for value in values])
        url = f"{self.base}{path}" + (f"?{query}" if query else "")
        reported = {"message": "Moved Permanently", "url": url, "documentation_url": DOCS}
        return Answer(301 if asked.method == "GET" else 307, reported, {"Location": url})

    def paged(self, asked: Asked, entries: Iterable[Any], shape: Callable[[Any], Any] = lambda entry: entry) -> Answer:
        size, page = int(asked.one("per_page", "30")), int(asked.one("page", "1"))
        every = list(entries)
        headers = {}
        if len(every) > size * page:
            query = {name: values[0] for name, values in asked.query.items()} | {"page": str(page + 1)}
            last = {**query, "page": str(-(-len(every) // size))}
            url = f"{self.base}{asked.path}"
            headers["Link"] = f'<{url}?{urlencode(query)}>; rel="next", <{url}?{urlencode(last)}>; rel="last"'
        return Answer(200, [shape(entry) for entry in every[size * (page - 1) : size * page]], headers)

    def issue(self, repository: Repository, number: str, asked: Asked) -> Issue | Answer:
        found = repository.issues.get(int(number))
        if found is None:
            return missing()
        if found.deleted:
            return Answer(410, {"message": "This issue was deleted", "documentation_url": DOCS})
        if found.moved_to:
            target = found.moved_to
            rest = asked.path.partition(f"/issues/{number}")[2]
            return self.elsewhere(f"/repositories/{target.repository.id}/issues/{target.number}{rest}", asked)
        return found


def missing() -> Answer:
    return Answer(404, {"message": "Not Found", "documentation_url": DOCS})


def invalid(field: str, value: Any = None, resource: str = "Issue", code: str = "invalid") -> Answer:
    error = {"resource": resource, "field": field, "code": code} | ({"value": value} if value else {})
    return Answer(422, {"message": "Validation Failed", "errors": [error], "documentation_url": DOCS})


@route("GET", "")
def _repository(rest: Rest, asked: Asked, repository: Repository, _: tuple[str, ...]) -> Answer:
    return Answer(200, rest.shapes.repository(repository))


@route("GET", "/issue-types")
def _types(rest: Rest, asked: Asked, repository: Repository, _: tuple[str, ...]) -> Answer:
    shown = [DESCRIPTION.filled("issue-type", {"name": name}) for name in repository.types]
    return Answer(200, shown) if repository.organisation else missing()


@route("GET", "/assignees")
def _assignees(rest: Rest, asked: Asked, repository: Repository, _: tuple[str, ...]) -> Answer:
    people = [a for a in rest.site.accounts.values() if rest.site.may_be_assigned(a.login)]
    return rest.paged(asked, [rest.shapes.account(account) for account in people])


@route("GET", "/assignees/([^/]+)")
def _assignee(rest: Rest, asked: Asked, repository: Repository, names: tuple[str, ...]) -> Answer:
    return Answer(204) if rest.site.may_be_assigned(names[0]) else missing()


@route("GET", "/labels/([^/]+)")
def _label(rest: Rest, asked: Asked, repository: Repository, names: tuple[str, ...]) -> Answer:
    known = repository.labels.get(names[0].lower())
    return Answer(200, rest.shapes.label(known)) if known else missing()


@route("POST", "/labels")
def _new_label(rest: Rest, asked: Asked, repository: Repository, _: tuple[str, ...]) -> Answer:
    name = str(asked.body.get("name") or "")
    if not rest.site.push:
        return missing()
    if name.lower() in repository.labels:
        return invalid("name", resource="Label", code="already_exists")
    repository.labels[name.lower()] = name
    return Answer(201, rest.shapes.label(name))


@route("GET", "/milestones")
def _milestones(rest: Rest, asked: Asked, repository: Repository, _: tuple[str, ...]) -> Answer:
    state = asked.one("state", "open")
    return rest.paged(asked, [rest.shapes.milestone(m) for m in repository.milestones if state in ("all", m.state)])


@route("POST", "/milestones")
def _new_milestone(rest: Rest, asked: Asked, repository: Repository, _: tuple[str, ...]) -> Answer:
    if not rest.site.push:
        return missing()
    if any(m.title == asked.body["title"] for m in repository.milestones):
        return invalid("title", resource="Milestone", code="already_exists")
    due = asked.body.get("due_on")
    made = rest.site.milestone(repository, asked.body["title"], datetime.fromisoformat(due) if due else None)
    return Answer(201, rest.shapes.milestone(made))


@route("GET", "/issues")
def _issues(rest: Rest, asked: Asked, repository: Repository, _: tuple[str, ...]) -> Answer:
    if not repository.has_issues:
        return Answer(410, {"message": "Issues are disabled for this repo", "documentation_url": DOCS})
    found = [i for i in repository.issues.values() if not i.deleted and not i.moved_to]
    visible = rest.site.now() - rest.site.lag
    found = [i for i in found if i.created <= visible or rest.site.lag.total_seconds() == 0]
    state = asked.one("state", "open")
    found = [i for i in found if state in ("all", i.state)]
    wanted = [name.lower() for name in asked.many("labels")]
    found = [i for i in found if set(wanted) <= {label.lower() for label in i.labels}]
    since = asked.one("since")
    if since:
        found = [i for i in found if (iso(i.updated) or "") >= since]
    key = {"updated": lambda i: (i.updated, i.number), "created": lambda i: (i.created, i.number)}
    found.sort(key=key[asked.one("sort", "created")], reverse=asked.one("direction", "desc") == "desc")
    return rest.paged(asked, found, rest.shapes.issue)


@route("POST", "/issues")
def _new_issue(rest: Rest, asked: Asked, repository: Repository, _: tuple[str, ...]) -> Answer:
    body = asked.body
    if not repository.has_issues:
        return Answer(410, {"message": "Issues has been disabled in this repository.", "documentation_url": DOCS})
    refused = _refused(rest, repository, body)
    if refused:
        return refused
    made = rest.site.issue(repository, " ".join(str(body["title"]).split()), body.get("body") or "", rest.who)
    _apply(rest, made, body)
    return Answer(201, rest.shapes.issue(made))


def _refused(rest: Rest, repository: Repository, body: dict[str, Any]) -> Answer | None:
    if "title" in body and not str(body["title"] or "").strip():
        return invalid("title", code="missing_field")
    if len(str(body.get("title") or "")) > 256:
        return invalid("title", body["title"][:40])
    if len(str(body.get("body") or "")) > 65536:
        return invalid("body")
    if not rest.site.push:
        return None
    unknown = [name for name in body.get("assignees") or () if name.lower() not in rest.site.accounts]
    if unknown:
        return invalid("assignees", unknown[0])
    kind = body.get("type")
    if kind and kind not in repository.types:
        return invalid("type", kind)
    return None


def _apply(rest: Rest, issue: Issue, body: dict[str, Any]) -> None:
    """What only somebody with push access may set; the rest is dropped without a word."""
    repository = issue.repository
    if not rest.site.push:
        return
    if "labels" in body:
        issue.labels = []
        for name in body["labels"]:
            issue.labels.append(repository.labels.setdefault(name.lower(), name))
    if "assignees" in body:
        able = [name for name in body["assignees"] if rest.site.may_be_assigned(name)]
        issue.assignees = [rest.site.account(name).login for name in able[:10]]
    if "milestone" in body:
        issue.milestone = body["milestone"]
    if "type" in body:
        issue.type = body["type"]
    if "issue_field_values" in body:
        # Of an edit these are all there are: those that it does not name are gone.
        issue.fields.clear()
        _set_fields(rest, issue, body["issue_field_values"])


def _set_fields(rest: Rest, issue: Issue, values: Iterable[dict[str, Any]]) -> None:
    known = {f.id for f in rest.site.fields.get(issue.repository.owner.lower(), ())}
    issue.fields |= {value["field_id"]: value["value"] for value in values if value["field_id"] in known}


@route("GET", r"/issues/(\d+)")
def _one_issue(rest: Rest, asked: Asked, repository: Repository, names: tuple[str, ...]) -> Answer:
    found = rest.issue(repository, names[0], asked)
    return found if isinstance(found, Answer) else Answer(200, rest.shapes.issue(found))


@route("PATCH", r"/issues/(\d+)")
def _edit_issue(rest: Rest, asked: Asked, repository: Repository, names: tuple[str, ...]) -> Answer:
    found = rest.issue(repository, names[0], asked)
    if isinstance(found, Answer):
        return found
    body = asked.body
    refused = _refused(rest, repository, body)
    if refused:
        return refused
    if not rest.site.push and found.user is not rest.who:
        return Answer(403, {"message": "Must have admin rights to Repository.", "documentation_url": DOCS})
    rest.site.edit(found, **{name: body[name] or "" for name in ("title", "body") if name in body})
    _apply(rest, found, body)
    if body.get("state") == "closed" and found.state == "open":
        rest.site.close(found, body.get("state_reason") or "completed")
        if found.state_reason == "duplicate":
            found.duplicate_of = body.get("duplicate_issue_id")
    if body.get("state") == "open" and found.state == "closed":
        rest.site.reopen(found)
    return Answer(200, rest.shapes.issue(found))


@route("POST", r"/issues/(\d+)/issue-field-values")
def _add_field_values(rest: Rest, asked: Asked, repository: Repository, names: tuple[str, ...]) -> Answer:
    found = rest.issue(repository, names[0], asked)
    if isinstance(found, Answer):
        return found
    if not rest.site.push:
        return Answer(403, {"message": "Must have push access to set issue fields.", "documentation_url": DOCS})
    if repository.owner.lower() not in rest.site.fields:
        return missing()
    _set_fields(rest, found, asked.body["issue_field_values"])
    rest.site.edit(found)
    return Answer(200, rest.shapes.field_values(found))


@route("POST", r"/issues/(\d+)/labels")
def _add_labels(rest: Rest, asked: Asked, repository: Repository, names: tuple[str, ...]) -> Answer:
    found = rest.issue(repository, names[0], asked)
    if isinstance(found, Answer):
        return found
    if not rest.site.push:
        return missing()
    for name in asked.body["labels"]:
        known = repository.labels.setdefault(name.lower(), name)
        if known not in found.labels:
            rest.site.edit(found, labels=[*found.labels, known])
    return Answer(200, [rest.shapes.label(name) for name in found.labels])


@route("GET", r"/issues/(\d+)/comments")
def _comments(rest: Rest, asked: Asked, repository: Repository, names: tuple[str, ...]) -> Answer:
    found = rest.issue(repository, names[0], asked)
    if isinstance(found, Answer):
        return found
    since = asked.one("since")
    wanted = [comment for comment in found.comments if str(iso(comment.created)) >= since]
    return rest.paged(asked, [rest.shapes.comment(found, comment) for comment in wanted])


@route("POST", r"/issues/(\d+)/comments")
def _comment(rest: Rest, asked: Asked, repository: Repository, names: tuple[str, ...]) -> Answer:
    found = rest.issue(repository, names[0], asked)
    if isinstance(found, Answer):
        return found
    if found.locked and not rest.site.push:
        reported = "Unable to create comment because issue is locked."
        return Answer(403, {"message": reported, "documentation_url": DOCS})
    made = rest.site.comment(found, asked.body["body"], rest.who)
    return Answer(201, rest.shapes.comment(found, made))


@route("POST", r"/issues/(\d+)/sub_issues")
def _sub_issue(rest: Rest, asked: Asked, repository: Repository, names: tuple[str, ...]) -> Answer:
    parent = rest.issue(repository, names[0], asked)
    if isinstance(parent, Answer):
        return parent
    every = [i for r in rest.site.repositories.values() for i in r.issues.values()]
    child = next((i for i in every if i.id == asked.body["sub_issue_id"]), None)
    if child is None:
        return missing()
    if child.parent not in (None, parent):
        return invalid("sub_issue_id", resource="SubIssue")
    child.parent = parent
    return Answer(201, rest.shapes.issue(parent))


# --- files -----------------------------------------------------------------------------------


@route("GET", "/git/trees/([0-9a-f]{40})")
def _tree(rest: Rest, asked: Asked, repository: Repository, names: tuple[str, ...]) -> Answer:
    for commit in repository.commits.values():
        if names[0] in (commit.oid, tree_id(commit.files)):
            return Answer(200, _listed(rest, names[0], commit.files))
    return missing()


def _listed(rest: Rest, sha: str, files: dict[str, bytes]) -> dict[str, Any]:
    entries = [
        {"path": path, "mode": "100644", "type": "blob", "sha": blob_id(data), "size": len(data)}
        for path, data in sorted(files.items())
    ]
    folders = {"/".join(path.split("/")[:depth]) for path in files for depth in range(1, path.count("/") + 1)}
    entries += [{"path": folder, "mode": "040000", "type": "tree", "sha": "0" * 40} for folder in sorted(folders)]
    return {"sha": sha, "url": f"{rest.base}/git/trees/{sha}", "tree": entries, "truncated": False}


@route("GET", "/git/blobs/([0-9a-f]{40})")
def _blob(rest: Rest, asked: Asked, repository: Repository, names: tuple[str, ...]) -> Answer:
    for commit in repository.commits.values():
        for data in commit.files.values():
            if blob_id(data) == names[0]:
                content = base64.encodebytes(data).decode()
                values = {"sha": names[0], "size": len(data), "content": content, "encoding": "base64"}
                return Answer(200, DESCRIPTION.filled("blob", values))
    return missing()


@route("GET", "/git/ref/heads/(.+)")
def _ref(rest: Rest, asked: Asked, repository: Repository, names: tuple[str, ...]) -> Answer:
    oid = repository.branches.get(names[0])
    return Answer(200, _shown_ref(rest, names[0], oid)) if oid else missing()


def _shown_ref(rest: Rest, branch: str, oid: str) -> dict[str, Any]:
    return {
        "ref": f"refs/heads/{branch}",
        "node_id": "REF_1",
        "url": f"{rest.base}/git/refs/heads/{branch}",
        "object": {"type": "commit", "sha": oid, "url": f"{rest.base}/git/commits/{oid}"},
    }


@route("POST", "/git/refs")
def _new_ref(rest: Rest, asked: Asked, repository: Repository, _: tuple[str, ...]) -> Answer:
    branch = asked.body["ref"].removeprefix("refs/heads/")
    if not rest.site.push:
        return Answer(403, {"message": "Resource not accessible by personal access token", "documentation_url": DOCS})
    if branch in repository.branches:
        return Answer(422, {"message": "Reference already exists", "documentation_url": DOCS})
    repository.branches[branch] = asked.body["sha"]
    return Answer(201, _shown_ref(rest, branch, asked.body["sha"]))


@route("PATCH", "/git/refs/heads/(.+)")
def _move_ref(rest: Rest, asked: Asked, repository: Repository, names: tuple[str, ...]) -> Answer:
    if names[0] not in repository.branches:
        return Answer(422, {"message": "Reference does not exist", "documentation_url": DOCS})
    if not asked.body.get("force"):
        return Answer(422, {"message": "Update is not a fast forward", "documentation_url": DOCS})
    repository.branches[names[0]] = asked.body["sha"]
    return Answer(200, _shown_ref(rest, names[0], asked.body["sha"]))


@route("GET", "/branches/(.+)")
def _branch(rest: Rest, asked: Asked, repository: Repository, names: tuple[str, ...]) -> Answer:
    if names[0] in repository.renamed_branches:
        return rest.elsewhere(f"/repositories/{repository.id}/branches/{repository.renamed_branches[names[0]]}", asked)
    oid = repository.branches.get(names[0])
    if oid is None:
        return Answer(404, {"message": "Branch not found", "documentation_url": DOCS})
    values = {"name": names[0], "protected": names[0] in repository.protected}
    return Answer(200, DESCRIPTION.filled("branch-with-protection", values))


@route("GET", "/pulls")
def _pulls(rest: Rest, asked: Asked, repository: Repository, _: tuple[str, ...]) -> Answer:
    head, base = asked.one("head").partition(":")[2], asked.one("base")
    found = [
        i
        for i in repository.issues.values()
        if i.pull and i.state == asked.one("state", "open") and i.labels[:2] == [f"head:{head}", f"base:{base}"]
    ]
    return rest.paged(asked, [_pull(rest, issue, "pull-request-simple") for issue in found])


@route("POST", "/pulls")
def _new_pull(rest: Rest, asked: Asked, repository: Repository, _: tuple[str, ...]) -> Answer:
    body = asked.body
    if body["head"] not in repository.branches:
        return invalid("head", resource="PullRequest")
    made = rest.site.issue(repository, body["title"], body.get("body") or "", rest.who, pull=True)
    made.labels = [f"head:{body['head']}", f"base:{body['base']}"]
    return Answer(201, _pull(rest, made, "pull-request"))


def _pull(rest: Rest, issue: Issue, shape: str) -> dict[str, Any]:
    values = {
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "state": issue.state,
        "html_url": rest.shapes.page(issue),
        "user": rest.shapes.account(issue.user) if issue.user else None,
        "author_association": "MEMBER",
    }
    return DESCRIPTION.filled(shape, values)
