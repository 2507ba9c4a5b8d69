"""Tickets, pull requests and Jira keys, wherever they stand on an item."""

from __future__ import annotations

import re
from typing import NamedTuple

from sync.model import Reference
from sync.postmortem.fields.vocabulary import listed
from sync.postmortem.plain import Plain

_URL_TICKET = re.compile(
    r"local:[A-Za-z0-9_.-]+"
    r"|https?://[^\s/]+/(?:[^\s/#?]+/){2,6}?(?:-/)?(?:issues|issue|pull|pulls|merge_requests|pull-requests)/\d+(?![\d.])"
    r"|https?://[^\s#?]*/browse/[A-Za-z][A-Za-z0-9_]+-\d+"
    r"|https?://[^\s/]+/(?:[^\s/?#]+/){2,6}?issues/[A-Za-z][A-Za-z0-9_]+-\d+(?![\w-])"
    # Jira Service Management: an agent's queue, a customer's portal.
    r"|https?://[^\s/]+/(?:[^\s/?#]+/){0,3}?servicedesk/(?:[^\s/?#]+/){1,2}(?:queues|portal)/(?:[^\s/?#]+/){1,2}"
    r"[A-Za-z][A-Za-z0-9_]+-\d+(?![\w/-])"
    # The pane beside a project of GitHub, or beside a list of issues.
    r"|https?://[^\s/]+(?:/[^\s/?#]+){1,6}/?\?(?:[^\s#&]{1,200}&){0,9}issue=[\w.-]{1,100}(?:%7C|\|)[\w.-]{1,100}(?:%7C|\|)"
    r"[1-9]\d*"
    r"|https?://[^\s]*[?&](?:selectedIssue|issue)=[A-Z][A-Z0-9_]+-\d+"
    r"|https?://linear\.app/[^\s/]+/issue/[A-Z0-9]+-\d+"
    r"|https?://[^\s/]+/(?:[^\s/]+/)?youtrack/issue/[A-Z0-9]+-\d+"
    r"|https?://[^\s]*/show_bug\.cgi\?id=\d+"
    r"|https?://bugs\.launchpad\.net/[^\s]*\d+"
    r"|https?://[^\s]*/_workitems/edit/\d+"
    r"|https?://app\.asana\.com/\d[^\s]*"
    r"|https?://trello\.com/c/[^\s]+"
    r"|https?://(?:app|dev)\.shortcut\.com/[^\s]*story/\d+"
    r"|https?://app\.zenhub\.com/[^\s]*/issues/[^\s]*\d+"
    r"|(?:\.\./)+(?:issues|pull)/\d+|/[\w.-]+/[\w.-]+/(?:issues|pull)/\d+",
    re.IGNORECASE,
)
_BARE_URL = re.compile(r"https?://[^\s<>\"'\ufffc]+|(?<!\w)local:[A-Za-z][A-Za-z0-9_]*-\d+")
SHORT = r"(?:(?<![\w/.#-])[A-Za-z0-9][\w.-]{0,60}/[\w.-]{1,80}#\d+|(?<![\w/#&])#\d+|(?<![\w/-])(?:GH|gh)-\d+)(?![\w-])"
_SHORT = re.compile(SHORT)
_RANK = re.compile(r"#\d{1,2} (?:priority|reason|cause|rule|goal|thing|problem)\b", re.IGNORECASE)
_COUNTED = re.compile(
    r"(?:step|option|phase|finding|lesson|attempt|number|version|build|run|node|shard|item|action|slo|sla|kpi|rule|cause"
    r"|principle|risk|level|tier|priority|incident|page|slide|kahneman|into|row|point)s? $",
    re.IGNORECASE,
)
KEY = r"(?<![\w/.#-])[A-Z][A-Z0-9_]{1,19}-[1-9]\d{0,6}(?![\w-])"
_KEY = re.compile(KEY)
_NO_KEY = listed(
    "UTF SHA INC ISO CVE CWE RFC HTTP UTC GMT AES RSA TLS SSL IPV COVID SEV PM AI CET CEST PST PDT EST EDT",
    "HTTPS MD5 US EU AZ CRC BASE ARM SRE KB IEEE GPT ANSI ECMA ES H2 P2P TCP UDP NFS CAT DDR PCI USB WPA MP",
    "MPEG IN POST PMR INCIDENT POSTMORTEM",
)


