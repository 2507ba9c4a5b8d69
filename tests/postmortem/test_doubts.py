"""What is told instead of guessed: relative dates, questions, ideas, fields of the template left as they were."""

from __future__ import annotations

import pytest

from sync.formats import parse
from sync.model import DueKind, Postmortem


def of(*lines: str) -> Postmortem:
    text = "---\ndate: 2026-02-20\n---\n# Outage\n\n## Action items\n\n" + "\n".join(lines) + "\n"
    return parse(text.encode(), "a.md")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("- Rename the metric in two weeks", "in two weeks"),
        ("- Ship the limit by Friday.", "Friday"),
        ("- Move the disk by end of month", "end of month"),
        ("- Move the disk @ana by EOW", "EOW"),
        ("- Move the disk next sprint", "next sprint"),
        ("- Move the disk (due: next sprint)", "next sprint"),
        ("- Move the disk, owner: Ana, due: Q3 2026", "Q3 2026"),
    ],
)
def test_a_relative_date_is_kept_as_text_and_warned_of(line: str, words: str) -> None:
    postmortem = of(line)
    (item,) = postmortem.items
    assert item.due
    assert (item.due.text, item.due.date) == (words, None)
    assert item.due.kind in (DueKind.UNKNOWN, DueKind.PERIOD)
    assert any(w.line == 8 and words in w.message for w in postmortem.warnings)


@pytest.mark.parametrize(
    "line", ["- Move the disk in two racks", "- Alert within 5 minutes of the fault", "- Stop the job"]
)
def test_other_words_are_no_date(line: str) -> None:
    assert of(line).items[0].due is None


def test_a_question_or_an_idea_is_unsure_unless_somebody_owns_it() -> None:
    lines = (
        "- Could the cache be warmed from its neighbour region?",
        "- Maybe move the disk",
        "- Maybe move it, owner: Ana",
    )
    found = {item.text: item.unsure for item in of(*lines).items}
    assert found["Maybe move the disk"] == "it is put as an idea"
    assert found["Maybe move it"] == ""
    assert not any("cache" in text and not unsure for text, unsure in found.items())


def test_fields_of_the_template_left_among_filled_lines_are_left_out() -> None:
    lines = ("Add a canary stage owner Ana Lima by 2026-06-01.", "[change] owner [name] by [date].")
    postmortem = of(*lines)
    assert [(item.line, item.text) for item in postmortem.items] == [(8, "Add a canary stage")]
    assert [left.why for left in postmortem.left_out] == ["it is a placeholder"]


@pytest.mark.parametrize(
    ("line", "owners", "due"),
    [
        ("- Add a breaker (Sarah, 31 Jul 2026)", ["Sarah"], "2026-07-31"),
        ("- Add a breaker (by 2026-03-10, Lee)", ["Lee"], "2026-03-10"),
        ("- Add a breaker (Hana Sato, due 2026-09-04)", ["Hana Sato"], "2026-09-04"),
        ("- Add a breaker (Redis)", [], None),
    ],
)
def test_a_name_beside_a_date_is_an_owner_and_alone_it_is_not(line: str, owners: list[str], due: str | None) -> None:
    (item,) = of(line).items
    assert [owner.text for owner in item.owners] == owners
    assert (item.due_date.isoformat() if item.due_date else None) == due


def test_a_url_in_front_is_the_ticket_and_not_the_text() -> None:
    (item,) = of("- https://github.com/acme/web/issues/12 - Add an alert").items
    assert item.text == "Add an alert"
    assert [reference.text for reference in item.references] == ["https://github.com/acme/web/issues/12"]
