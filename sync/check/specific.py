"""Whether the words of an item name a change that can be finished. English. Pure."""

from __future__ import annotations

import re

_LEAD = (
    r"(?:(?:we|the team|everyone|engineers|developers|they)\s+)?(?:(?:should|must|will|needs? to|have to|ought to"
    r"|can|could|to|please|let'?s|try to|plan to|want to)\s+){0,2}"
)
_CARE = re.compile(
    r"\b(?:be(?:ing)?|become) (?:more |extra |very |a bit more )?"
    r"(?:careful|cautious|mindful|vigilant|diligent|attentive)\b"
    r"|\b(?:pay(?:ing)?|more) (?:more |closer |better |special )?attention\b"
    r"|\btake (?:more |greater |better |extra )?care\b"
    r"|^(?:keep(?:ing)? an eye on|remember(?:ing)? to|don'?t forget|do not forget)\b"
    r"|^remind(?:ing)? (?:\w+ )?(?:everyone|everybody|people|staff|engineers|developers|the team|ourselves)\b"
    r"|\b(?:emphasi[sz]e|stress|reiterate) the (?:importance|need)\b|\braise awareness\b",
    re.IGNORECASE,
)
_THINK = re.compile(
    _LEAD + r"(?:investigat(?:e|ing)|look(?:ing)? (?:in)?to|explor(?:e|ing)|consider(?:ing)?|think(?:ing)? about"
    r"|discuss(?:ing)?|have a (?:talk|chat|discussion|think)|talk(?:ing)? (?:to|with|about)|evaluat(?:e|ing)"
    r"|assess(?:ing)?|brainstorm(?:ing)?)\b",
    re.IGNORECASE,
)
_OUTCOME = re.compile(
    r"(?:\b(?:and|then|to)|[.;])\s+(?:\w+ly\s+)?(?:decid|writ|document|record|report|fix|add|remov|replac|creat|implement|publish"
    r"|propos|choos|pick|chang|enabl|disabl|set|ensur|migrat|updat|tun|limit|reduc|prevent|stop|avoid|mak)\w*"
    r"|\b(?:proposal|decision|design doc|adr|rfc|report|prototype|proof of concept|poc|spike)\b|\buse\b",
    re.IGNORECASE,
)
_BETTER = (
    r"(?:improv(?:e|ed|ing|ements? (?:to|of|in))|enhanc(?:e|ed|ing)|increas(?:e|ed|ing)|strengthen(?:ed|ing)?"
    r"|harden(?:ing)?|optimi[sz](?:e|ed|ing)|streamlin(?:e|ed|ing)|(?:set ?up|add|have|build|get|more|do|need|implement"
    r"|create|write|review(?:ing)?|revisit|rethink|clean up|fix|tune))"
)
_SOFT = (
    r"(?:better|more|improved|good|proper|additional|further|our|the|some|all|regular|robust|thorough|comprehensive"
    r"|existing|overall|general|internal|automated)"
)
_AREA = (
    r"(?:monitoring|alert(?:s|ing)?|alarms?|test(?:s|ing)?(?: coverage)?|documentation|docs|run ?books?|process(?:es)?"
    r"|communications?|logging|logs|observability|visibility|tooling|tools|resilien(?:ce|cy)|reliability|stability"
    r"|performance|security|training|scalability|robustness|quality|coordination|onboarding|code|systems?|dashboards?"
    r"|metrics|error handling|incident response|deployments?|reviews?|paging)"
)
_VAGUE = re.compile(
    _LEAD + rf"(?:{_BETTER}\s+)?(?:{_SOFT}\s+){{0,3}}{_AREA}(?:(?:\s*,\s*|\s+and\s+|\s*/\s*){_AREA}){{0,3}}"
    r"(?:\s+(?:systems?|process(?:es)?|tools?|in general|overall|further|everywhere|across the board))?\W*",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w[\w'’-]*")
_SHORTEST = 3  # words
_LONGEST = 400  # characters that are looked at


def vague(text: str) -> tuple[str, str] | None:
    """(what is vague, what to do about it), or None when the words name a change.

    Args:
        text: an item's words without owner, due date and ticket.
    """
    words = text[:_LONGEST].replace("’", "'").strip()
    if _CARE.search(words):
        return (
            "relies on people being careful",
            "Change the system so that nobody has to remember: a check, a limit, a default.",
        )
    if _VAGUE.fullmatch(words):
        return ("does not say what changes", "Name the thing and the change: which alert, at which limit; which page.")
    if _THINK.match(words) and not _OUTCOME.search(words):
        return ("has no end", "Say what there is when it is done: a decision, a page, a change.")
    if words.isascii() and 0 < len(_WORD.findall(words)) < _SHORTEST:
        return ("is too short to tell what changes", "Write a verb, the thing, and what is different afterwards.")
    return None