_REACH = 20_000
_MOST = 200
"""References kept of one text, and how far into it they are looked for: more is an attack."""


LABEL = re.compile(
    r"(?:(?:see|tracked in|tracking|gh|github|jira|the|open|related|merged|in)\s+)?"
    r"(?:issues?|prs?|pull requests?|tickets?|jira|bugs?|links?|here|task|tracking issue|this|github|mr"
    r"|cards?|stor(?:y|ies))?"
    r"[\s:]*(?:[\w./-]{0,80}#?[A-Z]{0,10}-?\d*)?(?:\s*\(\w+\))?",
    re.IGNORECASE,
)
"""What a link to a ticket is called when its label is no part of the sentence."""


class FoundReference(NamedTuple):
    """A reference in plain text and its range there. `loose`: a bare Jira key, which only counts in certain places."""

    start: int
    end: int
    reference: Reference
    loose: bool = False


def is_ticket_url(url: str) -> bool:
    """Whether a URL names an issue, a pull request or a ticket."""
    return _URL_TICKET.match(url) is not None


def mentions(text: str) -> bool:
    """Whether a cell's words hold a ticket's name or address."""
    return _SHORT.search(text) is not None or _KEY.search(text) is not None or "://" in text


def find(plain: Plain) -> list[FoundReference]:
    """Every reference in a text, in order."""
    text = plain.masked
    found: list[FoundReference] = []
    if len(text) > _REACH:
        text = text[:_REACH]
    taken: list[tuple[int, int]] = []
    for link in plain.links[:_MOST]:
        taken.append((link.start, link.end))
        label = plain.text[link.start : link.end].strip()
        if is_ticket_url(link.url):
            found.append(FoundReference(link.start, link.end, Reference(link.url, label, link.span, link.target)))
    for mark in plain.marks[:_MOST]:
        if mark.kind == "ticket":
            taken.append((mark.start, mark.end))
            found.append(FoundReference(mark.start, mark.end, Reference(mark.value, mark.value, mark.span)))
    if "://" in text or "local:" in text:
        for match in _BARE_URL.finditer(text):
            if len(taken) > _MOST:
                break
            url = match[0].rstrip(".,;:!?)*_]'")
            end = match.start() + len(url)
            if _inside(match.start(), taken):
                continue
            taken.append((match.start(), end))
            if is_ticket_url(url):
                span = plain.span(match.start(), end)
                found.append(FoundReference(match.start(), end, Reference(url, url, span, span)))
    if "#" in text or "GH-" in text or "gh-" in text:
        for match in _SHORT.finditer(text):
            if len(taken) > 2 * _MOST:
                break
            if (
                _inside(match.start(), taken)
                or _RANK.match(text, match.start())
                or _COUNTED.search(text[max(0, match.start() - 12) : match.start()])
            ):
                continue
            taken.append((match.start(), match.end()))
            found.append(FoundReference(match.start(), match.end(), _short(plain, match)))
    if "-" in text:
        for match in _KEY.finditer(text):
            if len(found) > 3 * _MOST:
                break
            if _inside(match.start(), taken) or match[0].partition("-")[0] in _NO_KEY:
                continue
            found.append(FoundReference(match.start(), match.end(), _short(plain, match), True))
    found.sort(key=lambda one: one.start)
    return found


def _short(plain: Plain, match: re.Match[str]) -> Reference:
    return Reference(match[0], match[0], plain.span(match.start(), match.end()))


def _inside(at: int, taken: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in taken)
