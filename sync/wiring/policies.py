"""From settings to policies, with the holidays of a country where one is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.errors import SettingsError
from sync.policies.days import Calendar, Within, within
from sync.policies.policies import DeadlinePolicy, Match, Policies

if TYPE_CHECKING:
    from config.settings import PolicySettings, Settings


def policies(settings: Settings) -> Policies:
    """What the settings ask of action items.

    Raises:
        SettingsError: a period is too long, or the holidays of a country are not known.
    """
    entries = enumerate(settings.policies, start=1)
    return Policies(tuple(_policy(settings, f"policies.{number}", entry) for number, entry in entries))


def calendar(settings: Settings, country: str = "", key: str = "calendar.holidays") -> Calendar:
    """The working days of a country, of the one in `[calendar]` where none is given. Raises SettingsError."""
    country = country or settings.calendar.holidays
    if not country:
        return Calendar()
    where = f"{settings.file or 'sync.toml'}: {key}"
    try:
        from holidays import country_holidays
    except ImportError as error:
        raise SettingsError(
            f'{where}: found "{country}", and the package that knows holidays is missing ({error.name}).',
            "Install it: pip install 'postmortem-sync[holidays]'. Or leave the key out: then nobody has holidays.",
        ) from error
    name, _, part = country.partition("-")
    try:
        found = country_holidays(name, subdiv=part or None)
    except NotImplementedError as error:
        raise SettingsError(f"{where}: the holidays of {country} are not known ({error}).", "Name another.") from error
    return Calendar(found, frozenset(found.weekend))


def _policy(settings: Settings, key: str, entry: PolicySettings) -> DeadlinePolicy:
    where = f"{settings.file or 'sync.toml'}: {key}"
    named = [f"{name} {' or '.join(values)}" for name, values in entry.match.items()]
    return DeadlinePolicy(
        entry.name or ", ".join(named) or "every item",
        Match(**entry.match),
        _within(entry.assigned_within, f"{where}.assigned_within"),
        _within(entry.due_within, f"{where}.due_within"),
        _within(entry.done_within, f"{where}.done_within"),
        calendar=calendar(settings, entry.holidays, f"{key}.holidays" if entry.holidays else "calendar.holidays"),
    )


def _within(text: str, where: str) -> Within | None:
    try:
        return within(text) if text else None
    except ValueError as error:
        raise SettingsError(f'{where}: found "{text}", {error}.', "Correct it.") from error
