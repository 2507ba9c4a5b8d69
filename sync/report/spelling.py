"""One spelling for each team, service and severity. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from sync.policies.severity import fold
from sync.report.facts import Facts, PostmortemFact

_SAME: dict[str, Callable[[str], str]] = {"team": str.casefold, "service": str.casefold, "severity": fold}


def unified(facts: Facts) -> Facts:
    """The same facts, each name as most items spell it: case makes no other team, nor a dash another severity."""
    mostly = {name: _mostly((getattr(item.postmortem, name) for item in facts.items), _SAME[name]) for name in _SAME}

    def spelled(one: PostmortemFact) -> PostmortemFact:
        if one.id not in known:
            names = {name: _words(getattr(one, name)) for name in _SAME}
            team, service, severity = (mostly[name].get(_SAME[name](words), words) for name, words in names.items())
            known[one.id] = replace(one, team=team, service=service, severity=severity)
        return known[one.id]

    known: dict[str, PostmortemFact] = {}
    return replace(
        facts,
        postmortems=tuple(map(spelled, facts.postmortems)),
        items=tuple(replace(item, postmortem=spelled(item.postmortem)) for item in facts.items),
        waiting=tuple(replace(one, postmortem=spelled(one.postmortem)) for one in facts.waiting),
    )


def _mostly(names: Iterable[str], same: Callable[[str], str]) -> dict[str, str]:
    found: dict[str, Counter[str]] = {}
    for name in map(_words, names):
        found.setdefault(same(name), Counter())[name] += 1
    return {key: min(spelled, key=lambda words: (-spelled[words], words)) for key, spelled in found.items()}


def _words(name: str) -> str:
    return " ".join(name.split())
