"""As much of CQL as there is to ask for pages."""

from __future__ import annotations

import re

from tests.simulators.confluence_site import Indexed, Refused

_TERM = re.compile(r"\s*(?P<name>[a-z]+)\s*(?P<op>=|!=|~|in)\s*", re.IGNORECASE)
_VALUE = re.compile(r'\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[\w.-]+))\s*')


def fits(cql: str, page: Indexed) -> bool:
    """Whether a page fits. Raises Refused for what is no CQL."""
    left, at = [], 0
    text = cql.strip()
    while at < len(text):
        if text[at] == "(":
            end = _closing(text, at)
            left.append(fits(text[at + 1 : end], page))
            at = end + 1
        else:
            term = _TERM.match(text, at)
            if not term:
                raise Refused(400, f"Could not parse cql : {cql}")
            values, at = _values(text, term.end())
            left.append(_holds(term["name"].lower(), term["op"].lower(), values, page, cql))
        rest = text[at:].lstrip()
        if not rest:
            break
        if not rest.lower().startswith("and "):
            raise Refused(400, f"Could not parse cql : {cql}")
        at = len(text) - len(rest) + 4
        while at < len(text) and text[at] == " ":
            at += 1
    return all(left)


def _closing(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise Refused(400, f"Could not parse cql : {text}")


def _values(text: str, at: int) -> tuple[list[str], int]:
    listed = text[at : at + 1] == "("
    at += listed
    found: list[str] = []
    while match := _VALUE.match(text, at):
        quoted = match["quoted"]
        found.append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else match["bare"])
        at = match.end()
        if not listed or text[at] == ")":
            return found, at + listed
        at += 1
    raise Refused(400, f"Could not parse cql : {text}")


def _holds(name: str, op: str, values: list[str], page: Indexed, cql: str) -> bool:
    known = {
        "type": ["page"],
        "space": [page.space],
        "label": list(page.labels),
        "ancestor": list(page.above),
        "id": [page.id],
        "title": [page.title],
    }
    if name not in known:
        raise Refused(400, f"No field exists with name: {name}. cql : {cql}")
    if op == "~":
        return any(value.lower() in one.lower() for value in values for one in known[name])
    found = any(value in known[name] for value in values)
    return not found if op == "!=" else found
