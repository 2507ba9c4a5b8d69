"""The part of JQL that a listing may use, as strict as Jira: an unquoted blank or an unknown field is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

_TOKEN = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|(>=|<=|!=|=|>|<|\(|\)|,)|([^\s"=<>!(),]+))')
_RELATIVE = re.compile(r"([+-]?)(\d+)([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FIELDS = {"project", "labels", "updated", "created", "key", "issuekey", "id", "creator", "status"}
_FIELDS |= {"issuetype", "statuscategory"}
_RESERVED = {"and", "or", "not", "empty", "null", "order", "by", "in", "is", "add", "select", "update", "delete"}


class JqlError(ValueError):
    """The query is refused; the text is Jira's own sort of sentence."""


Condition = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: alternatives, of each of which all conditions must hold, and the order as (field, descending)."""

    alternatives: tuple[tuple[Condition, ...], ...]
    order: tuple[tuple[str, bool], ...]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All of them, of whichever alternative."""
        return tuple(condition for some in self.alternatives for condition in some)

    def matches(self, row: Mapping[str, Any], now: datetime) -> bool:
        return any(
            all(_holds(row, field, operator, values, now) for field, operator, values in some)
            for some in self.alternatives
        )

    def sort(self, rows: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        for field, descending in reversed(self.order):
            rows.sort(key=_sort_key(field), reverse=descending)
        return rows


def _sort_key(field: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda row: row["number"] if field in ("key", "issuekey", "id") else row[field]


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if not match:
            raise JqlError(f"Error in the JQL Query: unexpected text at character {position}.")
        if match[1] is not None:
            found.append(("string", re.sub(r"\\(.)", r"\1", match[1])))
        elif match[2]:
            found.append(("sign", match[2]))
        else:
            found.append(("word", match[3]))
        position = match.end()
    return found


def parse(text: str) -> Query:
    """Raises JqlError."""
    tokens = _tokens(text)
    alternatives: list[list[Condition]] = [[]]
    order: list[tuple[str, bool]] = []

    def take(kind: str = "", value: str = "") -> str:
        if not tokens:
            raise JqlError("Error in the JQL Query: the query ends too early.")
        found_kind, found = tokens.pop(0)
        if (kind and found_kind != kind) or (value and found.lower() != value):
            raise JqlError(f"Error in the JQL Query: '{found}' is not expected here.")
        return found

    def word_is(*values: str) -> bool:
        return bool(tokens) and tokens[0][0] == "word" and tokens[0][1].lower() in values

    def operand() -> str:
        kind, value = tokens[0] if tokens else ("", "")
        if kind == "word" and value.lower() in _RESERVED:
            raise JqlError(f"Error in the JQL Query: '{value}' is a reserved JQL word.")
        if kind == "sign":
            raise JqlError(f"Error in the JQL Query: '{value}' is not expected here.")
        return take()

    while tokens and not word_is("order"):
        field = take("word").lower()
        if field not in _FIELDS:
            raise JqlError(f"Field '{field}' does not exist or you do not have permission to view it.")
        if word_is("in"):
            take()
            take("sign", "(")
            values = [operand()]
            while tokens and tokens[0] == ("sign", ","):
                take()
                values.append(operand())
            take("sign", ")")
            alternatives[-1].append((field, "in", tuple(values)))
        else:
            alternatives[-1].append((field, take("sign"), (operand(),)))
        if word_is("and"):
            take()
        elif word_is("or"):
            take()
            alternatives.append([])
        elif tokens and not word_is("order"):
            raise JqlError(f"Error in the JQL Query: expecting 'AND' or 'OR' but got '{tokens[0][1]}'.")
    if word_is("order"):
        take()
        take("word", "by")
        while tokens:
            field = take("word").lower()
            descending = False
            if word_is("asc", "desc"):
                descending = take().lower() == "desc"
            order.append((field, descending))
            if tokens:
                take("sign", ",")
    return Query(tuple(tuple(some) for some in alternatives), tuple(order))


def _moment(value: str, now: datetime) -> datetime:
    match = _RELATIVE.fullmatch(value)
    if match:
        amount = timedelta(**{_UNITS[match[3]]: int(match[2])})
        return now - amount if match[1] == "-" else now + amount
    for form in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
        try:
            return datetime.strptime(value, form).replace(tzinfo=now.tzinfo)
        except ValueError:
            continue
    raise JqlError(f"Date value '{value}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', '-5d'.")


def _number(key: str) -> tuple[str, int]:
    match = re.fullmatch(r"([A-Z][A-Z0-9_]*)-(\d+)", key.upper())
    if not match:
        raise JqlError(f"The issue key '{key}' for field 'key' is invalid.")
    return match[1], int(match[2])


def _holds(row: Mapping[str, Any], field: str, operator: str, values: tuple[str, ...], now: datetime) -> bool:
    if field in ("updated", "created"):
        return bool(_compare(row[field], operator, _moment(values[0], now)))
    if field in ("key", "issuekey"):
        if operator in ("=", "in"):
            return any(value.upper() in row["keys"] for value in values)
        project, number = _number(values[0])
        return row["project"] == project and bool(_compare(row["number"], operator, number))
    held = [str(value).lower() for value in (row[field] if isinstance(row[field], list) else [row[field]])]
    hit = any(value.lower() in held for value in values)
    return not hit if operator == "!=" else hit


def _compare(one: Any, operator: str, other: Any) -> Any:
    return {
        "=": one == other,
        "!=": one != other,
        ">": one > other,
        ">=": one >= other,
        "<": one < other,
        "<=": one <= other,
    }[operator]
