"""Which parts of a document list actions, and what in them is none."""

from __future__ import annotations

import pytest

from sync.formats import parse
from sync.model import ParseOptions
from sync.postmortem import sections


def lines(markdown: str, **options: object) -> list[tuple[int, str]]:
    return [(item.line, item.text) for item in parse(markdown.encode(), "x.md", ParseOptions(**options)).items]  # type: ignore[arg-type]


TITLES = """Action items|Actions|ACTION ITEMS:|## 7. Action Items|Follow-ups|Follow up actions|Followups|Next steps|Next Steps & Action Items|
Corrective actions|Corrective and Preventative Measures|Corrective Actions with Owners|Preventive actions|Prevention|Remediation|Remediation items|
Remediation and follow-up|Action plan|To-do|TODOs|Tasks|Improvements|Recommendations|Review actions|Actions following review|
What are we doing to prevent this?|What we will do next|How do we prevent this from happening again?|What's next?|Long-term fixes|
:ballot_box_with_check: Follow-up tasks|✅ Action items|Actions (with owners)|Action items and owners|Post-incident actions|Follow-up work|Follow-up improvements|
Future work|Action points|Work items|Maßnahmen|Nächste Schritte|Actions correctives|Prochaines étapes|Acciones correctivas|Próximos pasos|Ações|Azioni|
再発防止策|今後の対応|行动项|Action Items / Next Steps|Actions to prevent recurrence|Lessons learned and action items|Action items - short term|Infrastructure action items|Takeaways & next steps|Proposed changes|Permanent fix|Avoiding this in the future|Issues filed|Suggestions|Preventing recurrence"""


@pytest.mark.parametrize("title", [title.strip(" #\n") for title in TITLES.split("|")])
def test_headings_that_begin_actions(title: str) -> None:
    assert sections.is_action(title)


NO_TITLES = """Summary|Impact|Timeline|Follow-up timeline|Root cause|Actions taken|Immediate actions taken|Action timeline|Resolution|Detection|What went well|
Corrective actions applied|Lessons learned|Background|Trigger|How to take action|Mitigation steps performed|Appendix|Status|Metrics|Recovery|Next of kin|Solution|Changes|Mitigation|Related tickets|Response"""


@pytest.mark.parametrize("title", [title.strip() for title in NO_TITLES.split("|")])
def test_headings_that_do_not(title: str) -> None:
    assert not sections.is_action(title)


def test_settings_add_headings() -> None:
    assert lines("## Homework\n\n- Add a limit\n") == []
    assert lines("## 3. Homework:\n\n- Add a limit\n", sections=("homework",)) == [(3, "Add a limit")]


