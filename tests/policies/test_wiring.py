"""Policies as the settings write them."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from sync.errors import SettingsError
from sync.policies.days import within
from sync.policies.policies import Kind, Policies, Subject
from sync.wiring.policies import policies
from tests.config.worlds import load_text


def made(folder: Path, text: str) -> Policies:
    return policies(load_text(folder, text))


def test_a_policy_as_it_is_written(tmp_path: Path) -> None:
    text = '[[policies]]\nmatch = { severity = 1, team = ["pay*", "shop"] }\ndue_within = "15 working days"\n'
    (one,) = made(tmp_path, text + "[[policies]]\nname = 'rest'\ndone_within = '8 weeks'\n").entries[:1]
    assert (one.name, one.due, one.assigned, one.done) == ("severity 1, team pay* or shop", within("15wd"), None, None)
    assert (one.match.severity, one.match.team) == (("1",), ("pay*", "shop"))
    assert made(tmp_path, "[[policies]]\ndone_within = '8 weeks'\n").entries[0].name == "every item"
    assert made(tmp_path, "") == Policies()


def test_holidays_are_those_of_the_country(tmp_path: Path) -> None:
    text = '[calendar]\nholidays = "DE"\n'
    for country in ("", "DE-BY", "US"):
        text += f'[[policies]]\ndue_within = "1 working day"\nholidays = "{country}"\n'
    german, bavarian, american = (policy.calendar for policy in made(tmp_path, text).entries)
    day, thursday = within("1 working day"), date(2024, 10, 31)
    # All Saints' Day, on a Friday.
    assert german.after(thursday, day) == date(2024, 11, 1)
    assert bavarian.after(thursday, day) == date(2024, 11, 4)
    assert american.after(date(2024, 11, 27), day) == date(2024, 11, 29)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '[calendar]\nholidays = "XX"\n[[policies]]\ndue_within = "3d"',
            ["calendar.holidays: the holidays of XX"],
        ),
        ('[[policies]]\ndue_within = "3d"\nholidays = "DE-QQ"', ["policies.1.holidays: the holidays of DE-QQ are not"]),
        ('[[policies]]\ndue_within = "9999 weeks"', ["policies.1.due_within", "at most ten years"]),
    ],
)
def test_a_mistake_names_its_key(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        made(tmp_path, text)
    for word in words:
        assert word in str(caught.value)


def test_without_the_package_of_holidays_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(SettingsError, match=r"postmortem-sync\[holidays\]"):
        made(tmp_path, '[calendar]\nholidays = "DE"\n[[policies]]\ndue_within = "3d"')
    policy = made(tmp_path, '[[policies]]\ndue_within = "3d"')
    assert [one.kind for one in policy.deadlines(Subject(), None)] == [Kind.DUE]
