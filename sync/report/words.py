"""Figures as people read them. Pure."""

from __future__ import annotations

from sync.report.figures import Breach, InTime, Rate, Report

NONE = "–"
NOT_STATED = "not stated"
POLICY_WORDS = {"assigned": "has an owner within", "due": "due within", "done": "done within"}
BREACH_WORDS = {"assigned": "no owner", "due": "due too late", "done": "still open"}
KIND_WORDS = {"conflict": "conflict", "held": "held", "orphan": "orphaned ticket", "owner": "unresolved owner"}


def broken(one: Breach) -> str:
    """What is wrong, in words: `due too late`, or that there is no date."""
    return "no due date" if one.kind == "due" and one.due is None else BREACH_WORDS[one.kind]


def percent(one: Rate) -> str:
    """`62%`, or a dash where there is nothing to divide by."""
    return NONE if one.share is None else f"{100 * one.share:.0f}%"


def rate(one: Rate) -> str:
    """`62% (31 of 50)`."""
    return NONE if one.share is None else f"{percent(one)} ({one.done} of {one.of})"


def left_out(one: InTime) -> str:
    """Of how many items the share in time says nothing: `2 done on an unknown day, 3 without a due date`, or ""."""
    numbers = ((one.unknown, "done on an unknown day"), (one.undated, "without a due date"))
    return ", ".join(f"{number} {words}" for number, words in numbers if number)


def days(number: float | None) -> str:
    """`12`, `12.5`, or a dash."""
    return NONE if number is None else f"{number:g}"


def change(now: int, then: int) -> str:
    """How a number differs from an earlier one: `+3`, `-3`, `±0`."""
    return f"{now - then:+d}" if now != then else "±0"


def since_then(report: Report) -> str:
    """What changed since the baseline; "" without one."""
    if report.baseline is None:
        return ""
    then, now = report.baseline.counts, report.counts
    return (
        f"since {report.baseline.day}: open {change(now.open, then.open)}, "
        f"overdue {change(now.overdue, then.overdue)}, done {change(now.done, then.done)}"
    )


def span(report: Report) -> str:
    """Where the figures come from, and of what they are."""
    words = f"as of the last run, history kept since {report.since}"
    if report.origin == "documents":
        words = "from documents and trackers as they are now"
    return f"{words}; only {report.selection}" if report.selection else words
