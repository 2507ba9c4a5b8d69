"""Writes a page back: one version, compared with what was read, and read back to see what the server made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from adapters.confluence.answers import Conflict, ConfluenceRefusal
from adapters.confluence.listing import Memory
from adapters.confluence.nodes import Malformed, changed_by_server, same
from adapters.confluence.page import Api, Draft, Page
from sync.errors import CredentialsError, SyncError, TrackerError
from sync.ports import Clock, Document, Rewrite, WriteResult

MESSAGE = "Ticket status, by postmortem-sync"
_SHOWN = 3
"""So many changes of a server are told one by one."""


def message_of(page: str, version: int, body: bytes) -> str:
    """What a version is told to be: the same for the same write, so that it is known again when its answer was lost."""
    mark = hashlib.sha256(b"\0".join([page.encode(), str(version).encode(), body])).hexdigest()[:12]
    return f"{MESSAGE} [{mark}]"


class Writer:
    """Writes the pages of one source.

    Args:
        memory: of the source; keeps since when a write waits for somebody's draft.
        wait: seconds that it waits at most.
        url: the address of a page.
    """

    def __init__(self, api: Api, clock: Clock, memory: Memory, wait: float, url: Callable[[str], str]) -> None:
        self._api = api
        self._clock = clock
        self._memory = memory
        self._wait = wait
        self._url = url

    def write(self, rewrite: Rewrite) -> WriteResult:
        """Write one page, unless somebody has written it since, or is about to. Raises nothing of ours but StopRun."""
        document, path = rewrite.document, rewrite.document.path
        if rewrite.data == document.data:
            return WriteResult(path, document.version)
        try:
            draft = self._api.draft(path)
        except (TrackerError, CredentialsError) as error:
            return self._failed(path, f"nothing was written. {error}")
        if draft is not None and same(draft.body, document.data):
            draft = None
        if waiting := self._waiting(path, draft):
            return self._failed(path, waiting)
        return self._put(rewrite, draft)

    def _failed(self, path: str, why: str) -> WriteResult:
        return WriteResult(path, error=f"{self._url(path)}: {why}")

    def _waiting(self, path: str, draft: Draft | None) -> str:
        """Why a page is not written yet: somebody's draft would be merged with our version, or lost to it."""
        if draft is None:
            self._memory.drafts.pop(path, None)
            return ""
        now = self._clock.now().timestamp()
        since = min(self._memory.drafts.setdefault(path, now), _moment(draft.since, now))
        if now - since >= self._wait:
            return ""
        until = datetime.fromtimestamp(since + self._wait, self._clock.now().tzinfo)
        return (
            "somebody is editing the page, and their draft is not published yet. It is written once it is published or"
            f" discarded, or after {until:%Y-%m-%d %H:%M} UTC (confluence.draft_wait)."
        )

    def _put(self, rewrite: Rewrite, draft: Draft | None) -> WriteResult:
        document = rewrite.document
        before = Page(document.path, document.title, "current", int(document.version), "", document.data)
        message = message_of(before.id, before.version, rewrite.data)
        notes: list[str] = []
        if draft is not None:
            notes.append("it was written though somebody's draft of it is not published: the server merges the two")
        try:
            self._api.save(before, rewrite.data, message)
        except ConfluenceRefusal as error:
            return self._refused(document, error)
        except (TrackerError, CredentialsError) as error:
            lost = self._after_trouble(before, message, error)
            if lost is not None:
                return lost
        self._memory.drafts.pop(document.path, None)
        return self._read_back(rewrite, before, message, notes)

    def _after_trouble(self, before: Page, message: str, error: SyncError) -> WriteResult | None:
        """What became of a write whose answer is a conflict, or was lost: its version tells. None when it is there."""
        try:
            now = self._api.pages([before.id]).get(before.id)
        except (TrackerError, CredentialsError):
            return self._failed(before.id, f"whether it was written is not known. {error} The next run looks.")
        if now is None:
            return self._failed(before.id, "the page is gone; nothing was written.")
        if now.version == before.version + 1 and now.message == message:
            return None
        if now.version == before.version and not isinstance(error, Conflict):
            return self._failed(before.id, f"nothing was written. {error}")
        return WriteResult(before.id, stale=True)

    def _read_back(self, rewrite: Rewrite, before: Page, message: str, notes: list[str]) -> WriteResult:
        path, version = before.id, before.version + 1
        try:
            now = self._api.pages([path]).get(path)
        except (TrackerError, CredentialsError) as error:
            return self._failed(path, f"it was written, and cannot be read back. {error} The next run looks.")
        if now is not None and now.version == before.version and same(now.body, rewrite.data):
            # Nothing that counts was changed, for which no version is made.
            return WriteResult(path, str(now.version), notes=tuple(notes))
        if now is None or now.version < version:
            return self._failed(path, "it was written, and the server does not show it. The next run looks.")
        if now.version == version and now.message == message:
            notes += self._changes(rewrite, now)
        return WriteResult(path, str(version), notes=tuple(notes))

    def _changes(self, rewrite: Rewrite, now: Page) -> list[str]:
        try:
            theirs, ours = changed_by_server(rewrite.document.data, rewrite.data, now.body)
        except Malformed:
            return ["what the server made of it cannot be read"]
        words = [f"the server changed what was not written by us: {one}" for one in theirs[:_SHOWN]]
        words += [f"the server changed what we wrote: {one}" for one in ours[:_SHOWN]]
        left = max(0, len(theirs) - _SHOWN) + max(0, len(ours) - _SHOWN)
        return words + ([f"and {left} more changes of the server"] if left else [])

    def _refused(self, document: Document, error: ConfluenceRefusal) -> WriteResult:
        """What a refusal means, by what the page is now."""
        path = document.path
        if error.status == 413:
            return self._failed(path, "the page is too large for the server; nothing was written.")
        try:
            status = self._api.status(path)
        except (TrackerError, CredentialsError):
            status = "current"
        if not status:
            return self._failed(path, "the page is gone, or not to be seen any more; nothing was written.")
        if status != "current":
            return self._failed(path, f"the page is {status}; nothing was written.")
        if error.status in (403, 404):
            return self._failed(
                path,
                "the account may read the page and not edit it; nothing was written. Let it edit the page, by the"
                " space's permissions and the page's restrictions.",
            )
        return self._failed(path, f"nothing was written. {error}")


def _moment(text: str, otherwise: float) -> float:
    """Seconds since the epoch of a time as Confluence writes it."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return otherwise
    return found.timestamp() if found.tzinfo else otherwise
