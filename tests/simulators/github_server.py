"""A GitHub on loopback: REST v3 and GraphQL over one truth, held against GitHub's own description of its API."""

from __future__ import annotations

import hashlib
import json
import re
from collections import deque
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from tests.canaries import MARK
from tests.simulators import github_projects
from tests.simulators.github_graphql import GraphQL
from tests.simulators.github_projects import Boards
from tests.simulators.github_rest import Rest
from tests.simulators.github_shapes import DESCRIPTION, Shapes
from tests.simulators.github_site import Account, Site
from tests.simulators.jira_wire import Answer, Asked, Wire

CONTENT = r"/repos/[^/]+/[^/]+/(issues(/\d+/comments)?|milestones|labels)"


class GitHub(Wire):
    """Args:
    site: the truth; people act on it.

    Attributes:
        violations: where a request or an answer is not as the API is described.
        quota: requests left in the hour; a 304 costs none.
        hasty: writes that came less than a second after another.
        lacks: fields of GraphQL that this server does not have.
        closes: whether issues are closed and reopened; else that is dropped without a word.
        token_headers: what every answer tells about the token.
    """

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site
        self.boards = Boards(site)
        self.violations: list[str] = []
        self.quota = 5000
        self.hasty = 0
        self.content: deque[float] = deque()
        self.app_tokens = 0
        self.installation = ""
        self._last_write = 0.0
        self.token_headers: dict[str, str] = {}
        self.closes = True
        self.lacks: frozenset[str] = frozenset()

    def inside(self, path: str) -> str:
        """A server of a company's own has REST below /api/v3, and GraphQL beside it."""
        return "/graphql" if self.context and path == "/api/graphql" else super().inside(path)

    def handle(self, asked: Asked) -> Answer:
        answer = self._answer(asked)
        answer.headers |= {
            "X-RateLimit-Limit": "5000",
            "X-RateLimit-Remaining": str(max(0, self.quota)),
            "X-RateLimit-Reset": str(int(self.site.now().timestamp()) + 1800),
            "X-GitHub-Request-Id": "SIMULATED",
            "Date": format_datetime(self.site.now(), usegmt=True),
            **self.token_headers,
        }
        of_project = "/projectsV2" in asked.path
        described = github_projects.DESCRIPTION if of_project else DESCRIPTION
        # The description leaves out what is answered where there is no such project.
        if described.available and not (of_project and answer.status == 404):
            self.violations += described.violations(asked, answer)
        return answer

    def _answer(self, asked: Asked) -> Answer:
        if asked.path.endswith("/installation") or asked.path.startswith("/app/"):
            return self._app(asked)
        who = self._who(asked)
        if who is None:
            return Answer(401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"})
        limited = self._limits(asked)
        if limited:
            return limited
        shapes = Shapes(self.site, self.base_url)
        if asked.path == "/graphql":
            self.quota -= 1
            return GraphQL(self.site, shapes, who, self.boards, self.lacks).answer(asked)
        if not self.closes and isinstance(asked.body, dict):
            asked = replace(asked, body={name: value for name, value in asked.body.items() if name != "state"})
        answer = self.boards.answer(asked, self.base_url)
        answer = answer or Rest(self.site, shapes, who, self.base_url).answer(asked)
        return self._conditional(asked, answer)

    def _who(self, asked: Asked) -> Account | None:
        scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
        if self.installation and token == self.installation:
            return self.site.me
        return self.site.tokens.get(token) if scheme in ("token", "Bearer") else None

    def _app(self, asked: Asked) -> Answer:
        if not asked.headers.get("Authorization", "").startswith("Bearer ey"):
            return Answer(401, {"message": "A JSON web token could not be decoded"})
        if asked.method == "GET":
            known = self.site.find("/".join(asked.path.split("/")[2:4]))
            return Answer(200, {"id": 77}) if known else Answer(404, {"message": "Not Found"})
        self.app_tokens += 1
        self.installation = f"ghs_{MARK}_{self.app_tokens}"
        until = (self.site.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Answer(201, {"token": self.installation, "expires_at": until})

    def _limits(self, asked: Asked) -> Answer | None:
        now = self.site.now().timestamp()
        if self.quota <= 0:
            reported = {
                "message": "API rate limit exceeded for user ID 1.",
                "documentation_url": "https://docs.github.com",
            }
            if asked.path == "/graphql":
                return Answer(200, {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]})
            return Answer(403, reported)
        if asked.method in ("POST", "PATCH", "PUT", "DELETE") and asked.path != "/graphql":
            self.hasty += now - self._last_write < 1.0
            self._last_write = now
        if asked.method == "POST" and re.fullmatch(CONTENT, asked.path):
            while self.content and now - self.content[0] > 3600:
                self.content.popleft()
            if sum(now - at < 60 for at in self.content) >= 80 or len(self.content) >= 500:
                return self.secondary()
            self.content.append(now)
        return None

    def secondary(self) -> Answer:
        """What too many writes are answered with."""
        reported = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        return Answer(
            403, {"message": reported, "documentation_url": "https://docs.github.com/rest"}, {"Retry-After": "60"}
        )

    def _conditional(self, asked: Asked, answer: Answer) -> Answer:
        if asked.method == "GET" and answer.status == 200:
            etag = f'W/"{hashlib.sha256(json.dumps(answer.body, sort_keys=True).encode()).hexdigest()}"'
            answer.headers["ETag"] = etag
            if asked.headers.get("If-None-Match") == etag:
                return Answer(304, None, answer.headers)
        self.quota -= 1
        return answer

    def stored(self) -> object:
        return self.site.repositories, self.site.renamed

    def writes(self) -> list[Asked]:
        """The requests that changed something, or tried to."""
        return [a for a in self.calls() if a.method != "GET" and (a.path != "/graphql" or "mutation" in str(a.body))]

    def made(self, path: str) -> list[Any]:
        """Bodies of the POSTs to a path."""
        return [asked.body for asked in self.calls("POST", path)]
