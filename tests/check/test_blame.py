"""Wording: a person as the cause is flagged; quotations, roles, systems and denials are not."""

from __future__ import annotations

import pytest

from tests.check.checking import document, found, reported, rules

BLAMES = [
    "The outage was caused by human error.",
    "The root cause was operator error during the upgrade.",
    "Somebody fat-fingered the region name.",
    "The on-call engineer forgot to renew the certificate.",
    "The engineer on duty failed to follow the runbook.",
    "A junior developer neglected the migration checklist.",
    "The contractor didn't bother to read the change log.",
    "She forgot to enable the flag.",
    "Someone had forgotten to raise the limit.",
    "@jweber failed to check the staging result.",
    "Jonas Weber should have noticed the alert.",
    "Jonas should have tested this before merging.",
    "He really should have known better.",
    "The deployer's haste aside, the developer was to blame.",
    "One of the engineers was at fault.",
    "It was his fault that the backup was old.",
    "This was due to the engineer's negligence.",
    "The blame lies with the database administrator.",
    "We blame the contractor for the delay.",
    "The change was carelessly rolled out.",
    "It was a reckless decision to deploy on Friday.",
    "The responder was too lazy to open the dashboard.",
    "The engineer ignored the warning on the screen.",
    "This happened because the engineer did not verify the backup.",
    "The author knew better.",
    "The engineer should have been more careful.",
    "The engineer was reprimanded.",
    "Disciplinary action will follow.",
    "We will hold the contractor responsible.",
    "The alert was silent, and the on-call engineer forgot to look at the dashboard.",
    "The **on-call engineer** forgot to\nrenew the certificate.",
    "The engineer’s carelessness was expensive.",
]
LEAVES = [
    # denials and the principle itself
    "Nobody is to blame.",
    "This is a blameless postmortem: human error is where we start asking.",
    "Human error is not a root cause.",
    "Human error is never the cause.",
    "There was no human error involved.",
    "We do not blame the engineer who ran the command.",
    "Nobody should blame the on-call engineer.",
    "Rather than blaming the engineer, we changed the tool.",
    "This is not to say that the engineer should have known.",
    "It wasn't his fault.",
    "We avoid asking whether the operator was at fault.",
    "No one was careless.",
    # quotations, code, comments, quoted blocks, what is struck out
    'A customer wrote: "your engineer was careless and should have known better".',
    "The headline said “human error”.",
    "The ticket read 'the engineer forgot to renew it'.",
    "The function `blame the engineer` was renamed.",
    "> The engineer forgot to renew it.",
    "```\nhuman error: the engineer was at fault\n```",
    "<!-- the engineer forgot to renew it -->",
    "~~The engineer forgot to renew it.~~",
    "See https://example.com/human-error and [the page](https://example.com/the-engineer-forgot).",
    # roles and people who merely act
    "The incident commander handed over to the communications lead.",
    "The on-call engineer was paged and acknowledged within four minutes.",
    "Jonas Weber rolled the change back.",
    "Jonas is responsible for the storage service.",
    "The scribe is responsible for keeping a log of the incident.",
    "The engineer on call is the owner of this runbook.",
    "An engineer ran the command against production, which the tool allowed.",
    "The engineer accidentally deleted the volume: production and staging look the same in the console.",
    "The on-call engineer should have been paged at 09:12.",
    "The on-call engineer should have received an alert.",
    "The on-call engineer failed to reach the vendor.",
    "The engineer did not have access to the console.",
    "Because the engineer did not have access, the vendor was called.",
    # systems
    "The pod failed to start, and the scheduler failed to notice.",
    "The load balancer was at fault.",
    "A page fault in the kernel, and a fault in the upstream network.",
    "The culprit was a missing index; git blame showed the commit.",
    "The health check should have caught this.",
    "This should have been caught in review.",
    "We should have declared the incident sooner.",
    "We forgot to renew the certificate, since nothing reminded us.",
    "The worker forgot its lease after the restart.",
    "Kubernetes ignored the annotation.",
    "Images are lazily loaded, and the lazy loader is slow.",
    "The alert was fired, then dismissed.",
    "User error rates went up to 4 %.",
    "The errors are their own metric; the service and their defaults changed.",
    "A negligible share of requests was affected.",
]


@pytest.mark.parametrize("text", BLAMES)
def test_a_person_as_the_cause_is_flagged(text: str) -> None:
    findings = found(document(text=text, front="authors: Jonas Weber\n"))
    assert {one.rule for one in findings} == {"blameless"}
    assert all(one.suggestion.endswith(".") for one in findings)


@pytest.mark.parametrize("text", LEAVES)
def test_all_else_is_left_alone(text: str) -> None:
    assert rules(document(text=text, front="authors: Jonas Weber\n")) == []


def test_the_words_themselves_are_marked() -> None:
    text = document(text="Before. Then the **on-call** engineer forgot to do it, it was his fault.")
    assert [marked for _, _, marked in reported(text)] == ["the **on-call** engineer forgot", "his fault"]


def test_it_looks_at_cells_headings_and_items() -> None:
    text = document(
        "- [ ] Page at 80 %, since he forgot to look, owner: Ana Lima, due: 2026-06-01",
        "### Human error\n\n| Time | Event |\n|---|---|\n| 09:00 | the engineer forgot to look |\n",
    )
    assert [rule for rule, _, _ in reported(text)] == ["blameless"] * 3


def test_a_name_that_is_a_word_elsewhere_is_none() -> None:
    text = document(text="The mark is set. Mark should have moved.", front="authors: Mark\n")
    assert rules(text) == []
