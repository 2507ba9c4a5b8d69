"""Requests and answers held against Atlassian's own description of the API, where that is at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

from tests.simulators.jira_wire import Answer, Asked

PLACE = Path(__file__).parents[2].parent / "shared" / "specs" / "jira-cloud-v3.json"
AVAILABLE = PLACE.exists()

UNDESCRIBED = re.compile(r"/rest/api/3/issue/[^/]+/watchers")
"""Paths that the cut of the description leaves out."""


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    template: str
    pattern: re.Pattern[str]
    described: Mapping[str, Any]


@cache
def description() -> Mapping[str, Any]:
    """The description; raises FileNotFoundError where it is absent."""
    loaded: Mapping[str, Any] = json.loads(PLACE.read_text(encoding="utf-8"))
    return loaded


@cache
def _operations() -> tuple[Operation, ...]:
    found = [
        Operation(method.upper(), path, re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), described)
        for path, methods in description()["paths"].items()
        for method, described in methods.items()
        if method in ("get", "post", "put", "delete")
    ]
    # /issue/bulk before /issue/{issueIdOrKey}
    return tuple(sorted(found, key=lambda operation: operation.template.count("{")))


@cache
def _validator(schema: str) -> Draft4Validator:
    return Draft4Validator({**json.loads(schema), "components": description()["components"]})


def violations(asked: Asked, answer: Answer) -> list[str]:
    """What is wrong with a request and its answer, in words; empty when all is well."""
    if UNDESCRIBED.fullmatch(asked.path):
        return []
    operation = next((o for o in _operations() if o.method == asked.method and o.pattern.fullmatch(asked.path)), None)
    if operation is None:
        return [f"{asked.method} {asked.path}: there is no such operation"]
    return [
        f"{asked.method} {operation.template}: {reported}" for reported in _reported(operation.described, asked, answer)
    ]


def _reported(described: Mapping[str, Any], asked: Asked, answer: Answer) -> list[str]:
    parameters = [p for p in described.get("parameters", []) if p["in"] == "query"]
    names = {parameter["name"] for parameter in parameters}
    found = [f"parameter {name} is unknown" for name in asked.query if name not in names]
    found += [
        f"parameter {p['name']} is missing" for p in parameters if p.get("required") and p["name"] not in asked.query
    ]
    wanted = described.get("requestBody")
    if wanted and asked.body is not None:
        found += [f"request: {problem}" for problem in _problems(wanted["content"], asked.body)]
    elif asked.body is not None:
        found.append("request: no body is expected")
    elif wanted and wanted.get("required", True):
        found.append("request: the body is missing")
    response = described["responses"].get(str(answer.status))
    if response is None:
        found.append(f"answer: {answer.status} is not described")
    elif answer.body is not None and response.get("content"):
        found += [f"answer {answer.status}: {problem}" for problem in _problems(response["content"], answer.body)]
    return found


def _problems(content: Mapping[str, Any], body: Any) -> list[str]:
    schema = next(iter(content.values())).get("schema") or {}
    errors = _validator(json.dumps(schema, sort_keys=True)).iter_errors(body)
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in errors]
