"""Documents for the tests of `sync check`, and what is found in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sync.check.check import CheckOptions, Diagnostic, check
from sync.check.rules import Rule
from sync.formats import parse
from sync.policies.days import within
from sync.policies.policies import DeadlinePolicy, Match, Policies

INCIDENT = date(2026, 5, 4)
TODAY = date(2026, 5, 18)
GOOD = "- [ ] Page when the order queue is 80 % full, owner: Ana Lima, due: 2026-06-01"
SECTIONS = (
    "## Summary\n\nOrders were late for two hours, because a queue was full.\n\n"
    "## Impact\n\n1,200 orders were confirmed late.\n\n"
    "## Timeline\n\n| Time (UTC) | Event |\n|---|---|\n| 09:12 | the queue is full |\n\n"
    "## Root cause\n\nThe queue has a limit that no alert knows.\n\n"
    "## What went well and what did not\n\nThe status page was quick.\n\n"
)


def document(items: str = GOOD, text: str = "", front: str = "") -> str:
    """A whole postmortem, faultless where nothing else is given."""
    head = f"---\ndate: {INCIDENT.isoformat()}\nstatus: published\n{front}---\n# Orders were late\n\n"
    return f"{head}{SECTIONS}{text}\n\n## Action items\n\n{items}\n"


def example(rule: Rule, text: str) -> str:
    """One of a rule's examples in a whole document."""
    if rule.place == "items":
        return document(items=text)
    if rule.place == "text":
        return document(text=text)
    return f"---\ndate: {INCIDENT.isoformat()}\n---\n" + text.replace("{sections}", SECTIONS)


POLICIES = Policies((DeadlinePolicy("P0", Match(priority=("P0",)), due=within("30 days")),))
"""Those of the rule's examples."""


def found(text: str, options: CheckOptions | None = None, today: date = TODAY) -> tuple[Diagnostic, ...]:
    """Everything that is found in a document."""
    options = options or CheckOptions()
    if not options.policies.entries:
        options = replace(options, policies=POLICIES)
    return check(parse(text.encode(), "a.md"), today, options)


def rules(text: str, options: CheckOptions | None = None, today: date = TODAY) -> list[str]:
    """The rules that speak of a document."""
    return [one.rule for one in found(text, options, today)]


def reported(text: str, options: CheckOptions | None = None) -> list[tuple[str, int, str]]:
    """(rule, line, the words marked) of each finding."""
    data = text.encode()
    return [(one.rule, one.line, data[one.span.start : one.span.end].decode()) for one in found(text, options)]
