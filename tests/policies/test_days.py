"""Periods of days, weeks and working days, against a slow count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.policies.days import Calendar, Unit, Within, within

PLAIN = Calendar()


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("3d", 3, Unit.DAYS),
        ("1 day", 1, Unit.DAYS),
        ("30 Days", 30, Unit.DAYS),
        ("2w", 2, Unit.WEEKS),
        ("8 weeks", 8, Unit.WEEKS),
        ("15 working days", 15, Unit.WORKING_DAYS),
        ("1 business day", 1, Unit.WORKING_DAYS),
        ("5wd", 5, Unit.WORKING_DAYS),
        (" 10 working-days ", 10, Unit.WORKING_DAYS),
    ],
)
def test_periods_as_people_write_them(text: str, number: int, unit: Unit) -> None:
    assert within(text) == Within(number, unit)
    assert within(str(within(text))) == within(text)


@pytest.mark.parametrize("text", ["", "soon", "0d", "3", "3 months", "-1 day", "1.5 days", "3661 days", "999 weeks"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        within(text)


def test_the_day_it_begins_on_is_not_counted() -> None:
    sunday = date(2026, 11, 1)
    assert PLAIN.after(sunday, within("15 working days")) == date(2026, 11, 20)
    assert PLAIN.after(sunday, within("1 working day")) == date(2026, 11, 2)
    assert PLAIN.after(date(2026, 11, 2), within("1 working day")) == date(2026, 11, 3)
    assert PLAIN.after(date(2026, 11, 6), within("1 working day")) == date(2026, 11, 9)
    assert PLAIN.after(sunday, within("3d")) == date(2026, 11, 4)
    assert PLAIN.after(sunday, within("2 weeks")) == date(2026, 11, 15)


def test_nobody_works_on_a_holiday_or_at_another_weekend() -> None:
    christmas = Calendar(frozenset({date(2026, 12, 25)}))
    assert christmas.after(date(2026, 12, 24), within("1 working day")) == date(2026, 12, 28)
    friday = Calendar(weekend=frozenset({4, 5}))
    assert friday.after(date(2026, 11, 5), within("1 working day")) == date(2026, 11, 8)


def test_where_nobody_ever_works_there_is_an_end() -> None:
    with pytest.raises(OverflowError):
        Calendar(weekend=frozenset(range(7))).after(date(2026, 1, 1), within("1 working day"))
    with pytest.raises(OverflowError):
        PLAIN.after(date.max, within("1 working day"))


@given(
    st.dates(date(2000, 1, 1), date(2050, 1, 1)),
    st.integers(1, 90),
    st.sets(st.dates(date(2000, 1, 1), date(2050, 12, 31)), max_size=20),
)
def test_so_many_days_are_worked_in_the_time(start: date, number: int, free: set[date]) -> None:
    calendar = Calendar(free)
    end = calendar.after(start, Within(number, Unit.WORKING_DAYS))
    days = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(day.weekday() < 5 and day not in free for day in days) == number
    assert end.weekday() < 5
    assert end not in free
