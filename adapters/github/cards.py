"""Cards of issues on a project: put there once, dated and moved as the issue is; never put back. See `board`."""

from __future__ import annotations

from datetime import date
from typing import Any

from adapters.github import text
from adapters.github.board import Card, GitHubBoard
from sync.errors import TrackerError


class GitHubCards:
    """What writing issues does about the project.

    An issue gets its card right after it is made, and a comment in its body that remembers that. Until then its due
    date stands in the text, so that nothing is lost in between; an issue whose comment and card are both missing gets
    its card with the next change. Whoever takes a card off the board does so for good.
    """

    def __init__(self, board: GitHubBoard) -> None:
        self._board = board

    def join(self, raw: Any, body: str, is_open: bool, due: date | None, dropped: list[str]) -> str:
        """Give an issue its card, unless it has one or had one.

        Args:
            raw: the issue; its card is written down there.
            body: as it shall be.
            due: to stand on the card; None where it stands elsewhere.
            dropped: gets what was not taken, in words.

        Returns:
            the body, which remembers the card and has no date that stands on it.
        """
        card: Card | None = raw.get("card")
        name = self._board.name
        if card is None and not text.was_on(body, name):
            card = self._added(raw, is_open, due, dropped)
        elif card is not None and due:
            card = self._set(card, None, due, dropped)
        raw["card"] = card
        if card is None:
            return text.with_due(body, due) if due else body
        body = text.with_project(body, name)
        return text.with_due(body, None if card.due == due else due) if due else body

    def move(self, raw: Any, is_open: bool, dropped: list[str]) -> None:
        """Tell the board that an issue was closed or opened again, as far as the settings say how."""
        if raw.get("card"):
            raw["card"] = self._set(raw["card"], is_open, None, dropped)

    def _added(self, raw: Any, is_open: bool, due: date | None, dropped: list[str]) -> Card | None:
        try:
            if not raw.get("id"):
                raise TrackerError("the server does not tell the issue's id")
            card, missing = self._board.add(int(raw["id"]), is_open, due)
        except TrackerError as error:
            dropped.append(f"its card in the project {self._board.name} ({error})")
            return None
        dropped += missing
        return card

    def _set(self, card: Card, is_open: bool | None, due: date | None, dropped: list[str]) -> Card:
        try:
            after, missing = self._board.set(card, is_open, due)
        except TrackerError as error:
            dropped.append(f"a change of its card in the project {self._board.name} ({error})")
            return card
        dropped += missing
        return after
