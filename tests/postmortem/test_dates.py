"""Due dates: every certain form, and none that is only probable."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.model import DueKind
from sync.postmortem.fields import dates

BASE = date(2026, 3, 1)

EXACT = """2026-04-03|2026/04/03|2026.04.03|20260403|2026-4-3|2026-04-03T10:00:00Z|2026-04-03 17:00 UTC|3 April 2026|3rd April 2026|3rd of April, 2026
3 Apr 2026|03-Apr-2026|3-apr-26|April 3, 2026|April 3rd, 2026|Apr. 3, 2026|Apr 3 2026|Friday, April 3, 2026|Fri 2026-04-03|Fri, 3 Apr 2026|Fri. April 3 2026
2026-04-03 (Fri)|2026-04-03, Friday|3. April 2026|Freitag, 3. April 2026|3 avril 2026|vendredi 3 avril 2026|3 de abril de 2026|3 aprile 2026|3 april 2026
2026年4月3日|2026年04月03日|**2026-04-03**|(2026-04-03)|2026-04-03.|03.04.2026|3.4.2026"""


@pytest.mark.parametrize("text", [text for line in EXACT.split("\n") for text in line.split("|")])
def test_whole_dates(text: str) -> None:
    assert dates.read(text) == (DueKind.EXACT, date(2026, 4, 3), "")


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("03/04/2026", "", None),
        ("03/04/2026", "dmy", date(2026, 4, 3)),
        ("03/04/2026", "mdy", date(2026, 3, 4)),
        ("13/04/2026", "", date(2026, 4, 13)),
        ("04/13/2026", "", date(2026, 4, 13)),
        ("04/04/2026", "", date(2026, 4, 4)),
        ("13/04/2026", "mdy", None),
        ("03-04-2026", "", None),
        ("03/04/26", "", None),
        ("25/12/26", "", None),
        ("25/12/26", "dmy", date(2026, 12, 25)),
        ("3/4", "", None),
        ("3/4", "dmy", date(2026, 4, 3)),
        ("03.04.2026", "mdy", date(2026, 3, 4)),
    ],
)
def test_the_order_of_day_and_month(text: str, order: str, expected: date | None) -> None:
    assert dates.read(text, BASE, order).date == expected


@pytest.mark.parametrize("text", ["03/04/2026", "3/4/2026", "03/04/26", "3/4"])
def test_ambiguous_says_so(text: str) -> None:
    reading = dates.read(text, BASE)
    assert reading.kind is DueKind.AMBIGUOUS
    assert reading.why


@pytest.mark.parametrize(
    ("text", "base", "expected"),
    [
        ("Apr 3", BASE, date(2026, 4, 3)),
        ("3 April", BASE, date(2026, 4, 3)),
        ("April 3rd", BASE, date(2026, 4, 3)),
        ("Fri, Apr 3", BASE, date(2026, 4, 3)),
        ("1 March", BASE, date(2026, 3, 1)),
        ("Jan 15", date(2025, 12, 20), date(2026, 1, 15)),
        ("Feb 20", BASE, None),
        ("Feb 29", date(2027, 12, 1), date(2028, 2, 29)),
        ("Apr 3", None, None),
    ],
)
def test_a_missing_year_comes_from_the_postmortem(text: str, base: date | None, expected: date | None) -> None:
    reading = dates.read(text, base)
    assert reading.date == expected
    assert reading.kind is (DueKind.INFERRED if expected else DueKind.UNKNOWN)


INVALID = "2026-02-30|2026-13-01|31 April 2026|Feb 30|Thursday, April 3, 2026|Mon 2026-04-03|2026-04-03 (Mon)|Thu, Apr 3|2026-W60|31/31/2026"


@pytest.mark.parametrize("text", INVALID.split("|"))
def test_impossible_dates(text: str) -> None:
    reading = dates.read(text, BASE, periods=True)
    assert (reading.kind, reading.date) == (DueKind.INVALID, None)
    assert reading.why


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("Q2 2026", date(2026, 6, 30)),
        ("2026-Q2", date(2026, 6, 30)),
        ("2026Q4", date(2026, 12, 31)),
        ("end of Q2 2026", date(2026, 6, 30)),
        ("H1 2026", date(2026, 6, 30)),
        ("May 2026", date(2026, 5, 31)),
        ("end of May 2026", date(2026, 5, 31)),
        ("2026-05", date(2026, 5, 31)),
        ("2026-W14", date(2026, 4, 5)),
        ("Q2", None),
        ("end of May", None),
        ("this week", None),
        ("next quarter", None),
        ("end of year", None),
    ],
)
def test_periods_count_only_when_asked(text: str, last: date | None) -> None:
    assert dates.read(text, BASE) == (DueKind.PERIOD, None, "")
    assert dates.read(text, BASE, periods=True) == (DueKind.PERIOD, last, "")


@pytest.mark.parametrize(
    "text", ["", "TBD", "tbd", "N/A", "n/a", "none", "-", "—", "?", "???", "ongoing", "YYYY-MM-DD", "to be determined"]
)
def test_none(text: str) -> None:
    assert dates.read(text, BASE).kind is DueKind.NONE


UNKNOWN = "in two weeks|soon|ASAP|tomorrow|next sprint|INC-1234|v2.3.4|10.0.0.1|12|2026|April|Monday|24h|3 of 4|1.2.3|DONE in v2|when possible|P1|12:30|2026-04-03 or later|Q5 2026|May be"


@pytest.mark.parametrize("text", UNKNOWN.split("|"))
def test_no_dates(text: str) -> None:
    reading = dates.read(text, BASE, periods=True)
    assert reading.date is None
    assert reading.kind in (DueKind.UNKNOWN, DueKind.PERIOD)


DAYS = st.dates(date(1995, 1, 1), date(2090, 12, 31))


@given(
    DAYS,
    st.sampled_from(
        ["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%A, %d %b %Y", "%a %Y-%m-%d", "%Y/%m/%d", "%b %d %Y", "%d. %B %Y"]
    ),
)
def test_every_day_reads_back(day: date, form: str) -> None:
    assert dates.read(day.strftime(form)) == (DueKind.EXACT, day, "")


@given(DAYS, st.integers(1, 6), st.sampled_from(["%A, {} %B %Y", "%a {}-%m-%Y"]))
def test_a_wrong_weekday_is_never_a_date(day: date, shift: int, form: str) -> None:
    wrong = (day + timedelta(days=shift)).strftime("%A")
    assert dates.read(f"{wrong}, {day.strftime('%d %B %Y')}").date is None


@given(DAYS, DAYS)
def test_an_inferred_date_is_never_before_the_postmortem(base: date, day: date) -> None:
    reading = dates.read(day.strftime("%d %B"), base)
    assert reading.date is None or base <= reading.date <= base + timedelta(days=300)


@given(st.text(max_size=60), st.sampled_from(["", "dmy", "mdy"]), st.booleans())
def test_any_text_is_read(text: str, order: str, periods: bool) -> None:
    reading = dates.read(text, BASE, order, periods)
    assert (reading.date is not None) <= (reading.kind in (DueKind.EXACT, DueKind.INFERRED, DueKind.PERIOD))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Outage on 2026-04-03", date(2026, 4, 3)),
        ("PostHog SDK bug - October 3, 2025", date(2025, 10, 3)),
        ("February 5th, 2019 Partial Prow Outage", date(2019, 2, 5)),
        ("Website outage 5-26-21", None),
        ("Version 1.2.3", None),
    ],
)
def test_dates_in_titles(text: str, expected: date | None) -> None:
    assert dates.find(text) == expected


def test_dates_in_paths() -> None:
    assert dates.find_in_path("reports/2026-04-03-x.md") == date(2026, 4, 3)
    assert dates.find_in_path("reports/2026/04-x.md") is None
    assert dates.find_in_path("20260403_x.md") == date(2026, 4, 3)
