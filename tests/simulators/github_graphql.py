"""The GraphQL side of a GitHub simulator, over the same truth as its REST side."""

from __future__ import annotations

import base64
from typing import Any

from tests.simulators.github_shapes import Shapes
from tests.simulators.github_site import Account, Commit, Issue, Repository, Site, blob_id, iso, tree_id
from tests.simulators.graphql import Execution, Failed, Node, Parser, Wrong
from tests.simulators.jira_wire import Answer, Asked


class GraphQL:
    def __init__(self, site: Site, shapes: Shapes, who: Account) -> None:
        self._site = site
        self._shapes = shapes
        self._who = who
        self._fields = False

    def answer(self, asked: Asked) -> Answer:
        self._fields = "issue_fields" in asked.headers.get("Graphql-Features", "")
        try:
            document = Parser(asked.body["query"], asked.body.get("variables") or {}).document()
            roots = {
                "query": Node("Query", {"viewer": self._account(self._who), "repository": self._repository}),
                "mutation": Node("Mutation", {"createCommitOnBranch": self._commit}),
            }
            execution = Execution(document, roots)
            data = execution.run()
        except Wrong as error:
            return Answer(200, {"errors": [{"message": str(error), "extensions": {"code": "undefinedField"}}]})
        errors = {"errors": execution.errors} if execution.errors else {}
        return Answer(200, {"data": data, **errors})

    def _account(self, account: Account) -> Node:
        fields = {"login": account.login, "databaseId": account.id, "id": account.node_id}
        if account.type == "Bot":
            fields["login"] = account.login
        return Node(account.type, fields, ("Actor", "Node"))

    def _author(self, account: Account) -> Node:
        node = self._account(account)
        return Node(node.type, {**node.fields, "login": account.login.removesuffix("[bot]")}, node.interfaces)

    def _repository(self, owner: str, name: str) -> Node:
        full = f"{owner}/{name}".lower()
        found = self._site.find(full) or self._site.renamed.get(full)
        if found is None:
            raise Failed("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        repository = found

        def issue(number: int) -> Node:
            known = repository.issues.get(number)
            if known is None or known.deleted or known.moved_to:
                raise Failed("NOT_FOUND", f"Could not resolve to an issue or pull request with the number of {number}.")
            return self._issue(known)

        def ref(qualifiedName: str) -> Node | None:
            branch = qualifiedName.removeprefix("refs/heads/")
            return self._ref(repository, branch) if branch in repository.branches else None

        def blob(oid: str = "", expression: str = "") -> Node | None:
            return self._blob(repository, oid, expression)

        return Node(
            "Repository",
            {
                "nameWithOwner": repository.full_name,
                "isArchived": repository.archived,
                "issueOrPullRequest": issue,
                "ref": ref,
                "object": blob,
                "defaultBranchRef": lambda: self._ref(repository, repository.default_branch),
            },
        )

    def _issue(self, issue: Issue) -> Node:
        def connection(entries: list[Node]) -> Any:
            return lambda first: Node("Connection", {"nodes": entries[:first]})

        people = [self._account(self._site.account(login)) for login in issue.assignees]
        labels = [Node("Label", {"name": name}) for name in issue.labels]
        milestone = next((m for m in issue.repository.milestones if m.number == issue.milestone), None)
        fields: dict[str, Any] = {
            "id": issue.node_id,
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "url": self._shapes.page(issue),
            "createdAt": iso(issue.created),
            "closedAt": iso(issue.closed),
            "updatedAt": iso(issue.updated),
            "author": self._author(issue.user),
            "assignees": connection(people),
            "labels": connection(labels),
            "milestone": Node("Milestone", {"dueOn": milestone.shown, "title": milestone.title}) if milestone else None,
        }
        if issue.pull:
            state = "OPEN" if issue.state == "open" else "MERGED" if issue.merged else "CLOSED"
            merged = {"state": state, "merged": bool(issue.merged), "mergedAt": iso(issue.merged)}
            return Node("PullRequest", fields | merged, ("Node",))
        reason = (issue.state_reason or "").upper() or None

        def state_reason(enableDuplicate: bool = False) -> str | None:
            return "NOT_PLANNED" if reason == "DUPLICATE" and not enableDuplicate else reason

        fields |= {"state": issue.state.upper(), "stateReason": state_reason}
        known = self._site.fields.get(issue.repository.owner.lower())
        if known is not None and self._fields:
            values = [
                Node("IssueFieldDateValue", {"value": value, "field": Node("IssueFieldDate", {"name": entry.name})})
                for entry in known
                if (value := issue.fields.get(entry.id)) is not None
            ]
            fields["issueFieldValues"] = connection(values)
        elif self._fields:
            fields["issueFieldValues"] = connection([])
        return Node("Issue", fields, ("Node",))

    def _ref(self, repository: Repository, branch: str) -> Node:
        commit = repository.commits[repository.branches[branch]]
        tree = Node("Tree", {"oid": tree_id(commit.files)})
        target = Node("Commit", {"oid": commit.oid, "tree": tree}, ("GitObject",))
        return Node("Ref", {"name": branch, "target": target})

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
        return Node("Blob", fields, ("GitObject", "Node"))

    def _commit(self, input: dict[str, Any]) -> Node:
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
            raise Failed("UNPROCESSABLE", "Changes must be made through a pull request.")
        files = dict(repository.files(name))
        for addition in input["fileChanges"].get("additions", []):
            files[addition["path"]] = base64.b64decode(addition["contents"], validate=True)
        made: Commit = repository.commit(files, input["message"]["headline"], name)
        url = f"{self._shapes.home(repository)}/commit/{made.oid}"
        return Node("Payload", {"commit": Node("Commit", {"oid": made.oid, "url": url})})
