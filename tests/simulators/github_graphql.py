"""The GraphQL side of a GitHub simulator, over the same truth as its REST side: graphql-core runs a schema of ours."""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLSchema,
    build_schema,
    execute_sync,
    extend_schema,
    parse,
    validate,
)

from tests.simulators.github_projects import Boards, listed
from tests.simulators.github_shapes import Shapes
from tests.simulators.github_site import Account, Commit, Issue, Repository, Site, blob_id, iso, tree_id
from tests.simulators.jira_wire import Answer, Asked

FOLDER = Path(__file__).parent
FEATURE = "issue_fields"
"""What a request asks for to be shown the fields of issues."""

Node = dict[str, Any]


class Failed(GraphQLError):
    """A field that cannot be answered: null, and an error with its own kind beside it; "" for an error without one."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def published() -> str:
    """The schema that all servers have."""
    return (FOLDER / "github.graphql").read_text("utf-8")


def previews() -> str:
    """What only github.com has beyond it."""
    return (FOLDER / "github_previews.graphql").read_text("utf-8")


@cache
def schema(lacks: frozenset[str] = frozenset()) -> GraphQLSchema:
    """The schema of a server without the fields of these names."""
    base, more = _without(published(), lacks), _without(previews(), lacks)
    return extend_schema(build_schema(base), parse(more))


def _without(text: str, names: frozenset[str]) -> str:
    lines = [line for line in text.splitlines() if re.split(r"[(:]", line)[0].strip() not in names]
    return re.sub(r"extend type \w+ \{\s*\}", "", "\n".join(lines))


def node(kind: str, fields: Node) -> Node:
    """A value of a type. What is a function is called with the arguments of its field."""
    return {"__typename": kind, **fields}


def connection(entries: list[Node]) -> Any:
    """So many of a list as are asked for."""
    return lambda info, first=100: {"nodes": entries[:first]}


class GraphQL:
    """Args:
    lacks: names of fields that this server does not have.
    """

    def __init__(
        self, site: Site, shapes: Shapes, who: Account, boards: Boards, lacks: frozenset[str] = frozenset()
    ) -> None:
        self._site = site
        self._boards = boards
        self._shapes = shapes
        self._who = who
        self._lacks = lacks

    def answer(self, asked: Asked) -> Answer:
        shown = FEATURE in asked.headers.get("Graphql-Features", "")
        known = schema(self._lacks | (frozenset() if shown else {"issueFieldValues"}))
        try:
            document = parse(asked.body["query"])
        except GraphQLError as error:
            return Answer(200, {"errors": [{"message": f"Parse error: {error.message}"}]})
        if wrong := validate(known, document):
            return Answer(200, {"errors": [_refused(error) for error in wrong]})
        if not self._boards.allowed and "projectItems" in asked.body["query"]:
            # Told of the whole question, before any of it is answered.
            reported = "Your token has not been granted the required scopes to execute this query."
            return Answer(200, {"errors": [{"type": "INSUFFICIENT_SCOPES", "message": reported}]})
        roots = {
            "viewer": self._account(self._who) | {"__typename": "User"},
            "repository": self._repository,
            "createCommitOnBranch": self._commit,
        }
        result = execute_sync(known, document, roots, variable_values=asked.body.get("variables") or {})
        if result.data is None and result.errors and not isinstance(result.errors[0].original_error, Failed):
            return Answer(200, {"errors": [_refused(error) for error in result.errors]})
        errors = {"errors": [_reported(error) for error in result.errors]} if result.errors else {}
        return Answer(200, {"data": result.data, **errors})

    def _account(self, account: Account) -> Node:
        return node(account.type, {"login": account.login, "databaseId": account.id, "id": account.node_id})

    def _actor(self, account: Account) -> Node:
        """As authors and assignees are shown: programs without the end of their names that REST gives them."""
        return self._account(account) | {"login": account.login.removesuffix("[bot]")}

    def _repository(self, info: Any, owner: str, name: str) -> Node:
        full = f"{owner}/{name}".lower()
        found = self._site.find(full) or self._site.renamed.get(full)
        if found is None:
            raise Failed("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        repository = found

        def issue(info: Any, number: int) -> Node:
            known = repository.issues.get(number)
            if known is None or known.deleted or known.moved_to:
                raise Failed("NOT_FOUND", f"Could not resolve to an issue or pull request with the number of {number}.")
            return self._issue(known)

        def ref(info: Any, qualifiedName: str) -> Node | None:
            branch = qualifiedName.removeprefix("refs/heads/")
            return self._ref(repository, branch) if branch in repository.branches else None

        def blob(info: Any, oid: str = "", expression: str = "") -> Node | None:
            return self._blob(repository, oid, expression)

        fields = {
            "nameWithOwner": repository.full_name,
            "isArchived": repository.archived,
            "issue": issue,
            "issueOrPullRequest": issue,
            "issues": listed(repository, self._issue),
            "ref": ref,
            "object": blob,
            "defaultBranchRef": lambda info: self._ref(repository, repository.default_branch),
        }
        return node("Repository", fields)

    def _issue(self, issue: Issue) -> Node:
        accounts = [self._site.account(login) for login in issue.assignees]
        labels = [node("Label", {"name": name}) for name in issue.labels]
        milestone = next((m for m in issue.repository.milestones if m.number == issue.milestone), None)
        fields: Node = {
            "id": issue.node_id,
            "fullDatabaseId": str(issue.id),
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "url": self._shapes.page(issue),
            "createdAt": iso(issue.created),
            "closedAt": iso(issue.closed),
            "updatedAt": iso(issue.updated),
            "author": self._actor(issue.user) if issue.user else None,
            # Programs are missing here: they are among the actors.
            "assignees": connection([self._actor(account) for account in accounts if account.type == "User"]),
            "assignedActors": connection([self._actor(account) for account in accounts]),
            "labels": connection(labels),
            "milestone": {"dueOn": milestone.shown, "title": milestone.title} if milestone else None,
        }
        if issue.pull:
            state = "OPEN" if issue.state == "open" else "MERGED" if issue.merged else "CLOSED"
            return node(
                "PullRequest",
                fields | {"state": state, "merged": bool(issue.merged), "mergedAt": iso(issue.merged)},
            )
        reason = (issue.state_reason or "").upper() or None

        def state_reason(info: Any, enableDuplicate: bool = False) -> str | None:
            return "NOT_PLANNED" if reason == "DUPLICATE" and not enableDuplicate else reason

        fields |= {"state": issue.state.upper(), "stateReason": state_reason}

        def boards(info: Any, first: int = 100, includeArchived: bool = True) -> Node:
            shown = [one for one in self._boards.nodes(issue) if includeArchived or not one["isArchived"]]
            return {"nodes": shown[:first]}

        fields["projectItems"] = boards
        values = [
            node(
                "IssueFieldDateValue" if entry.data_type == "date" else "IssueFieldTextValue",
                {
                    "value": issue.fields[entry.id],
                    "field": node(
                        "IssueFieldDate" if entry.data_type == "date" else "IssueFieldText", {"name": entry.name}
                    ),
                },
            )
            for entry in self._site.fields.get(issue.repository.owner.lower(), ())
            if entry.id in issue.fields
        ]
        return node("Issue", fields | {"issueFieldValues": connection(values)})

    def _ref(self, repository: Repository, branch: str) -> Node:
        commit = repository.commits[repository.branches[branch]]
        tree = node("Tree", {"oid": tree_id(commit.files)})
        return node("Ref", {"name": branch, "target": node("Commit", {"oid": commit.oid, "tree": tree})})

    def _blob(self, repository: Repository, oid: str, expression: str) -> Node | None:
        if expression:
            branch, _, path = expression.partition(":")
            commit = repository.commits.get(repository.branches.get(branch, ""))
            data = commit.files.get(path) if commit else None
        else:
            contents = (data for commit in repository.commits.values() for data in commit.files.values())
            data = next((data for data in contents if blob_id(data) == oid), None)
        if data is None:
            return None
        binary = b"\0" in data
        text = None if binary else data.decode("utf-8", "replace").removeprefix("\ufeff")
        fields = {"oid": blob_id(data), "text": text, "isBinary": binary, "isTruncated": False, "byteSize": len(data)}
        return node("Blob", fields)

    def _commit(self, info: Any, input: dict[str, Any]) -> Node:
        branch = input["branch"]
        repository = self._site.find(branch["repositoryNameWithOwner"])
        if repository is None:
            raise Failed("NOT_FOUND", "Could not resolve to a Repository.")
        name = branch["branchName"]
        if repository.archived:
            raise Failed("UNPROCESSABLE", "Repository was archived so is read-only.")
        if not self._site.push:
            raise Failed("FORBIDDEN", "Resource not accessible by personal access token")
        head = repository.branches.get(name)
        if head != input["expectedHeadOid"]:
            raise Failed("STALE_DATA", f'Expected branch to point to "{head}" but it did not. Pull and try again.')
        if name in repository.protected:
            raise Failed(*repository.refusal)
        files = dict(repository.files(name))
        for addition in (input.get("fileChanges") or {}).get("additions") or ():
            files[addition["path"]] = base64.b64decode(addition["contents"], validate=True)
        made: Commit = repository.commit(files, input["message"]["headline"], name)
        url = f"{self._shapes.home(repository)}/commit/{made.oid}"
        return {"commit": node("Commit", {"oid": made.oid, "url": url})}


def _reported(error: GraphQLError) -> dict[str, Any]:
    """An error beside the data, as GitHub writes it."""
    kind = getattr(error.original_error, "kind", "")
    reported = {"path": error.path, "message": error.message}
    return {"type": kind, **reported} if kind else reported


def _refused(error: GraphQLError) -> dict[str, Any]:
    """An error of the query itself, in GitHub's words."""
    unknown = re.match(r"Cannot query field '(\w+)' on type '(\w+)'", error.message)
    argument = re.match(r"Unknown argument '(\w+)' on field '(?:\w+\.)?(\w+)'", error.message)
    if unknown:
        reported, code = f"Field '{unknown[1]}' doesn't exist on type '{unknown[2]}'", "undefinedField"
    elif argument:
        reported, code = f"Field '{argument[2]}' doesn't accept argument '{argument[1]}'", "argumentNotAccepted"
    else:
        reported, code = error.message, "invalid"
    return {"message": reported, "extensions": {"code": code}}
