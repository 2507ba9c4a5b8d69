"""What `sync check` tells programs: JSON, GitHub's annotations, SARIF 2.1.0. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sync import __version__
from sync.check.check import Diagnostic
from sync.check.rules import RULES, Rule, Severity
from sync.model import Postmortem

PAGE = "https://github.com/postmortem-sync/postmortem-sync/blob/main/docs/check.md"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"}


@dataclass(frozen=True, slots=True)
class Checked:
    """One document with its findings; `error` instead when it could not be understood."""

    path: str
    postmortem: Postmortem | None = None
    findings: tuple[Diagnostic, ...] = ()
    error: str = ""


def to_json(checked: Checked) -> dict[str, Any]:
    """A document as `check --json` prints it; the keys are a contract."""
    postmortem = checked.postmortem
    return {
        "path": checked.path,
        "title": postmortem.title if postmortem else "",
        "items": len(postmortem.items) if postmortem else 0,
        "findings": [
            {
                "rule": one.rule,
                "severity": one.severity.value,
                "line": one.line,
                "column": one.column,
                "end_column": one.end_column,
                "message": one.message,
                "suggestion": one.suggestion,
                "also": list(one.also),
            }
            for one in checked.findings
        ],
    }


def to_github(checked: Checked) -> Iterable[str]:
    """Workflow commands that GitHub Actions shows on the lines of a pull request."""
    file = _property(checked.path)
    if checked.error:
        yield f"::error file={file},title=unreadable::{_message(checked.error)}"
    for one in checked.findings:
        place = f"file={file},line={one.line},col={one.column},endColumn={max(one.column, one.end_column - 1)}"
        words = _message(f"{one.message}. {one.suggestion}")
        yield f"::{_COMMANDS[one.severity]} {place},title={_property(one.rule)}::{words}"


def _property(text: str) -> str:
    return re.sub(r"[%\r\n:,]", lambda found: _ESCAPES[found[0]], text)


def _message(text: str) -> str:
    return re.sub(r"[%\r\n]", lambda found: _ESCAPES[found[0]], text)


def to_sarif(documents: Sequence[Checked]) -> dict[str, Any]:
    """A whole call as one SARIF 2.1.0 log."""
    failed = [one for one in documents if one.error]
    invocation: dict[str, Any] = {"executionSuccessful": not failed}
    if failed:
        invocation["toolExecutionNotifications"] = [
            {
                "level": "error",
                "message": {"text": one.error},
                "locations": [{"physicalLocation": {"artifactLocation": _artifact(one.path)}}],
            }
            for one in failed
        ]
    driver = {
        "name": "postmortem-sync",
        "version": __version__,
        "informationUri": PAGE,
        "rules": [_rule(rule) for rule in RULES],
    }
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation],
                "results": [_result(document, one) for document in documents for one in document.findings],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": f"{rule.asks[:1].upper()}{rule.asks[1:]}."},
        "fullDescription": {"text": rule.why},
        "helpUri": f"{PAGE}#{rule.id}",
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(document: Checked, one: Diagnostic) -> dict[str, Any]:
    data = document.postmortem.data if document.postmortem else b""
    # The words instead of the line number: an alert stays the same one when lines are added above it.
    seen = "\0".join((document.path, one.rule, data[one.span.start : one.span.end].decode("utf-8", "replace")))
    region = {"startLine": one.line, "startColumn": one.column, "endColumn": one.end_column}
    location = {"physicalLocation": {"artifactLocation": _artifact(document.path), "region": region}}
    return {
        "ruleId": one.rule,
        "ruleIndex": next(number for number, rule in enumerate(RULES) if rule.id == one.rule),
        "level": one.severity.value,
        "message": {"text": f"{one.message}. {one.suggestion}"},
        "locations": [location],
        "partialFingerprints": {"postmortemCheck/v1": hashlib.sha256(seen.encode("utf-8", "replace")).hexdigest()},
    }


def _artifact(path: str) -> dict[str, str]:
    if Path(path).is_absolute():
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(Path(path).as_posix()), "uriBaseId": "%SRCROOT%"}
