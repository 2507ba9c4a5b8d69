"""Fits the weights of evidence to the labelled postmortems, and judges them on teams that were left out.

Usage: python -m tests.corpus.fit [--weights] [--held-out]

It is run by hand: what it prints is rounded and written into `sync/postmortem/evidence.py` by a person, where a plain
reason agrees with the number. Logistic regression, drawn towards the weights that are in the table, so that a sign
that is rare keeps what was thought of it.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sync.postmortem import evidence
from tests.corpus.sets import Labelled, is_held_out, labelled, prediction, scorer

SPREAD = 0.8
"""How far a weight may lie from the one in the table before it takes much evidence."""

STEPS = 300
RATE = 0.05
DUBIOUS = 0.5
"""What a line counts that its labeller was not sure of: it should make no ticket by itself."""


class Line(NamedTuple):
    """A line that may be an item: its signs, and whether it is one."""

    signs: frozenset[str]
    item: bool
    counts: float


def lines(document: Labelled) -> list[Line]:
    """The lines of a document that were weighed, with what their labels say."""
    postmortem = document.parse()
    wanted = {int(item["line"]) for item in document.label["items"]}
    unclear = set(document.label["ambiguous_lines"])
    weighed = [(item.line, item.evidence) for item in postmortem.items]
    weighed += [(left.line, left.evidence) for left in postmortem.left_out if left.evidence]
    return [
        Line(frozenset(sign for sign, _ in signs), line in wanted, DUBIOUS if line in unclear - wanted else 1.0)
        for line, signs in weighed
    ]


def fit(examples: Sequence[Line], prior: Mapping[str, float]) -> dict[str, float]:
    """Weights under which the examples are likeliest, given what the table says."""
    weights = dict(prior)
    for _ in range(STEPS):
        slope = {sign: (prior[sign] - weight) / SPREAD**2 for sign, weight in weights.items()}
        for line in examples:
            total = sum(weights[sign] for sign in line.signs) - evidence.SURE
            error = (line.item - 1 / (1 + math.exp(-max(-30.0, min(30.0, 2 * total))))) * line.counts
            for sign in line.signs:
                slope[sign] += error
        for sign, value in slope.items():
            weights[sign] += RATE * value / (1 + len(examples) / 100)
    return weights


def judged(documents: Iterable[Labelled], weights: Mapping[str, float]) -> dict[str, list[dict[str, Any]]]:
    """What is understood under these weights."""
    kept = dict(evidence.WEIGHTS)
    evidence.WEIGHTS.update(weights)
    try:
        return {document.id: prediction(document.parse()) for document in documents}
    finally:
        evidence.WEIGHTS.update(kept)


def main(arguments: list[str]) -> int:
    """Print the figures of teams left out, and the weights fitted to all."""
    every = labelled()
    used = [one for at, one in enumerate(every) if "--held-out" in arguments or not is_held_out(at)]
    prior = dict(evidence.WEIGHTS)
    by_team: dict[str, list[Labelled]] = defaultdict(list)
    for document in used:
        by_team[document.team].append(document)
    examples = {team: [line for document in some for line in lines(document)] for team, some in by_team.items()}
    found: dict[str, list[dict[str, Any]]] = {}
    for team, some in by_team.items():
        others = [line for other, these in examples.items() if other != team for line in these]
        found |= judged(some, fit(others, prior))
    score = scorer()
    score.show(f"left out team by team ({len(by_team)} teams)", score.score([one.label for one in used], found))
    table = judged(used, prior)
    score.show("with the weights in the table", score.score([one.label for one in used], table))
    if "--weights" in arguments:
        fitted = fit([line for some in examples.values() for line in some], prior)
        for sign, weight in fitted.items():
            count = sum(sign in line.signs for some in examples.values() for line in some)
            print(f"{weight:+6.2f} ({prior[sign]:+5.2f} in the table, {count:3} lines)  {sign}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
