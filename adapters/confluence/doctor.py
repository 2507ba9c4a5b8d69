"""Whether a site's pages can be read and written back to: who we are, what we may edit, which drafts are open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from adapters.confluence.answers import ConfluenceRefusal
from adapters.confluence.client import SCOPES, ConfluenceSession
from adapters.confluence.nodes import same
from adapters.confluence.page import Api
from sync.errors import SyncError
from sync.model import Finding
from sync.ports import Clock

LOOKED_AT = 25
"""Pages whose permissions and drafts are looked at, the newest first."""


class ConfluenceCheck:
    """What the doctor asks of a site and a source's pages."""

    def __init__(self, session: ConfluenceSession, api: Api, clock: Clock) -> None:
        self._session = session
        self._api = api
        self._clock = clock

    def findings(self, list_paths: Callable[[], Sequence[str]], url: Callable[[str], str]) -> Iterator[Finding]:
        """Look at everything that can be looked at without writing; without an account nothing further can work."""
        pages: list[str] = []

        def documents() -> Iterator[Finding]:
            pages.extend(sorted(list_paths(), key=int, reverse=True))
            cure = (
                "" if pages else "Correct the source's space, label, under and cql; docs/confluence.md explains them."
            )
            yield Finding("documents", bool(pages), False, f"{len(pages)}" if pages else "no page fits", cure)

        looks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
            ("credentials", self._account),
            ("documents", documents),
            ("permission", lambda: self._permissions(pages[:LOOKED_AT], url)),
            ("drafts", lambda: self._drafts(pages[:LOOKED_AT], url)),
        ]
        for name, look in looks:
            try:
                for finding in look():
                    yield finding
                    if name == "credentials" and not finding.well and finding.serious:
                        return
            except SyncError as error:
                yield Finding(name, False, name != "drafts", error.message, error.cure or _cure(error))
                if name in ("credentials", "documents"):
                    return

    def _account(self) -> Iterator[Finding]:
        me = self._session.me()
        if me is None:
            detail = f"{self._session.host} answers us as nobody: the token is not accepted"
            cure = "Make a new token, for it may have ended or been revoked, and see that it is one of Confluence."
            yield Finding("credentials", False, detail=detail, cure=cure)
            return
        yield Finding("credentials", True, detail=f"signed in as {me.name}")
        if found := self._session.gateway_id():
            cure = f'Set cloud_id = "{found}" in [confluence], which saves two calls a run.'
            yield Finding("gateway", True, detail=f"the token has scopes, and goes by {GATEWAY_HOST}", cure=cure)
        site = urlsplit(self._session.web)
        if site.scheme == "http" and site.hostname not in ("localhost", "127.0.0.1", "::1"):
            yield Finding("base_url", False, False, "the token travels unencrypted", "Use an https address.")

    def _permissions(self, pages: Sequence[str], url: Callable[[str], str]) -> Iterator[Finding]:
        """Whether the newest pages may be edited."""
        held = {page: self._api.may_edit(page) for page in pages}
        for page in (page for page, may in held.items() if may is False):
            detail = f"{url(page)} may be read and not edited, so that nothing is written back"
            yield Finding("permission", False, False, detail, "Let the account edit it, or take its label off.")
        if held and not any(may is False for may in held.values()):
            unknown = "the server does not tell whether pages may be edited"
            yield Finding("permission", True, detail="edit" if all(held.values()) else unknown)

    def _drafts(self, pages: Sequence[str], url: Callable[[str], str]) -> Iterator[Finding]:
        """Which of the newest pages wait for somebody's draft."""
        shown = self._api.pages(pages)
        for page, published in shown.items():
            draft = self._api.draft(page)
            if draft is not None and not same(draft.body, published.body):
                detail = f"{url(page)} has a draft that is not published: a write waits for it (confluence.draft_wait)"
                yield Finding("drafts", True, detail=detail, cure="Publish or discard it.")


GATEWAY_HOST = "Atlassian's gateway"


def _cure(error: SyncError) -> str:
    if isinstance(error, ConfluenceRefusal) and error.status == 403:
        return f"Let the account use the space, and give a token with scopes {SCOPES}."
    return ""
