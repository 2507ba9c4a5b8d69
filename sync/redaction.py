"""Keeps secrets out of everything that is printed, logged or written. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

HIDDEN = "[redacted]"

_NAMES = re.compile(r"token|secret|password|passwd|authorization|private_key|api_key|cookie", re.IGNORECASE)
_SHORTEST = 4
"""Shorter values are not looked for: they would blot out ordinary words."""


class Redactor:
    """Replaces known secrets in any value.

    Args:
        secrets: their values; each is also found URL-encoded and in base64, as in a Basic authorization header.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms: set[str] = set()
        for secret in secrets:
            for value in {secret, *secret.splitlines()}:
                if len(value.strip()) >= _SHORTEST:
                    forms |= {value, value.strip(), quote(value, safe=""), quote(value)}
                    forms |= _base64_forms(value)
        longest_first = sorted((form for form in forms if len(form) >= _SHORTEST), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """The text without any secret."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text

    def value(self, value: Any, name: str = "") -> Any:
        """The same for nested values; what stands under a name such as `token` is hidden whatever it is."""
        if name and _NAMES.search(name) and value not in (None, "", False, True):
            return HIDDEN
        if hasattr(value, "get_secret_value"):
            return HIDDEN
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.text(value.decode("utf-8", "replace"))
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(inner, str(key)) for key, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(inner) for inner in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))


def _base64_forms(value: str) -> set[str]:
    """The parts of base64 that a secret makes, wherever in a longer text it begins."""
    raw = value.encode("utf-8", "surrogatepass")
    forms: set[str] = set()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        start = (shift * 8 + 5) // 6
        end = len(encoded) - (4 if encoded.endswith("=") else 0)
        if end - start >= 8:
            forms.add(encoded[start:end])
    return forms
