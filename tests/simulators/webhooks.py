"""What GitHub, Jira and Confluence send by themselves, over what is in their simulators, signed as they document it."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from tests.simulators.confluence_rest import ConfluenceRest
from tests.simulators.confluence_site import Page
from tests.simulators.github_server import GitHub
from tests.simulators.github_shapes import Shapes
from tests.simulators.github_site import Issue as GitHubIssue
from tests.simulators.github_site import Repository
from tests.simulators.jira_rest import JiraRest
from tests.simulators.jira_site import Issue as JiraIssue


@dataclass(frozen=True, slots=True)
class Event:
    """One delivery: the same again when it is sent twice."""

    headers: Mapping[str, str]
    body: bytes

    def post(self, address: str, **more: str) -> requests.Response:
        """Send it; `more` are headers instead of its own."""
        headers = {**self.headers, **{name.replace("_", "-"): value for name, value in more.items()}}
        return requests.post(address, data=self.body, headers=headers, timeout=60)


def github(kind: str, payload: Mapping[str, Any], secret: str) -> Event:
    body = json.dumps(payload).encode()
    return Event(
        {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/simulated",
            "X-GitHub-Event": kind,
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        },
        body,
    )


def issue_event(server: GitHub, repository: Repository, issue: GitHubIssue, action: str, secret: str) -> Event:
    shapes = Shapes(server.site, server.base_url)
    payload = {
        "action": action,
        "issue": shapes.issue(issue),
        "repository": shapes.repository(repository),
        "sender": shapes.account(server.site.me),
    }
    return github("issues", payload, secret)


def push_event(server: GitHub, repository: Repository, secret: str, branch: str = "main", **paths: list[str]) -> Event:
    """`paths`: added, modified and removed of one commit."""
    shapes = Shapes(server.site, server.base_url)
    commit = {"id": repository.branches.get(branch, "0" * 40), "added": [], "modified": [], "removed": []}
    payload = {
        "ref": f"refs/heads/{branch}",
        "before": "0" * 40,
        "after": commit["id"],
        "repository": {**shapes.repository(repository), "default_branch": "main"},
        "commits": [{**commit, **paths}],
    }
    return github("push", payload, secret)


def jira(site: JiraRest, issue: JiraIssue, secret: str, event: str = "jira:issue_updated", **more: Any) -> Event:
    payload = {
        "timestamp": int(issue.updated.timestamp() * 1000),
        "webhookEvent": event,
        "issue": site.issue_json(issue, ["summary", "status"], []),
        **more,
    }
    body = json.dumps(payload).encode()
    return Event(
        {
            "Content-Type": "application/json; charset=UTF-8",
            "User-Agent": "Atlassian Webhook HTTP Client",
            "X-Atlassian-Webhook-Identifier": str(uuid.uuid4()),
            "X-Atlassian-Webhook-Flow": "Primary",
            "X-Hub-Signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        },
        body,
    )


def confluence(server: ConfluenceRest, page: Page, event: str, secret: str) -> Event:
    """What a Data Center sends of a page."""
    link = f"{server.base_url}{server.product}/display/{page.space}/{page.last.title.replace(' ', '+')}"
    about = {"id": int(page.id), "self": link, "title": page.last.title, "spaceKey": page.space}
    payload = {
        "timestamp": int(page.last.at.timestamp() * 1000),
        "event": event,
        "userKey": "8a7f808a",
        "page": about | {"version": page.last.number, "contentType": "page"},
    }
    body = json.dumps(payload).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Event({"Content-Type": "application/json", "X-Hub-Signature": f"sha256={signature}"}, body)
