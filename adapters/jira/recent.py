"""A project's newest tickets, by their keys: a search may not show them yet. Each is read once, by whoever looks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.http.policy import pages
from sync.model import Ticket

Issue = Mapping[str, Any]
MOST = 50_000
"""Tickets remembered; the oldest are given up first, which the index shows by then."""


@dataclass(slots=True)
class _Known:
    """What is known of a project's newest issues.

    Attributes:
        following: the number after the highest one seen.
        marks: places by number, and when they were read.
        absent: numbers below that had no ticket, and since when.
    """

    following: int
    marks: dict[int, tuple[float, str]] = field(default_factory=dict)
    absent: dict[int, float] = field(default_factory=dict)


class Recent:
    """Remembers, for its lifetime, which places the newest tickets are marked for; a mark comes with its ticket.

    Args:
        read: tickets by key; what is not there is left out.
        ticket: what an issue says, its mark only where that is believed.
        page: how many are read at once.
        settle_seconds: how long a ticket may be missing from the index, or from a read by key.
    """

    def __init__(
        self,
        read: Callable[[Sequence[str]], list[Issue]],
        ticket: Callable[[Issue], Ticket],
        page: int,
        settle_seconds: float,
    ) -> None:
        self._read = read
        self._ticket = ticket
        self._page = page
        self._settle = settle_seconds
        self._known: dict[str, _Known] = {}

    def tickets(self, project: str, places: Collection[str], first: Callable[[], int], now: float) -> Iterator[Ticket]:
        """Those marked for one of the places, as they are now.

        Args:
            first: the lowest number that the index need not know yet; asked once a project.
            now: seconds since the epoch.
        """
        known = self._known.get(project)
        if known is None:
            known = self._known[project] = _Known(first())
        self._forget(known, now)
        ours = [number for number, (_, place) in known.marks.items() if place in places]
        again = [*ours, *known.absent]
        for start in range(0, len(again), self._page):
            yield from self._take(project, again[start : start + self._page], known, now)
        for _ in pages("Jira"):
            start = known.following
            numbers = range(start, start + self._page)
            yield from self._take(project, numbers, known, now)
            if known.following == start:
                return

    def _take(self, project: str, numbers: Sequence[int], known: _Known, now: float) -> list[Ticket]:
        """Read these numbers, and remember what they told."""
        found: dict[int, Ticket] = {}
        moved: list[Ticket] = []
        for issue in self._read([f"{project}-{number}" for number in numbers]):
            place, _, digits = str(issue["key"]).rpartition("-")
            if place == project:
                found[int(digits)] = self._ticket(issue)
            else:
                moved.append(self._ticket(issue))
        for number, ticket in found.items():
            known.absent.pop(number, None)
            if ticket.mark:
                known.marks[number] = (now, ticket.mark.place)
        # The answer does not say which of the keys a moved one had.
        last = max([*found, *(numbers if moved else ())], default=-1)
        following = max(known.following, last + 1)
        # Numbers are given before their tickets can be seen: one that is passed by may still come.
        for number in range(known.following, following):
            if number not in found:
                known.absent[number] = now
        known.following = following
        return [*found.values(), *moved]

    def _forget(self, known: _Known, now: float) -> None:
        known.absent = {number: at for number, at in known.absent.items() if abs(now - at) <= self._settle}
        while len(known.marks) > MOST:
            del known.marks[next(iter(known.marks))]
