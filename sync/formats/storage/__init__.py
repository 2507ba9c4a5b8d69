"""Confluence's storage format: the XHTML in which a page's body is kept."""

from __future__ import annotations

from collections.abc import Mapping

from sync.formats.storage.opened import OpenedStorage
from sync.formats.storage.render import render
from sync.model import Edit, Postmortem, Status


class Storage:
    """The format `storage`: a body as Confluence's REST API gives it in the representation `storage`, in UTF-8."""

    name = "storage"
    endings: tuple[str, ...] = ()

    def open(self, data: bytes) -> OpenedStorage:
        """Begin to read a body. Raises DocumentError where it is not well-formed."""
        return OpenedStorage(data)

    def render(self, postmortem: Postmortem, statuses: Mapping[int, Status]) -> tuple[Edit, ...]:
        """As `Format.render`."""
        return render(postmortem, statuses)