DOCUMENTS = {
    "a heading": ("# T\n\n## Action items\n\n- a b c\n- d e f\n\n## Timeline\n\n- no\n", [(5, "a b c"), (6, "d e f")]),
    "a setext heading": ("T\n=\n\nAction items\n------------\n\n* Add a limit\n", [(7, "Add a limit")]),
    "a bold line": (
        "## Report\n\n**Action Items**\n\n- Add a limit\n\n**Timeline**\n\n- 10:00 alert\n",
        [(5, "Add a limit")],
    ),
    "a plain line": ("## Report\n\nAction items:\n\n- Add a limit\n", [(5, "Add a limit")]),
    "a plain line and a list at once": ("## Report\n\nAction Items\n- Add a limit\n", [(4, "Add a limit")]),
    "a bold bullet": (
        "# T\n\n- **Timing**: 10:00\n- **Review actions**:\n  - Add a limit\n  - Add another\n",
        [(5, "Add a limit"), (6, "Add another")],
    ),
    "a bold bullet and a list after it": (
        "# T\n\n- **Impact**: some\n\n- **Review actions**:\n\n1. Add a limit\n2. Add more\n",
        [(7, "Add a limit"), (8, "Add more")],
    ),
    "text after a bold bullet": (
        "# T\n\n- **Impact**: some\n- **Review actions**: Add a limit\n",
        [(4, "Add a limit")],
    ),
    "groups": (
        "## Actions\n\n### Team A\n\n1. Add a limit\n\n### Team B\n\n1. Add more\n1. And more\n",
        [(5, "Add a limit"), (9, "Add more"), (10, "And more")],
    ),
    "a deeper end": (
        "## Actions\n\n- Add a limit\n\n### Lessons learned\n\n- no\n\n### Appendix\n\n- no\n",
        [(3, "Add a limit")],
    ),
    "nested explanations": (
        "## Actions\n\n- Add a limit\n  - because it broke\n    1. twice\n- Add more\n\n  more words\n",
        [(3, "Add a limit"), (6, "Add more")],
    ),
    "bullets that group": (
        "## Actions\n\n- Monitoring:\n  - Add a limit\n- **Process**\n  - Add more\n",
        [(4, "Add a limit"), (6, "Add more")],
    ),
    "loose lists": (
        "## Actions\n\n- Add a limit\n\n- Add more\n  on two lines\n",
        [(3, "Add a limit"), (5, "Add more on two lines")],
    ),
    "lines without bullets": (
        "## Actions\n\nAdd a limit.\nWrite a runbook.\n",
        [(3, "Add a limit."), (4, "Write a runbook.")],
    ),
    "a paragraph": (
        "## Corrective measures\n\nWe will add a limit. It will help.\n",
        [(3, "We will add a limit. It will help.")],
    ),
    "no sentence of change": ("## Actions\n\nThe actions are tracked elsewhere.\n", []),
    "nothing to do": (
        "## Actions\n\n- N/A\n- None.\n- No actions.\n- TBD\n- \n- ...\n- No further action required\n",
        [],
    ),
    "placeholders": (
        "## Actions\n\n- [ ] \n- [ ] [Action item 1]\n- <add your action here>\n- {{ summary }}\n- {action}\n- Action item 1\n- [change] owner [name] by [date]\n",
        [],
    ),
    "the guide's template": (
        "- Summary: On [date], [service] was [impact].\n- Action items: [change] owner [name] by [date].\n",
        [],
    ),
    "the guide filled in": (
        "- Summary: On Monday it broke.\n- Action items: add a limit owner Ana by 2026-04-03.\n",
        [(2, "add a limit")],
    ),
    "comments": (
        "## Actions\n\n<!-- - Add nothing -->\n\n- Add a limit <!-- really -->\n\n<!--\n- [ ] no\n-->\n",
        [(5, "Add a limit")],
    ),
    "code": (
        "## Actions\n\n```\n- [ ] no\n```\n\n- Add a limit\n\n    - [ ] nested\n",
        [(7, "Add a limit"), (9, "nested")],
    ),
    "code that has the heading": ("# T\n\n```\n## Action items\n- no\n```\n", []),
    "a checklist about the report": (
        "## Actions\n\n- [ ] Sections above are filled out\n- [ ] The report has been reviewed\n- [ ] Incident is resolved\n",
        [],
    ),
    "a choice": ("## Follow-up\n\n- [x] Pattern\n- [ ] One-off\n", []),
    "done during the incident": (
        "## Remediation\n\n### Immediate actions (completed)\n\n- Restarted\n\n### Long-term\n\n- Add a limit\n",
        [(9, "Add a limit")],
    ),
    "to-dos in lessons": ("## Lessons learned\n\n- We were lucky\n- [ ] Add a limit\n", [(4, "Add a limit")]),
    "to-dos in lessons, by their words": (
        "## Lessons learned\n\n- We were lucky\n- TODO: add a limit\n- **Action item**: rotate keys\n",
        [(4, "add a limit"), (5, "rotate keys")],
    ),
    "bullets that ask for a change are no groups": (
        "## Actions\n\n- Improve monitoring:\n  - lag\n  - load\n",
        [(3, "Improve monitoring")],
    ),
    "announced": (
        "## Summary\n\nTo prevent this from happening again we will:\n\n- add a limit\n- add more\n",
        [(5, "add a limit"), (6, "add more")],
    ),
    "instructions of a template": (
        "## Actions\n\n*List any tasks we should complete.*\n\n- Describe the corrective actions and their owners\n- What could we change?\n"
        "- Please contact us for more\n- Corrective actions: ___ total (___ P0)\n",
        [],
    ),
    "calls to the reader": ("## Next steps\n\nPlease upgrade as soon as you can. We will follow.\n", []),
    "one action a line, some without a verb": (
        "## Measures\n\nAdd a limit to the proxy.\nMore automated alarms for when issues arise.\nWrite a runbook for it.\n",
        [
            (3, "Add a limit to the proxy."),
            (4, "More automated alarms for when issues arise."),
            (5, "Write a runbook for it."),
        ],
    ),
    "an outlook after the actions": (
        "## Actions\n\n- Add a limit\n\n## Moving forward\n\n- More tests\n",
        [(3, "Add a limit")],
    ),
    "an outlook alone": ("## Moving forward\n\n- More tests\n", [(3, "More tests")]),
    "immediate actions to be done": (
        "## Next steps\n\n### Immediate actions\n\n- Add a limit\n- Rotate keys\n",
        [(5, "Add a limit"), (6, "Rotate keys")],
    ),
    "immediate actions that were done": (
        "## Remediation\n\n### Immediate actions\n\n- ✅ Restarted\n- Sent mails\n\n### Later\n\n- Add a limit\n",
        [(10, "Add a limit")],
    ),
    "a quote": ("## Actions\n\n> - Add a limit\n> - Add more\n", [(3, "Add a limit"), (4, "Add more")]),
    "crlf": ("## Actions\r\n\r\n- Add a limit\r\n- Add more\r\n", [(3, "Add a limit"), (4, "Add more")]),
    "headings as items": (
        "## Actions\n\n### Add a limit\n\n- Owner: Ana\n- Due: 2026-04-03\n\n### Add more\n\nOwner: Bo\n",
        [(3, "Add a limit"), (8, "Add more")],
    ),
    "twins": ("## Actions\n\n- Add a limit\n- Add a limit\n", [(3, "Add a limit"), (4, "Add a limit")]),
    "definitions above a table": (
        "## Actions\n\n- P0: now\n- P1: this week\n- P2: later\n\n| Action | Owner |\n|---|---|\n| Add a limit | Ana |\n",
        [(9, "Add a limit")],
    ),
    "a second list that repeats": (
        "## Action items\n\n- Add a limit to the proxy\n- Write a runbook\n\n## Prevention\n\n- Add a limit to the proxy.\n- Write the runbook\n",
        [(3, "Add a limit to the proxy"), (4, "Write a runbook")],
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(name: str) -> None:
    markdown, expected = DOCUMENTS[name]
    assert lines(markdown) == expected


def owners(markdown: str) -> list[list[str]]:
    return [[owner.text for owner in item.owners] for item in parse(markdown.encode(), "x.md").items]


def test_owners_above_a_group() -> None:
    assert owners("## Actions\n\n**JG**\n\n- Add a limit\n- Add more\n\n**Alex/Jamie**\n\n- Again\n") == [
        ["JG"],
        ["JG"],
        ["Alex", "Jamie"],
    ]
    assert owners("## Actions\n\n**For planning**\n\n- Add a limit\n\n**Done**\n\n- Add more\n") == [[], []]
    assert owners("## Actions\n\n@ana:\n\n- Add a limit\n") == [["ana"]]
    assert owners("## Actions\n\n- **Zoe Quinn**\n  - Add a limit\n") == [["Zoe Quinn"]]
    assert owners("## Actions\n\n### Upstream JupyterHub\n\n- Add a limit\n\n**API**\n\n- Add more\n") == [[], []]


def test_a_state_above_a_group() -> None:
    items = parse(
        b"## Actions\n\n**Done**\n\n- Add a limit\n\n### Open\n\n- More\n\n### Completed\n\n- Again\n", "x.md"
    ).items
    assert [item.state.value for item in items] == ["done", "open", "done"]


def test_clauses_of_one_sentence() -> None:
    data = b"Action items: add a limit owner Ana by 2026-04-03; rotate keys owner Bo Chen by 2026-04-10. Write docs owner @zoe by 2026-05-01.\n"
    items = parse(data, "x.md").items
    assert [(item.text, item.owners[0].text, str(item.due_date)) for item in items] == [
        ("add a limit", "Ana", "2026-04-03"),
        ("rotate keys", "Bo Chen", "2026-04-10"),
        ("Write docs", "zoe", "2026-05-01"),
    ]


def test_left_out_says_why() -> None:
    postmortem = parse(b"## Actions\n\n- N/A\n\nWords about it.\n", "x.md")
    assert [(left.line, left.why) for left in postmortem.left_out] == [(3, "it says that there is none")]


def test_a_ticket_in_the_heading_is_the_only_items_own() -> None:
    heading = "## Actions\n\n### Rate limits ([#12](https://github.com/o/r/issues/12))\n\n"
    (item,) = parse(f"{heading}- Add a limit\n".encode(), "x.md").items
    assert [(reference.text, reference.span) for reference in item.references] == [
        ("https://github.com/o/r/issues/12", None)
    ]
    assert all(not item.references for item in parse(f"{heading}- Add a limit\n- Add more\n".encode(), "x.md").items)


def test_two_tickets_are_warned_of() -> None:
    data = b"## Actions\n\n- Add a limit #12 (https://github.com/o/r/pull/13)\n"
    (warning,) = parse(data, "x.md").warnings
    assert (warning.line, warning.message) == (3, "more than one ticket is linked; the first is followed: #12")


def test_headings_that_ask_for_a_change() -> None:
    text = "## Action items\n\n### 1. Add a limit\n\nIt would have helped.\n\n### Rotate keys\n\n### Monitoring\n\n- Add an alert\n"
    assert lines(text) == [(3, "Add a limit"), (7, "Rotate keys"), (11, "Add an alert")]


def test_what_was_done_counts_where_only_actions_are_promised() -> None:
    (item,) = parse(b"## Follow-ups\n\nWe have added a limit to the proxy.\n", "x.md").items
    assert item.state.value == "done"
    assert lines("## Corrective measures\n\nWe have added a limit to the proxy.\n") == []
