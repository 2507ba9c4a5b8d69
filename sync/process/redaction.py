"""Keeps secrets out of everything that is printed, logged or written. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "[redacted]"

_NAMES = re.compile(
    r"token|secret|password|passwd|authorization|private_?key|api_?key|cookie|credential", re.IGNORECASE
)
_SHORTEST = 4
"""Shorter values are not looked for: they would blot out ordinary words."""
_DEEPEST = 20

_SHAPES = (
    r"\bgh[a-z]_[A-Za-z0-9]{20,}",
    r"\bgithub_pat_\w{20,}",
    r"\bAT(?:ATT|CTT)[\w=-]{20,}",
    r"\bglpat-[\w-]{16,}",
    r"\bxox[a-z]-[\w-]{10,}",
    r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}",
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[A-Za-z0-9+/=\s\\]*",
    r"(?<=://)[^/\s:@]{0,200}:[^/\s@]{1,200}(?=@)",
    r"(?i:(?<=\bbearer )|(?<=\bbasic ))(?=[^\s\d+/=]*[\d+/=])[\w.~+/=-]{8,}",
)
_SHAPED = re.compile("|".join(_SHAPES))
"""Secrets told by their shape, since some are made at run time (an App's tokens, a database address)."""


def looks_secret(text: str) -> bool:
    """Whether a value may be a secret that stands in the wrong place: by its shape, or long, mixed and unspaced."""
    if _SHAPED.search(text):
        return True
    mixed = any(c.isdigit() for c in text) and any(c.isalpha() for c in text)
    return len(text) >= 20 and mixed and not any(c.isspace() for c in text)


class Redactor:
    """Replaces secrets in any value: known ones, and those told by their shape or by the name they stand under.

    Args:
        secrets: their values; each is also found escaped, URL-encoded, and in base64 as in a Basic authorization
            header. Values below four characters are not looked for.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms: set[str] = set()
        for secret in secrets:
            for value in {secret, *secret.splitlines()}:
                if len(value.strip()) >= _SHORTEST:
                    forms |= _forms(value) | _forms(value.strip())
        longest_first = sorted((form for form in forms if len(form) >= _SHORTEST), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """The text without any secret."""
        if self._pattern:
            text = self._pattern.sub(HIDDEN, text)
        return _SHAPED.sub(HIDDEN, text)

    def value(self, value: Any, name: str = "", depth: int = 0) -> Any:
        """The same for nested values; what stands under a name such as `token` is hidden whatever it is."""
        if name and _NAMES.search(name) and not (value is None or isinstance(value, bool) or value == ""):
            return HIDDEN
        if hasattr(value, "get_secret_value"):
            return HIDDEN
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes | bytearray):
            return self.text(bytes(value).decode("utf-8", "replace"))
        if depth >= _DEEPEST:
            return "…"
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(inner, str(key), depth + 1) for key, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(inner, "", depth + 1) for inner in value]
        return self.text(str(value))


def _forms(value: str) -> set[str]:
    """The ways a value is written in an address, in JSON, in a Python text, and in base64."""
    raw = value.encode("utf-8", "surrogatepass")
    encoded = {quote(raw, safe=""), quote(raw), quote_plus(raw)}
    encoded |= {re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), form) for form in encoded}
    escaped = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}
    return {value} | encoded | escaped | _base64_forms(raw)


def _base64_forms(raw: bytes) -> set[str]:
    """The parts of base64 that a secret makes, wherever in a longer text it begins, in both alphabets."""
    forms: set[str] = set()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        start = (shift * 8 + 5) // 6
        end = len(encoded) - (4 if encoded.endswith("=") else 0)
        if end - start >= 8:
            part = encoded[start:end]
            forms |= {part, part.replace("+", "-").replace("/", "_")}
    return forms
