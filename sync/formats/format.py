"""What a format must do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sync.model import Edit, Postmortem, Status
from sync.postmortem.blocks import Opened


class Format(Protocol):
    """A way to write documents. Pure: bytes in, blocks and edits out."""

    @property
    def name(self) -> str:
        """As `Document.format` and `Postmortem.format` give it."""

    @property
    def endings(self) -> tuple[str, ...]:
        """Of the names of its files; none where it is not kept in files."""

    def open(self, data: bytes) -> Opened:
        """Begin to read a document. Raises DocumentError, which names the place, when the bytes are none of it."""

    def render(self, postmortem: Postmortem, statuses: Mapping[int, Status]) -> tuple[Edit, ...]:
        """Edits that make the document show these statuses, by index of the item; none where it shows them already.

        They are sorted and do not overlap: for `apply_edits(postmortem.data, …)`.
        """
