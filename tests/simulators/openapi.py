"""Requests and answers held against a vendor's own OpenAPI description, where that is at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

from tests.simulators.jira_wire import Answer, Asked

FOLDER = Path(__file__).parents[2].parent / "shared" / "specs"

_TEXTS = {"uri": "https://example.com/", "date-time": "2026-01-01T00:00:00Z", "date": "2026-01-01"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path; `pattern` fits the paths of requests."""

    method: str
    template: str
    pattern: re.Pattern[str]
    described: Mapping[str, Any]


class Description:
    """An OpenAPI 3.0 document.

    Args:
        file: its name in the folder of descriptions beside the repository.
        undescribed: fits paths that the description leaves out; they are not looked at.
        deep: parameters that hold slashes, such as a path in a repository.
        undescribed_statuses: of answers that are given all the same.
        overlapping: whether its alternatives exclude each other in words alone, so that one of several may fit.
    """

    def __init__(
        self,
        file: str,
        undescribed: str = "(?!)",
        deep: tuple[str, ...] = (),
        undescribed_statuses: tuple[int, ...] = (),
        overlapping: bool = False,
    ) -> None:
        self._place = FOLDER / file
        self._undescribed = re.compile(undescribed)
        self._deep = deep
        self._statuses = undescribed_statuses
        self._overlapping = overlapping
        self._validators: dict[str, Draft4Validator] = {}

    @property
    def available(self) -> bool:
        return self._place.exists()

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The description; raises FileNotFoundError where it is absent."""
        text = self._place.read_text(encoding="utf-8")
        loaded: Mapping[str, Any] = normalised(
            json.loads(text.replace('"oneOf"', '"anyOf"') if self._overlapping else text)
        )
        return loaded

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """The most specific paths first."""
        found = [
            Operation(method.upper(), path, self._pattern(path), described)
            for path, methods in self.document["paths"].items()
            for method, described in methods.items()
            if method in ("get", "post", "put", "patch", "delete")
        ]
        return tuple(sorted(found, key=lambda operation: operation.template.count("{")))

    def _pattern(self, path: str) -> re.Pattern[str]:
        def one(match: re.Match[str]) -> str:
            return ".+" if match[1] in self._deep else "[^/]+"

        return re.compile(re.sub(r"\{([^}]+)\}", one, path))

    def violations(self, asked: Asked, answer: Answer) -> list[str]:
        """What is wrong with a request and its answer, in words; empty when all is well."""
        if self._undescribed.fullmatch(asked.path):
            return []
        fitting = (o for o in self.operations if o.method == asked.method and o.pattern.fullmatch(asked.path))
        operation = next(fitting, None)
        if operation is None:
            return [f"{asked.method} {asked.path}: there is no such operation"]
        reported = [*self._request(operation.described, asked, answer), *self._answer(operation.described, answer)]
        return [f"{asked.method} {operation.template}: {problem}" for problem in reported]

    def _request(self, described: Mapping[str, Any], asked: Asked, answer: Answer) -> list[str]:
        parameters = [p for p in map(self._resolved, described.get("parameters", [])) if p["in"] == "query"]
        names = {parameter["name"] for parameter in parameters}
        found = [f"parameter {name} is unknown" for name in asked.query if name not in names]
        found += [
            f"parameter {p['name']} is missing"
            for p in parameters
            if p.get("required") and p["name"] not in asked.query
        ]
        for parameter in parameters:
            for text in asked.query.get(parameter["name"], []):
                schema = self._resolved(parameter.get("schema") or {})
                value = _read(text, schema)
                found += [f"parameter {parameter['name']}: {p}" for p in self._problems(schema, value)]
        wanted = self._resolved(described["requestBody"]) if "requestBody" in described else None
        refused = answer.status in (400, 422)
        if wanted and asked.body is not None and not refused:
            found += [f"request: {problem}" for problem in self._content(wanted["content"], asked.body)]
        elif asked.body is not None and not wanted:
            found.append("request: no body is expected")
        elif wanted and wanted.get("required") and asked.body is None:
            found.append("request: the body is missing")
        return found

    def _answer(self, described: Mapping[str, Any], answer: Answer) -> list[str]:
        response = described["responses"].get(str(answer.status))
        if response is None:
            common = answer.status in (301, 304, 307, 401, 403, 429, *self._statuses) or answer.status >= 500
            return [] if common else [f"answer: {answer.status} is not described"]
        content = self._resolved(response).get("content")
        if not content or answer.body is None:
            return []
        return [f"answer {answer.status}: {problem}" for problem in self._content(content, answer.body)]

    def filled(self, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """A value of one of the named schemas: these values, and the least that is required beside them."""
        if not self.available:
            return dict(values)
        schema = self.document["components"]["schemas"][name]
        made = self._least(schema["anyOf"][-1] if "anyOf" in schema else schema)
        return {**made, **values}

    def _least(self, schema: Mapping[str, Any]) -> Any:
        schema = self._resolved(schema)
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                return self._least(schema[several][0])
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("type") == "object" or "properties" in schema:
            properties = schema.get("properties", {})
            return {name: self._least(properties.get(name, {})) for name in schema.get("required", [])}
        if schema.get("type") == "string":
            return _TEXTS.get(schema.get("format", ""), "")
        return {"array": [], "integer": 0, "number": 0, "boolean": False}.get(schema.get("type", ""))

    def _resolved(self, described: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in described:
            return described
        found: Mapping[str, Any] = self.document
        for part in described["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return found

    def _content(self, content: Mapping[str, Any], body: Any) -> list[str]:
        return self._problems(next(iter(content.values())).get("schema") or {}, body)

    def _problems(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {**schema, "components": self.document["components"]}
            self._validators[key] = Draft4Validator(whole, format_checker=Draft4Validator.FORMAT_CHECKER)
        errors = self._validators[key].iter_errors(value)
        return [f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in errors]


def _read(text: str, schema: Mapping[str, Any]) -> Any:
    """The value of a parameter, as its type writes it; the text where it is none of that type."""
    kind = schema.get("type")
    if kind == "array":
        return [_read(part, schema.get("items") or {}) for part in text.split(",")]
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


def normalised(value: Any) -> Any:
    """`nullable` in the words of JSON Schema: a type of its own, and null among the values of an enum."""
    if isinstance(value, list):
        return [normalised(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    result = {name: normalised(inner) for name, inner in value.items()}
    if result.get("nullable") is True:
        del result["nullable"]
        return {"anyOf": [{"enum": [None]}, result]}
    return result
