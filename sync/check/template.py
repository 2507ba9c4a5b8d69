"""The postmortem template: a short, blameless write-up, ready to fill in. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_TEMPLATE = """---
title: {title}
date: {day}
status: draft
service: ""
severity: ""
---

# {heading}

<!-- Assume that everyone acted reasonably on what they knew. Write about systems and conditions, not about people. -->

## Summary

<!-- Two or three sentences: what happened to which service, for how long, why, and what is being changed. -->

## Impact

<!-- Who was affected, how badly, from when to when. -->

## Timeline

<!-- First signal, acknowledged, cause found, fix applied, resolved; with time zone. -->

| Time (UTC) | Event |
|---|---|
| | |

## Root cause

<!-- The condition that made it possible, not only what set it off. -->

## What went well and what did not

<!-- Detection, response, communication. -->

## Action items

<!--
A few changes that will really be made, each with one owner and a date:
- [ ] Page when the queue is 80 % full, owner: @name, due: 2026-01-31
Set the status above to "published" when the write-up is finished; tickets are made then, not before.
-->
"""


def render(title: str, day: date) -> str:
    """A postmortem of an incident on `day`, to be filled in. Its status is draft, so nothing is synced yet."""
    words = " ".join(title.split())
    quoted = '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return _TEMPLATE.format(title=quoted, heading=words, day=day.isoformat())


def file_name(title: str, day: date) -> str:
    """`2026-01-31-checkout-returned-errors.md`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")[:60].rstrip("-")
    return f"{day.isoformat()}-{slug or 'incident'}.md"
