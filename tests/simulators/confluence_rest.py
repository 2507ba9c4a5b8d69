"""What the HTTP sides of Confluence Cloud and Data Center have in common, over a Site."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from tests.canaries import MARK
from tests.simulators.confluence_cql import fits
from tests.simulators.confluence_site import Indexed, Page, Person, Refused, Site
from tests.simulators.jira_wire import Answer, Asked, Wire

Route = tuple[str, str, Callable[..., Answer]]


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


class ConfluenceRest(Wire):
    """Args:
        site: what is there.
        secret: the token that must be sent.

    Attributes:
        names_accounts: whether answers name the account that they are given to.
        page_size: the most entries of one answer.
        tells_versions: whether searches tell versions.
    """

    product = ""
    names_accounts = True
    page_size = 250
    tells_versions = True

    def __init__(self, site: Site, secret: str = f"robot-{MARK}") -> None:
        super().__init__()
        self.site = site
        self.secret = secret
        self.violations: list[str] = []
        self.checked = 0
        self.who: Person | None = None

    def stored(self) -> object:
        return self.site.pages, self.site.lost

    def writes(self) -> list[Asked]:
        """The requests that changed something, or tried to."""
        return [asked for asked in self.calls() if asked.method != "GET"]

    # dialects

    def authorised(self, asked: Asked) -> bool:
        raise LookupError

    def routes(self) -> list[Route]:
        raise LookupError

    def refusal(self, status: int, words: str) -> Answer:
        raise LookupError

    def whose(self) -> Mapping[str, str]:
        """The headers that tell as whom an answer was given."""
        raise LookupError

    # dispatch

    def handle(self, asked: Asked) -> Answer:
        """What a real site does: whoever gives a wrong token is nobody, who is answered all the same."""
        self.who = self.site.me if self.authorised(asked) else None
        if self.who is None and not self.site.anonymous_access:
            answer = self.refusal(401, "Unauthorized")
        else:
            answer = self._answer(asked)
        if self.names_accounts:
            answer.headers |= self.whose()
        return answer

    def _answer(self, asked: Asked) -> Answer:
        for method, pattern, function in self.routes():
            match = re.fullmatch(self.product + pattern, asked.path)
            if match and method == asked.method:
                try:
                    return function(asked, *match.groups())
                except Refused as refused:
                    return self.refusal(refused.status, refused.words)
        return self.refusal(404, f"null for uri: {asked.path}")

    # parts

    def searched(self, cql: str) -> list[Indexed]:
        """What the index finds, and the one who asks may see."""
        seen = {page.id for page in self.site.seen(self.who)}
        found = [one for one in self.site.index.values() if one.id in seen and one.status == "current"]
        return [one for one in sorted(found, key=lambda one: int(one.id)) if fits(cql, one)]

    def paged(self, asked: Asked, entries: Sequence[Any], links: bool = True) -> Answer:
        """One page of a listing, with an opaque cursor to the next, which holds only for the same question."""
        size = min(int(asked.one("limit", "25")), self.page_size)
        question = urlencode({n: v for n, v in sorted(asked.query.items()) if n not in ("cursor", "limit")}, doseq=True)
        start = 0
        if cursor := asked.one("cursor"):
            start, _, before = _read_cursor(cursor)
            if before != question:
                raise Refused(400, "The cursor belongs to another question")
        answer = Answer(200, {"results": list(entries[start : start + size])})
        answer.body["_links"] = {"base": self.base_url + self.product}
        if start + size < len(entries):
            made = base64.urlsafe_b64encode(f"{start + size}|{question}".encode()).decode()
            relative = f"{asked.path}?{urlencode({'limit': size})}&cursor={quote(made)}"
            answer.body["_links"]["next"] = relative
            answer.headers["Link"] = f'<{relative}>; rel="next", <{self.base_url}{self.product}>; rel="base"'
        return answer

    def state_of(self, page: Page) -> dict[str, Any]:
        return {"contentState": {"id": 1, "name": page.state, "color": "#36b37e"} if page.state else None}


def _read_cursor(cursor: str) -> tuple[int, str, str]:
    try:
        start, mark, question = base64.urlsafe_b64decode(cursor).decode().partition("|")
        return int(start), mark, question
    except ValueError:
        raise Refused(400, "The cursor is none of ours") from None
