"""As much of GraphQL as a simulator needs: a parser, and an executor that knows no field it was not told of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(r'\s*(?:(\.\.\.|[{}()\[\]:!$=])|([A-Za-z_]\w*)|(-?\d+)|"((?:[^"\\]|\\.)*)"|,|#[^\n]*)')


class Wrong(Exception):
    """The query is not valid; nothing was carried out."""


class Failed(Exception):
    """One field could not be resolved."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(slots=True)
class Selection:
    """A field, a fragment in place (`on`), or a named fragment (`spread`)."""

    name: str = ""
    alias: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    inner: list[Selection] = field(default_factory=list)
    on: str = ""
    spread: str = ""


@dataclass(slots=True)
class Node:
    """An object: its type, and a value or a function of arguments for each field."""

    type: str
    fields: Mapping[str, Any]
    interfaces: tuple[str, ...] = ()


@dataclass(slots=True)
class Document:
    operation: str = "query"
    selections: list[Selection] = field(default_factory=list)
    fragments: dict[str, Selection] = field(default_factory=dict)


class Parser:
    def __init__(self, text: str, variables: Mapping[str, Any]) -> None:
        self._tokens: list[str | tuple[str]] = []
        at = 0
        text = text.strip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                raise Wrong(f"Parse error at {text[at : at + 20]!r}")
            at = match.end()
            sign, name, number, string = match.groups()
            if string is not None:
                self._tokens.append((string,))
            elif sign or name or number:
                self._tokens.append(sign or name or number)
        self._variables = variables
        self._at = 0

    def document(self) -> Document:
        made = Document()
        while self._at < len(self._tokens):
            word = self._next()
            if word == "fragment":
                name = str(self._next())
                self._expect("on")
                made.fragments[name] = Selection(on=str(self._next()), inner=self._selections())
            elif word in ("query", "mutation"):
                made.operation = str(word)
                while self._peek() != "{":
                    self._next()
                made.selections = self._selections()
            else:
                raise Wrong(f"Parse error on {word!r}")
        return made

    def _peek(self) -> str | tuple[str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str | tuple[str]:
        token = self._peek()
        if token == "":
            raise Wrong("Unexpected end of document")
        self._at += 1
        return token

    def _expect(self, token: str) -> None:
        if self._next() != token:
            raise Wrong(f"Expected {token}")

    def _selections(self) -> list[Selection]:
        self._expect("{")
        found: list[Selection] = []
        while self._peek() != "}":
            found.append(self._selection())
        self._next()
        return found

    def _selection(self) -> Selection:
        if self._peek() == "...":
            self._next()
            if self._peek() == "on":
                self._next()
                return Selection(on=str(self._next()), inner=self._selections())
            return Selection(spread=str(self._next()))
        name = alias = str(self._next())
        if self._peek() == ":":
            self._next()
            name = str(self._next())
        made = Selection(name, alias)
        if self._peek() == "(":
            self._next()
            while self._peek() != ")":
                key = str(self._next())
                self._expect(":")
                made.arguments[key] = self._value()
            self._next()
        if self._peek() == "{":
            made.inner = self._selections()
        return made

    def _value(self) -> Any:
        token = self._next()
        if isinstance(token, tuple):
            return token[0]
        if token == "$":
            name = str(self._next())
            if name not in self._variables:
                raise Wrong(f"Variable ${name} of required type was provided invalid value")
            return self._variables[name]
        if re.fullmatch(r"-?\d+", token):
            return int(token)
        return {"true": True, "false": False, "null": None}.get(token, token)


class Execution:
    """Args:
    roots: the root objects by kind of operation.
    """

    def __init__(self, document: Document, roots: Mapping[str, Node]) -> None:
        self._document = document
        self._root = roots[document.operation]
        self.errors: list[dict[str, Any]] = []

    def run(self) -> dict[str, Any]:
        return self._object(self._root, self._document.selections, [])

    def _object(self, node: Node, selections: list[Selection], path: list[str]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for selection in selections:
            if selection.name:
                result[selection.alias] = self._field(node, selection, [*path, selection.alias])
                continue
            part = self._document.fragments.get(selection.spread) if selection.spread else selection
            if part is None:
                raise Wrong(f"Fragment {selection.spread} was used, but not defined")
            if part.on == node.type or part.on in node.interfaces:
                result |= self._object(node, part.inner, path)
        return result

    def _field(self, node: Node, selection: Selection, path: list[str]) -> Any:
        if selection.name == "__typename":
            return node.type
        if selection.name not in node.fields:
            raise Wrong(f"Field '{selection.name}' doesn't exist on type '{node.type}'")
        value = node.fields[selection.name]
        try:
            if isinstance(value, Callable):  # type: ignore[arg-type]
                value = value(**selection.arguments)
            elif selection.arguments:
                raise Wrong(f"Field '{selection.name}' doesn't accept argument '{next(iter(selection.arguments))}'")
        except Failed as error:
            self.errors.append({"type": error.kind, "path": path, "message": str(error)})
            return None
        return self._shown(value, selection, path)

    def _shown(self, value: Any, selection: Selection, path: list[str]) -> Any:
        if isinstance(value, list):
            return [self._shown(entry, selection, path) for entry in value]
        if isinstance(value, Node):
            if not selection.inner:
                raise Wrong(f"Field must have selections (field '{selection.name}' returns {value.type})")
            return self._object(value, selection.inner, path)
        if selection.inner and value is not None:
            raise Wrong(f"Selections can't be made on scalars (field '{selection.name}')")
        return value
