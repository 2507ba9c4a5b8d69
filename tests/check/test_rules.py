"""Each rule: what it flags, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from config.settings import CheckSettings
from docs.generate.rules import between, page
from sync.check.check import CheckOptions
from sync.check.rules import BY_ID, RULES, Rule, Severity
from sync.check.template import render
from sync.policies.days import within
from sync.policies.policies import DeadlinePolicy, Match, Policies
from tests.check.checking import GOOD, TODAY, document, example, found, reported, rules

PAGE = Path(__file__).parents[2] / "docs" / "check.md"
by_id = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@by_id
def test_its_bad_example_is_flagged_with_its_severity(rule: Rule) -> None:
    severities = {one.severity for one in found(example(rule, rule.bad)) if one.rule == rule.id}
    assert severities == {rule.severity}


@by_id
def test_its_bad_example_breaks_no_other_rule(rule: Rule) -> None:
    also = {"empty-section": {"sections"}}.get(rule.id, set())
    assert set(rules(example(rule, rule.bad))) == {rule.id} | also


@by_id
def test_its_good_example_is_faultless(rule: Rule) -> None:
    assert rules(example(rule, rule.good)) == []


@by_id
def test_each_vague_line_of_an_example_is_flagged(rule: Rule) -> None:
    if rule.id == "specific":
        assert rules(example(rule, rule.bad)) == [rule.id] * len(rule.bad.splitlines())


@by_id
def test_it_can_be_switched_off_and_given_another_severity(rule: Rule) -> None:
    text = example(rule, rule.bad)
    assert rule.id not in rules(text, CheckOptions(disable=frozenset({rule.id})))
    other = Severity.NOTE if rule.severity is Severity.ERROR else Severity.ERROR
    severities = {one.severity for one in found(text, CheckOptions(severity={rule.id: other})) if one.rule == rule.id}
    assert severities == {other}


def test_the_page_is_written_from_the_rules() -> None:
    text = PAGE.read_text("utf-8")
    assert between(text, "rules", page()) == text, "run make docs"


def test_the_settings_know_every_rule() -> None:
    known = get_args(get_args(CheckSettings.model_fields["disable"].annotation)[0])
    assert known == tuple(BY_ID)
    assert CheckSettings().max_items == CheckOptions().max_items


class TestItems:
    def test_what_is_closed_or_linked_needs_no_owner_and_no_date(self) -> None:
        items = (
            "- [x] Raise the limit of the queue\n- [ ] Alert on the queue ([OPS-12](https://example.com/browse/OPS-12))\n"
            + GOOD
        )
        assert rules(document(items)) == []

    def test_where_none_has_an_owner_that_is_told_once(self) -> None:
        items = "\n".join(f"- [ ] Add a limit to queue number {n}, due: 2026-06-01" for n in range(1, 5))
        (one,) = found(document(items))
        assert (one.rule, one.message) == ("owned", "none of the 4 open items names an owner")
        assert one.items == (0, 1, 2, 3)
        assert one.also == (one.line + 1, one.line + 2, one.line + 3)

    def test_where_some_have_one_each_that_lacks_it_is_told(self) -> None:
        items = (
            GOOD + "\n- [ ] Add a limit to the mail queue, due: 2026-06-01\n- [ ] Add one to orders, due: 2026-06-01"
        )
        assert [one for one, _, _ in reported(document(items))] == ["owned", "owned"]

    @pytest.mark.parametrize("due", ["TBD", "soon", "Q3 2026", "next sprint", "N/A"])
    def test_words_are_no_due_date(self, due: str) -> None:
        assert rules(document(f"{GOOD}\n- [ ] Add a limit to the mail queue, owner: Ana Lima, due: {due}")) == ["dated"]

    @pytest.mark.parametrize(
        ("due", "rule"),
        [
            ("2026-02-30", "due-valid"),
            ("2026-05-03", "due-valid"),
            ("05/06/2026", "due-valid"),
            ("2026-05-17", "due-past"),
            ("2027-05-06", "due-far"),
            ("2062-06-01", "due-far"),
        ],
    )
    def test_a_wrong_due_date_is_marked_where_it_stands(self, due: str, rule: str) -> None:
        text = document(f"- [ ] Add a limit to the mail queue, owner: Ana Lima, due: {due}")
        assert reported(text) == [(rule, text.count("\n"), due)]

    @pytest.mark.parametrize("due", ["2026-05-18", "2026-06-01", "1 June 2026", "2027-05-05"])
    def test_a_right_one_is_not(self, due: str) -> None:
        assert rules(document(f"- [ ] Add a limit to the mail queue, owner: Ana Lima, due: {due}")) == []

    def test_a_table_is_read_like_a_list(self) -> None:
        head = "| Action | Owner | Due |\n|---|---|---|\n"
        text = document(head + "| Add a limit to the queue | | |\n| Add an alert at 80 % | Ana Lima | 2026-06-01 |")
        words = "Add a limit to the queue"
        assert [(rule, marked) for rule, _, marked in reported(text)] == [("owned", words), ("dated", words)]

    def test_the_limit_of_items_counts_what_is_open(self) -> None:
        items = "\n".join(f"- [{'x' if n > 7 else ' '}]{GOOD[5:].replace('80', str(80 + n))}" for n in range(1, 13))
        assert rules(document(items)) == []
        assert rules(document(items), CheckOptions(max_items=6)) == ["few-items"]

    def test_a_person_and_their_team_are_one_owner(self) -> None:
        head = "| Action | Owner | Due |\n|---|---|---|\n"
        both = head + "| Add a limit to the queue | Ana Lima, Storage team | 2026-06-01 |"
        assert rules(document(both)) == []
        two = head + "| Add a limit to the queue | Ana Lima, Jonas Weber | 2026-06-01 |"
        assert rules(document(two)) == ["one-owner"]


@pytest.mark.parametrize(
    "words",
    [
        "Improve monitoring",
        "Better documentation",
        "Improve our alerting and monitoring",
        "We should improve the overall communication",
        "Be more careful when deploying on Fridays",
        "Remind everyone to read the runbook",
        "Pay closer attention to the disk graph",
        "Keep an eye on the error rate",
        "Look into the slow queries",
        "We should consider a second region",
        "Discuss the rollout",
        "Monitoring",
        "Fix tests",
    ],
)
def test_a_vague_item_is_flagged(words: str) -> None:
    assert rules(document(f"{GOOD}\n- [ ] {words}, owner: Ana Lima, due: 2026-06-01")) == ["specific"]


@pytest.mark.parametrize(
    "words",
    [
        "Improve monitoring of the order queue: page at 80 %",
        "Automate certificate renewal",
        "Investigate why the pager stayed silent and write down the finding",
        "Look into the slow queries; fix the three slowest",
        "Evaluate two queue vendors and decide on one",
        "Add an alert on replication lag",
        "Document how to fail over the database",
        "Set resource limits on the ingress",
        "Move `checkout` to its own pool",
        "Careful rollout of the new parser behind a flag",
        "Train the on-call rotation on the new failover tool",
        "監視を追加する",
    ],
)
def test_a_specific_one_is_not(words: str) -> None:
    assert rules(document(f"{GOOD}\n- [ ] {words}, owner: Ana Lima, due: 2026-06-01")) == []


class TestSections:
    def test_other_usual_names_of_them_count(self) -> None:
        text = (
            "# Orders were late\n\n## TL;DR\n\nx\n\n## Customer impact\n\nx\n\n## Timeline (all times UTC)\n\nx\n\n"
            "## 5 Whys\n\nx\n\n## Lessons learned\n\nx\n\n## Next steps\n\n"
        )
        assert rules(text + GOOD) == []

    def test_labels_and_bold_lines_count(self) -> None:
        text = (
            "# Orders were late\n\n- Summary: late orders.\n- **Impact**: 1,200 orders.\n\n**Timeline**\n\nx\n\n"
            "| Root cause | a full queue |\n|---|---|\n\n**What went well:** the page.\n\n## Action items\n\n"
        )
        assert rules(text + GOOD) == []

    def test_what_is_missing_is_named_once(self) -> None:
        text = "# Orders were late\n\n## Summary\n\nx\n\n## Timeline\n\nx\n\n## Action items\n\n" + GOOD
        (one,) = found(text)
        assert one.message == "no section: Impact, Root cause, What went well and what did not"
        assert (one.line, one.column, one.end_column) == (1, 1, 19)

    def test_a_table_with_empty_rows_and_a_comment_fill_nothing(self) -> None:
        text = (
            document()
            .replace("| 09:12 | the queue is full |", "| | |")
            .replace("The status page was quick.", "<!-- -->")
        )
        (one,) = found(text)
        assert one.message == "nothing is written under: Timeline, What went well and what did not"

    def test_what_stands_below_a_deeper_heading_counts(self) -> None:
        assert rules(document().replace("The status page", "### Detection\n\nThe status page")) == []

    def test_code_is_no_heading(self) -> None:
        text = document().replace("## Impact\n\n1,200", "```\n## Impact\n```\n\n1,200")
        (one,) = found(text)
        assert one.message == "no section: Impact"


class TestTemplate:
    def test_unfilled_it_is_told_to_be_empty_and_fails_nothing(self) -> None:
        findings = found(render("Orders were late", TODAY))
        assert [one.rule for one in findings] == ["empty-section", "has-items"]
        assert all(one.severity is not Severity.ERROR for one in findings)

    def test_filled_in_it_is_faultless(self) -> None:
        text = render('Orders "late": again', date(2026, 5, 4)).replace("| | |", "| 09:12 | the queue is full |")
        for heading in ("Summary", "Impact", "Root cause", "What went well and what did not"):
            text = text.replace(f"## {heading}\n", f"## {heading}\n\nSomething that happened.\n")
        text = text.replace("status: draft", "status: published") + "\n" + GOOD + "\n"
        assert rules(text) == []


class TestPolicies:
    BARE = "- [ ] Page when the order queue is 80 % full"

    def reported(
        self, items: str, policy: DeadlinePolicy, today: date = TODAY, disable: tuple[str, ...] = ()
    ) -> list[tuple[str, str]]:
        chosen = CheckOptions(frozenset(disable), policies=Policies((policy,)))
        return [(one.rule, one.message) for one in found(document(items, front="severity: SEV-1\n"), chosen, today)]

    def test_the_day_and_the_policy_are_named(self) -> None:
        policy = DeadlinePolicy("severity 1", Match(severity=("1",)), due=within("15 working days"))
        assert self.reported(GOOD, policy) == [
            ("policy", "it is to be due by 2026-05-25 (15 working days after the incident; policy “severity 1”)")
        ]
        assert self.reported(GOOD, replace(policy, match=Match(severity=("2",)))) == []

    def test_what_is_missing_is_told_once(self) -> None:
        policy = DeadlinePolicy("all", assigned=within("3d"), due=within("30 days"))
        assert [rule for rule, _ in self.reported(self.BARE, policy)] == ["owned", "dated"]
        off = ("owned", "dated")
        assert self.reported(self.BARE, policy, disable=off) == [
            ("policy", "it was to have an owner by 2026-05-07 (3 days after the incident; policy “all”)"),
            ("policy", "it is to be due by 2026-06-03 (30 days after the incident; policy “all”)"),
        ]
        assert [rule for rule, _ in self.reported(self.BARE, policy, date(2026, 5, 7), disable=off)] == ["policy"]

    def test_a_policy_that_gives_the_date_asks_for_none(self) -> None:
        policy = DeadlinePolicy("all", due=within("30 days"), fills_due=True)
        owned = f"{self.BARE}, owner: Ana Lima"
        assert self.reported(owned, policy) == []
        assert self.reported(owned, policy, disable=("dated",)) == []
        assert [rule for rule, _ in self.reported(f"{owned}, due: soon", policy)] == ["dated"]

    def test_what_was_to_be_done_by_now(self) -> None:
        policy = DeadlinePolicy("all", done=within("2 weeks"))
        assert self.reported(GOOD, policy) == []
        assert [rule for rule, _ in self.reported(GOOD, policy, date(2026, 5, 19))] == ["policy"]
        assert self.reported(GOOD.replace("[ ]", "[x]"), policy, date(2026, 5, 19)) == []
        linked = GOOD + " ([OPS-12](https://example.com/browse/OPS-12))"
        assert self.reported(linked, policy, date(2026, 5, 19)) == []
