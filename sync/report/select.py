"""A part of the facts: of some teams, of incidents since a day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase

from sync.report.facts import Facts, PostmortemFact


def select(facts: Facts, teams: Sequence[str] = (), since: date | None = None) -> Facts:
    """The facts of the postmortems that were asked for; what cannot be told from a postmortem without a day is said.

    Args:
        teams: patterns (`*`, `?`), of which one must fit, without regard to case; empty for all.
        since: the day of the first incidents that count.
    """
    mine = [one for one in facts.postmortems if _is_of(one, teams)]
    undated = sum(one.day is None for one in mine) if since else 0
    chosen = {one.id for one in mine if since is None or (one.day is not None and one.day >= since)}
    words = [f"team {' or '.join(teams)}"] if teams else []
    words += [f"incidents since {since}"] if since else []
    words += [f"{undated} without a day left out"] if undated else []
    return replace(
        facts,
        postmortems=tuple(one for one in facts.postmortems if one.id in chosen),
        items=tuple(item for item in facts.items if item.postmortem.id in chosen),
        waiting=tuple(one for one in facts.waiting if one.postmortem.id in chosen),
        selection=", ".join(words),
    )


def _is_of(postmortem: PostmortemFact, teams: Sequence[str]) -> bool:
    team = " ".join(postmortem.team.split()).casefold()
    return not teams or any(fnmatchcase(team, " ".join(name.split()).casefold()) for name in teams)
