"""What share of real action items each rule of `sync check` flags, on the shared corpus.

Usage: python -m tests.corpus.measure_check [PAGE]   prints the table; writes it between the marks of PAGE
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date
from pathlib import Path

from docs.generate.rules import between
from sync.check.check import check
from sync.check.rules import RULES
from sync.formats import parse
from sync.model import State
from tests.corpus.measure import CORPUS, labels


def table() -> str:
    """A Markdown table. Each document is looked at as on the day of its incident."""
    items: Counter[str] = Counter()
    documents: Counter[str] = Counter()
    reported: Counter[str] = Counter()
    of_items = of_untracked = of_documents = 0
    for label in labels():
        path = CORPUS / "docs" / f"{label['id']}.md"
        postmortem = parse(path.read_bytes(), path.name)
        findings = check(postmortem, postmortem.date or date(2026, 1, 1))
        of_documents += 1
        of_items += len(postmortem.items)
        of_untracked += sum(item.state is State.OPEN and not item.references for item in postmortem.items)
        items.update(rule for rule, _ in {(found.rule, index) for found in findings for index in found.items})
        documents.update({found.rule for found in findings})
        reported.update(found.rule for found in findings)
    lines = [
        f"{of_documents} documents, {of_items} items, {of_untracked} of them open without a ticket.",
        "",
        "| rule | severity | items | share of items | documents | findings |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for rule in RULES:
        share = f"{items[rule.id] / of_items:.0%}" if items[rule.id] else "–"
        row = (f"`{rule.id}`", rule.severity, items[rule.id] or "–", share, documents[rule.id], reported[rule.id])
        lines.append(f"| {' | '.join(str(cell) for cell in row)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
    for name in sys.argv[1:]:
        file = Path(name)
        file.write_text(between(file.read_text("utf-8"), "measured", table()), encoding="utf-8")
