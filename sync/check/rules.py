"""The rules of `sync check`: what each asks for, why, and examples. `docs/check.md` is written from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters. Only an error makes `sync check` fail."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        id: how settings, comments and reports name it.
        asks: what it asks for, in a few words.
        why: its reason, in one or two sentences.
        bad, good: Markdown that it flags, and that it does not, of an incident on 2026-05-04 seen a fortnight later.
        place: what the examples are: action items ("items"), a paragraph ("text") or a "document", in which
            `{sections}` stands for the sections above.
    """

    id: str
    severity: Severity
    asks: str
    why: str
    bad: str
    good: str
    place: str = "items"


_TASK = "- [ ] Page when the order queue is 80 % full, owner: Ana Lima, due: 2026-06-01"

RULES = (
    Rule(
        "specific",
        Severity.WARNING,
        "an item names a change that can be finished",
        "Nobody can tell when “improve monitoring” is done, and being careful is no change to a system. What is not"
        " specific stays open until it is forgotten.",
        "- [ ] Improve monitoring, owner: Ana Lima, due: 2026-06-01\n"
        "- [ ] Be more careful with deploys, owner: Ana Lima, due: 2026-06-01\n"
        "- [ ] Investigate the queue, owner: Ana Lima, due: 2026-06-01",
        _TASK + "\n- [ ] Refuse a deploy without a passing canary, owner: Ana Lima, due: 2026-06-01",
    ),
    Rule(
        "owned",
        Severity.ERROR,
        "an open item without a ticket has an owner",
        "What belongs to everybody is done by nobody. One name, or one team, is enough.",
        "- [ ] Page when the order queue is 80 % full, due: 2026-06-01",
        _TASK,
    ),
    Rule(
        "one-owner",
        Severity.NOTE,
        "an item has one owner, not several",
        "Two owners each believe that the other one does it. One owns it, and may ask the rest for help.",
        "- [ ] Page when the order queue is 80 % full, owner: Ana Lima and Jonas Weber, due: 2026-06-01",
        _TASK,
    ),
    Rule(
        "dated",
        Severity.ERROR,
        "an open item without a ticket has a due date, and it is a day",
        "A change without a date is a wish. “Soon”, “Q3” and “TBD” are no days: nobody notices when they have passed.",
        "- [ ] Page when the order queue is 80 % full, owner: Ana Lima, due: soon",
        _TASK,
    ),
    Rule(
        "due-valid",
        Severity.ERROR,
        "a due date exists, can be read in one way, and is not before the incident",
        "A date that can be two days, or none, or lies before the incident, is a slip of the pen that a ticket would"
        " inherit.",
        "- [ ] Page when the order queue is 80 % full, owner: Ana Lima, due: 2026-02-30",
        _TASK,
    ),
    Rule(
        "due-past",
        Severity.WARNING,
        "the due date of an open item without a ticket is still to come",
        "A date that has passed tells nobody anything. Move it to a day that will be kept, or close the item.",
        "- [ ] Page when the order queue is 80 % full, owner: Ana Lima, due: 2026-05-11",
        _TASK,
    ),
    Rule(
        "due-far",
        Severity.WARNING,
        "a due date is within a year of the incident",
        "What may wait for more than a year does not prevent the next incident. Mostly it is a wrong year.",
        "- [ ] Page when the order queue is 80 % full, owner: Ana Lima, due: 2027-09-01",
        _TASK,
    ),
    Rule(
        "policy",
        Severity.ERROR,
        "an open item without a ticket keeps to the policies (`[[policies]]`)",
        "A team has said how soon such an item is due and done; a later date is to be seen while it is written. These"
        ' examples are for `match = { priority = "P0" }, due_within = "30 days"`.',
        "- [ ] Page when the order queue is 80 % full, owner: Ana Lima, due: 2026-06-29, priority: P0",
        _TASK + ", priority: P0",
    ),
    Rule(
        "few-items",
        Severity.WARNING,
        "there are at most seven open items (`check.max_items`)",
        "A few changes that are made prevent more than a long list that is not. Keep what would have prevented this"
        " incident, and leave the rest to the backlog.",
        "\n".join(
            f"- [ ] Page when the {name} queue is 80 % full, owner: Ana Lima, due: 2026-06-01"
            for name in ("order", "mail", "image", "search", "export", "payment", "stock", "audit")
        ),
        _TASK,
    ),
    Rule(
        "has-items",
        Severity.WARNING,
        "at least one action item is found",
        "A postmortem that changes nothing has been written for nothing; and what is not understood as an item gets no"
        " ticket. `sync parse --explain` tells what was read and what was left out.",
        "# Orders were late\n\n{sections}## Action items\n\nNone yet.",
        "# Orders were late\n\n{sections}## Action items\n\n" + _TASK,
        "document",
    ),
    Rule(
        "unsure",
        Severity.WARNING,
        "what stands in the list of items is one",
        "A question or a remark among the items gets no ticket, and nobody follows it up.",
        _TASK + "\n- Can we search the audit log, and how?",
        _TASK + "\n- [ ] Let every engineer search the audit log, owner: Ana Lima, due: 2026-06-01",
    ),
    Rule(
        "sections",
        Severity.NOTE,
        "the sections of a postmortem are there",
        "Summary, impact, timeline, root cause, what went well and what did not: a reader a year later needs each of"
        " them. Common other names count (overview, lessons learned, five whys, …), and so do bold lines,"
        " labels and an opening paragraph instead of a summary.",
        "# Orders were late\n\nThe queue was full.\n\n## Action items\n\n" + _TASK,
        "# Orders were late\n\n{sections}## Action items\n\n" + _TASK,
        "document",
    ),
    Rule(
        "empty-section",
        Severity.WARNING,
        "something stands below the heading of each of these sections",
        "An empty section looks finished in a list of contents, and leaves a reader guessing. Comments do not fill it.",
        "# Orders were late\n\n## Summary\n\n<!-- What happened? -->\n\n## Action items\n\n" + _TASK,
        "# Orders were late\n\n{sections}## Action items\n\n" + _TASK,
        "document",
    ),
    Rule(
        "blameless",
        Severity.WARNING,
        "the wording makes no person the cause",
        "Whoever fears blame leaves out the detail that is needed to find the cause. Only what is clearly said of a"
        " person is flagged: quotations, code, names of roles, systems that fail, and sentences such as “nobody is to"
        " blame” are not. English only.",
        "The on-call engineer forgot to renew the certificate.",
        "Nothing reminded anyone that the certificate was about to expire.",
        "text",
    ),
    Rule(
        "ignore",
        Severity.WARNING,
        "a comment that switches a rule off names one there is",
        "A misspelled rule stays on, and the comment tells a reader something that is not so.",
        _TASK + " <!-- sync: ignore owend -->",
        "- [ ] Page when the order queue is 80 % full, due: 2026-06-01 <!-- sync: ignore owned -->",
    ),
)
BY_ID = {rule.id: rule for rule in RULES}
