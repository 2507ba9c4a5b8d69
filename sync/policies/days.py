"""Days, weeks and working days from a day on. Pure."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

LONGEST = 3660
"""Days: no period is longer."""

_WITHIN = re.compile(r"(\d{1,4})\s*(d|days?|w|weeks?|(?:wd|(?:working|business)[ -]days?))", re.IGNORECASE)
_ONE_DAY = timedelta(days=1)


class Unit(StrEnum):
    """What a period counts."""

    DAYS = "day"
    WEEKS = "week"
    WORKING_DAYS = "working day"


@dataclass(frozen=True, slots=True)
class Within:
    """A period, such as 15 working days."""

    number: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.number} {self.unit.value}{'' if self.number == 1 else 's'}"


def within(text: str) -> Within:
    """The period that a text names: `3d`, `2 weeks`, `15 working days`.

    Raises:
        ValueError: it names none, or one of no day or of more than ten years; the message says what would be right.
    """
    found = _WITHIN.fullmatch(text.strip())
    if not found:
        raise ValueError('must be a number of days, weeks or working days, such as "3d", "2 weeks", "15 working days"')
    letter = found[2][0].lower()
    unit = Unit.DAYS if letter == "d" else Unit.WEEKS
    if letter == "b" or found[2].lower().startswith(("wd", "wo")):
        unit = Unit.WORKING_DAYS
    number = int(found[1])
    if not 0 < number * (7 if unit is Unit.WEEKS else 1) <= LONGEST:
        raise ValueError("must be at least one day and at most ten years")
    return Within(number, unit)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked.

    Attributes:
        holidays: days on which nobody works; asked for single days only.
        weekend: days of the week without work, Monday being 0.
    """

    holidays: Container[date] = frozenset()
    weekend: frozenset[int] = field(default=frozenset({5, 6}))

    def works(self, day: date) -> bool:
        """Whether it is a working day."""
        return day.weekday() not in self.weekend and day not in self.holidays

    def after(self, day: date, period: Within) -> date:
        """The last day of a period that begins after `day`, which itself is not counted.

        15 working days after Sunday 2026-11-01 is 2026-11-20.

        Raises:
            OverflowError: there is no such day, or within ten years too few days are worked.
        """
        if period.unit is not Unit.WORKING_DAYS:
            return day + timedelta(days=period.number * (7 if period.unit is Unit.WEEKS else 1))
        left, end = period.number, day
        for _ in range(10 * LONGEST):
            end += _ONE_DAY
            left -= self.works(end)
            if not left:
                return end
        raise OverflowError(f"{day} and {period}: too few days are worked")
