"""What both Jira renderers share: untrusted text made plain, links that may be followed, the order of a description."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from sync.model import Body
from sync.model.text import BIDI

TEXT_LIMIT = 8_000
"""Characters kept of one piece of text; a description of Jira holds 32,767, escapes included."""

FOOTER = "Kept in step with the postmortem by postmortem-sync: when this ticket is closed, the document says so."

_SPACES = re.compile(r"\s+")
# Not storable (surrogates, non-characters), invisible (controls), or able to reorder what is read (bidi).
_UNFIT = re.compile(
    f"[{BIDI}\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200b\u200e\u200f\u2060-\u2064\u206a-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff0-\uffff\U000e0000-\U000e007f]"
)
_UNFIT_PLANES = re.compile("[" + "".join(chr(p * 0x10000 + n) for p in range(1, 17) for n in (0xFFFE, 0xFFFF)) + "]")
_URL_CHARACTERS = re.compile(r"[!-~\u00a1-\U0010ffff]+")


@dataclass(frozen=True, slots=True)
class Detail:
    """One line of a description: a name and its value, and where the value leads when it is a link."""

    name: str
    value: str
    url: str = ""


def plain(text: str, limit: int = TEXT_LIMIT) -> str:
    """One line of visible text: blanks collapsed, characters that hide or reorder text removed, cut to `limit`."""
    line = _SPACES.sub(" ", _UNFIT_PLANES.sub("", _UNFIT.sub("", text))).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def safe_url(url: str) -> str:
    """The address when it is an absolute http or https one, else ""; percent-encoded, so that it closes no markup."""
    url = url.strip()
    if len(url) > 2_000 or not _URL_CHARACTERS.fullmatch(url) or _UNFIT.search(url):
        return ""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host or "@" in parts.netloc:
        return ""
    if not re.fullmatch(r"[\w.\-]+(:\d+)?", parts.netloc):
        return ""
    return quote(url, safe="%/:?#&=+,;@.-_~")


def entries(body: Body) -> tuple[Detail, ...]:
    """What a description says below the item's own words, in order; names and values are plain text."""
    title = plain(body.postmortem_title, 500)
    url = safe_url(body.postmortem_url)
    found = [Detail("Postmortem", title or url, url), Detail("Section", plain(body.section, 500))]
    found.append(Detail("Owner", plain(", ".join(body.owners), 1_000)))
    found.append(Detail("Due", plain(body.due, 200)))
    found.append(Detail("Priority", plain(body.priority, 200)))
    found.extend(Detail(plain(name, 100), plain(value, 1_000)) for name, value in body.context[:20])
    return tuple(entry for entry in found if entry.name and entry.value)
