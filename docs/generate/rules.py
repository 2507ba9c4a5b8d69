"""Writes the rules into docs/check.md, between its marks. `make docs` runs it, a test tells when it was not run."""

from __future__ import annotations

import sys
from pathlib import Path

from sync.check.rules import RULES, Rule


def page() -> str:
    """What stands between the marks: one table of all rules, then each with its reason and examples."""
    rows = [f"| [`{rule.id}`](#{rule.id}) | {rule.severity} | {rule.asks} |" for rule in RULES]
    return "\n".join(["| rule | severity | asks that |", "|---|---|---|", *rows, "", *map(_section, RULES)]).rstrip()


def _section(rule: Rule) -> str:
    bad, good = (_fenced(text.replace("{sections}", "…\n\n")) for text in (rule.bad, rule.good))
    return f"### {rule.id}\n\n{rule.why}\n\nFlagged:\n\n{bad}\n\nNot flagged:\n\n{good}\n"


def _fenced(text: str) -> str:
    return f"```markdown\n{text}\n```"


def between(text: str, name: str, new: str) -> str:
    """`text` with what stands between `<!-- name -->` and `<!-- /name -->` replaced."""
    head, opening, rest = text.partition(f"<!-- {name} -->\n")
    _, closing, tail = rest.partition(f"<!-- /{name} -->\n")
    if not closing:
        raise ValueError(f"no marks named {name}")
    return f"{head}{opening}\n{new}\n\n{closing}{tail}"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(between(file.read_text("utf-8"), "rules", page()), encoding="utf-8")
