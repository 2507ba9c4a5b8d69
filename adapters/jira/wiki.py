"""A ticket's description as Jira's wiki markup, which Data Center wants. Pure.

Every character of a text that the markup could give a meaning is written as a numeric entity: the renderer shows the
character and sees no markup. Backslash escapes would not do, for two of them are a line break.
"""

from __future__ import annotations

import re

from adapters.bodies import body_digest
from adapters.jira.text import FOOTER, entries, plain
from sync.model import Body

# Left as they are: what is inert in any position; parentheses, unless they make an icon; single marks of punctuation
# before a blank; signs between two letters or digits; a colon before a blank.
_SPECIAL = re.compile(
    r"[^\w\s.,'\"/%$=\-_:()?!;+#@]"
    r"|\((?=(?:[yni/x!+\-?]|on|off|\*[rgby]?|flag|flagoff)\))"
    r"|[?!](?=[?!])|(?<=[?!])[?!]|[!;](?=\S)"
    r"|(?<![^\W_])[-_+#@]|[-_+#@](?![^\W_])"
    r"|:(?!\s)"
    r"|(?<=^)(?:h[1-6]|bq)(?=\.)"
)
_INERT_ABOVE = 0xA0
_UNFIT = re.compile(r"[\[\]~|{}\\\s!^]")


def render(body: Body) -> str:
    """The description in wiki markup; lines end in a line feed."""
    lines: list[str] = []
    text = plain(body.text)
    if text:
        lines += [escape(text), ""]
    for entry in entries(body):
        value = f"[{escape(entry.value)}|{entry.url}]" if entry.url else escape(entry.value)
        lines.append(f"* *{escape(entry.name)}:* {value}")
    lines += ["", f"_{escape(FOOTER)}_"]
    return "\n".join(lines)


def comment(account: str, words: str) -> str:
    """A comment, which mentions a user where one is given and its name can stand in a mention."""
    mention = f"[~{account}] " if account and not _UNFIT.search(account) else ""
    return mention + escape(words)


def escape(text: str) -> str:
    """Text that the markup shows as it is, on one line."""
    return _SPECIAL.sub(_entities, plain(text))


def digest(markup: object) -> str:
    """Digest of a description; line endings and blanks, which Jira changes, do not count."""
    words = " ".join(str(markup or "").split())
    return body_digest(words)


def _entities(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) > 1:
        return f"&#{ord(found[0])};{found[1:]}"
    return found if ord(found) >= _INERT_ABOVE else f"&#{ord(found)};"
