"""A simulator's truth in the shapes of GitHub's REST API."""

from __future__ import annotations

from typing import Any

from tests.simulators.github_site import Account, Comment, Issue, Milestone, Repository, Site, iso
from tests.simulators.openapi import Description

UNDESCRIBED = r"/graphql|/repos/[^/]+/[^/]+/installation|/app/installations/\d+/access_tokens|/repositories/.*|/login"
DESCRIPTION = Description("github-rest.json", UNDESCRIBED, deep=("ref", "path", "branch"))


class Shapes:
    """Args:
    base_url: of the API; pages of people are on the same host.
    """

    def __init__(self, site: Site, base_url: str) -> None:
        self._site = site
        self._base = base_url

    def account(self, account: Account) -> dict[str, Any]:
        values = {"login": account.login, "id": account.id, "node_id": account.node_id, "type": account.type}
        return DESCRIPTION.filled("simple-user", values | {"gravatar_id": None})

    def repository(self, repository: Repository) -> dict[str, Any]:
        values = {
            "id": repository.id,
            "name": repository.name,
            "full_name": repository.full_name,
            "owner": self.account(self._site.account(repository.owner, "Organization")),
            "html_url": f"{self._base}/{repository.full_name}",
            "default_branch": repository.default_branch,
            "archived": repository.archived,
            "has_issues": repository.has_issues,
            "permissions": {"admin": False, "pull": True, "push": self._site.push, "triage": self._site.push},
        }
        return DESCRIPTION.filled("full-repository", values)

    def label(self, name: str) -> dict[str, Any]:
        return DESCRIPTION.filled("label", {"name": name, "color": "ededed", "description": None})

    def milestone(self, milestone: Milestone) -> dict[str, Any]:
        values = {
            "number": milestone.number,
            "title": milestone.title,
            "due_on": milestone.shown,
            "state": milestone.state,
            "creator": None,
        }
        return DESCRIPTION.filled("milestone", values)

    def comment(self, issue: Issue, comment: Comment) -> dict[str, Any]:
        at = iso(comment.created)
        values = {"id": comment.id, "body": comment.body, "user": self.account(comment.user)}
        values |= {"created_at": at, "updated_at": at}
        return DESCRIPTION.filled("issue-comment", values | {"html_url": self.page(issue)})

    def page(self, issue: Issue) -> str:
        kind = "pull" if issue.pull else "issues"
        return f"{self.home(issue.repository)}/{kind}/{issue.number}"

    def home(self, repository: Repository) -> str:
        return f"{self._base}/{repository.full_name}"

    def issue(self, issue: Issue) -> dict[str, Any]:
        repository = issue.repository
        api = f"{self._base}/repos/{repository.full_name}"
        milestone = next((m for m in repository.milestones if m.number == issue.milestone), None)
        assignees = [self.account(self._site.account(login)) for login in issue.assignees]
        values: dict[str, Any] = {
            "id": issue.id,
            "node_id": issue.node_id,
            "number": issue.number,
            "url": f"{api}/issues/{issue.number}",
            "repository_url": api,
            "html_url": self.page(issue),
            "title": issue.title,
            "body": issue.body or None,
            "state": issue.state,
            "state_reason": issue.state_reason,
            "user": self.account(issue.user) if issue.user else None,
            "labels": [self.label(name) for name in issue.labels],
            "assignees": assignees,
            "assignee": assignees[0] if assignees else None,
            "milestone": self.milestone(milestone) if milestone else None,
            "locked": issue.locked,
            "comments": len(issue.comments),
            "created_at": iso(issue.created),
            "updated_at": iso(issue.updated),
            "closed_at": iso(issue.closed),
            "author_association": "MEMBER",
        }
        if issue.type:
            values["type"] = DESCRIPTION.filled("issue-type", {"name": issue.type})
        if issue.pull:
            values["pull_request"] = dict.fromkeys(("url", "html_url", "diff_url", "patch_url"), self.page(issue))
            values["pull_request"]["merged_at"] = iso(issue.merged)
        if self._site.fields.get(repository.owner.lower()):
            values["issue_field_values"] = self.field_values(issue)
        return DESCRIPTION.filled("issue", values)

    def field_values(self, issue: Issue) -> list[dict[str, Any]]:
        return [
            {
                "issue_field_id": entry.id,
                "issue_field_name": entry.name,
                "node_id": f"IFV_{entry.id}",
                "data_type": entry.data_type,
                "value": issue.fields[entry.id],
            }
            for entry in self._site.fields.get(issue.repository.owner.lower(), ())
            if entry.id in issue.fields
        ]
