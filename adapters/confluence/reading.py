"""Reads pages ahead: whoever reads one page after the other gets them from few calls."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.confluence.page import Api, Page
from sync.errors import TrackerError

MOST_AHEAD = 50
"""Pages read in one call."""


class Reading:
    """The pages of a source, each handed out once as it was read ahead, and read anew after that."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._ahead: dict[str, Page] = {}
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
        found = read.pop(page, None)
        self._ahead = read
        return found

    def _read(self, pages: list[str]) -> dict[str, Page]:
        try:
            return dict(self._api.pages(pages))
        except TrackerError:
            if len(pages) == 1:
                raise
            # Together they may be larger than any answer may be.
            return dict(self._api.pages(pages[:1]))
