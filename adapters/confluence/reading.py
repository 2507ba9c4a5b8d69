"""Reads pages ahead: whoever reads one page after the other gets them from few calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from adapters.confluence.answers import ConfluenceRefusal
from adapters.confluence.page import Api, Page
from sync.errors import TrackerError
from sync.model import Mentioned

MOST_AHEAD = 50
"""Pages read in one call."""


_MENTION = re.compile(rb'<ri:user\b[^<>]*?\bri:(?:account-id|userkey|username)="([^"<>&]{1,200})"')


def mentions(body: bytes) -> tuple[str, ...]:
    """The ids of the accounts that a body mentions, each once."""
    return tuple(dict.fromkeys(found.decode("utf-8", "replace") for found in _MENTION.findall(body)))


class Reading:
    """The pages of a source, each handed out once as it was read ahead, and read anew after that."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._ahead: dict[str, Page] = {}
        self._people: dict[str, Mentioned | None] = {}
        self._size = 1

    def page(self, page: str, listed: Mapping[str, int]) -> Page | None:
        """A page; None for one that is gone or not to be seen. Raises TrackerError.

        Args:
            listed: the pages that may be read next, in any order, by their ids.
        """
        found = self._ahead.pop(page, None)
        if found is not None:
            return found
        # Twice as many each time, as long as all of them are asked for.
        self._size = 1 if self._ahead else min(2 * self._size, MOST_AHEAD)
        following = [one for one in sorted(listed) if one > page] if self._api.many else []
        read = self._read([page, *following[: self._size - 1]])
        self._meet(account for one in read.values() for account in mentions(one.body))
        found = read.pop(page, None)
        self._ahead = read
        return found

    def people(self, page: Page) -> tuple[tuple[str, Mentioned], ...]:
        """The accounts that a page mentions, as far as anybody knows them."""
        known = ((account, self._people.get(account)) for account in mentions(page.body))
        return tuple((account, person) for account, person in known if person)

    def _meet(self, accounts: Iterable[str]) -> None:
        """Ask who they are, each once. Where the site does not say, they stay what they are: ids."""
        new = [account for account in dict.fromkeys(accounts) if account not in self._people]
        if new:
            try:
                found = self._api.people(new)
            except ConfluenceRefusal:
                found = {}
            self._people |= {account: found.get(account) for account in new}

    def _read(self, pages: list[str]) -> dict[str, Page]:
        try:
            return dict(self._api.pages(pages))
        except TrackerError:
            if len(pages) == 1:
                raise
            # Together they may be larger than any answer may be.
            return dict(self._api.pages(pages[:1]))
