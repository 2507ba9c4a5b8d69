"""One line of an action section: its text, owners, due date, state and tickets."""

from __future__ import annotations

import pytest

from sync.formats import parse
from sync.model import ActionItem, DueKind

HEAD = "---\ntitle: Checkout down\ndate: 2026-03-01\nauthors: [Ana Lima, Bo Chen]\n---\n## Action items\n\n"


def items(markdown: str) -> tuple[ActionItem, ...]:
    return parse((HEAD + markdown).encode(), "x.md").items


def read(line: str) -> tuple[str, str, str, str, str]:
    """text, owners, due, state and tickets of the only item of a line."""
    (item,) = items(line + "\n")
    due = item.due_date.isoformat() if item.due_date else ""
    return (
        item.text,
        ",".join(owner.text for owner in item.owners),
        due,
        item.state.value,
        ",".join(reference.text for reference in item.references),
    )


GH = "https://github.com/o/r/issues/12"
PR = "https://github.com/o/r/pull/13"
JIRA = "https://x.atlassian.net/browse/OPS-12"

OWNERS = [
    ("- Add a limit (@ana)", "Add a limit", "ana"),
    ("- Add a limit [@ana, @bo]", "Add a limit", "ana,bo"),
    ("- Add a limit - @ana", "Add a limit", "ana"),
    ("- Add a limit — @ana and @bo", "Add a limit", "ana,bo"),
    ("- Add a limit @ana", "Add a limit", "ana"),
    ("- Add a limit. @ana @bo", "Add a limit.", "ana,bo"),
    ("- @ana: Add a limit", "Add a limit", "ana"),
    ("- @ana Add a limit", "@ana Add a limit", ""),
    ("- [@ana] Add a limit", "Add a limit", "ana"),
    ("- (@ana) Add a limit", "Add a limit", "ana"),
    ("- @ana to add a limit", "add a limit", "ana"),
    ("- **@ana**: Add a limit", "Add a limit", "ana"),
    ("- Add a limit [Rick]", "Add a limit", "Rick"),
    ("- Add a limit [Rick, Morty Smith]", "Add a limit", "Rick,Morty Smith"),
    ("- Add a limit (Ana Lima)", "Add a limit", "Ana Lima"),
    ("- Add a limit (Ana)", "Add a limit", "Ana"),
    ("- Add a limit (Prometheus)", "Add a limit (Prometheus)", ""),
    ("- Add a limit (Ana Lima / Bo Chen)", "Add a limit", "Ana Lima,Bo Chen"),
    ("- Ana Lima: Add a limit", "Add a limit", "Ana Lima"),
    ("- Ana to add a limit", "add a limit", "Ana"),
    ("- Add a limit - Ana Lima", "Add a limit", "Ana Lima"),
    ("- Add a limit — Zoe", "Add a limit", "Zoe"),
    ("- Add a limit — Zoe Quinn", "Add a limit", "Zoe Quinn"),
    ("- Add a limit. Owner: Zoe Quinn", "Add a limit.", "Zoe Quinn"),
    ("- Add a limit. Owner: Zoe Quinn.", "Add a limit.", "Zoe Quinn"),
    ("- Add a limit (owner: zoe)", "Add a limit", "zoe"),
    ("- Add a limit (Owner: Platform team)", "Add a limit", "Platform team"),
    ("- Add a limit **Owner:** Zoe", "Add a limit", "Zoe"),
    ("- **Owner**: Zoe - Add a limit", "Add a limit", "Zoe"),
    ("- Add a limit; assignee: zoe@example.org", "Add a limit", "zoe@example.org"),
    ("- Add a limit (zoe@example.org)", "Add a limit", "zoe@example.org"),
    ("- Add a limit (Owner: TBD)", "Add a limit", ""),
    ("- Add a limit (Owner: ???)", "Add a limit", ""),
    ("- Add a limit [TBD]", "Add a limit", ""),
    ("- Add a limit, assigned to Zoe Quinn", "Add a limit", "Zoe Quinn"),
    ("- Add a limit (assigned to @zoe)", "Add a limit", "zoe"),
    ("- Add a limit (DRI: @zoe)", "Add a limit", "zoe"),
    ("- Talk to @ana", "Talk to @ana", ""),
    ("- Email `@ana`", "Email @ana", ""),
    ("- Notify ops@example.org", "Notify ops@example.org", ""),
    ("- Review the owner: field of alerts", "Review the owner: field of alerts", ""),
    ("- Ask the team lead to review", "Ask the team lead to review", ""),
    ("- Add a limit [P1] [@ana]", "Add a limit", "ana"),
    ("- Upgrade to Python 3.12 (see docs)", "Upgrade to Python 3.12 (see docs)", ""),
    ("- Add a limit <!-- @bo -->", "Add a limit", ""),
    ("- Add a limit ([@ana](https://github.com/ana))", "Add a limit", "ana"),
    ("- Add a limit\n  - Owner: Zoe Quinn\n  - Priority: P1", "Add a limit", "Zoe Quinn"),
    ("- Add a limit\n  Owner: Zoe Quinn\n  Due: 2026-04-03", "Add a limit", "Zoe Quinn"),
    ("- Add a limit\n\n  **Owner:** Zoe Quinn", "Add a limit", "Zoe Quinn"),
    ("- Add a limit\n  - @zoe", "Add a limit", "zoe"),
    ("- Add a limit | Owner: Zoe | Due: 2026-04-03", "Add a limit", "Zoe"),
    ("- Add a limit (Owner: Zoe, Due: 2026-04-03)", "Add a limit", "Zoe"),
    ("- Add a limit (@zoe, 2026-04-03, P1)", "Add a limit", "zoe"),
    ("- TODO(zoe): add a limit", "add a limit", "zoe"),
    ("- Add a limit owner Zoe by 2026-04-03", "Add a limit", "Zoe"),
]


@pytest.mark.parametrize(("line", "text", "owners"), OWNERS, ids=[case[0] for case in OWNERS])
def test_owners_are_found_and_cut(line: str, text: str, owners: str) -> None:
    assert read(line)[:2] == (text, owners)


DUES = [
    ("- Add a limit by 2026-04-03", "Add a limit", "2026-04-03"),
    ("- Add a limit (by 3 April 2026)", "Add a limit", "2026-04-03"),
    ("- Add a limit, due April 3, 2026", "Add a limit", "2026-04-03"),
    ("- Add a limit (due Apr 3)", "Add a limit", "2026-04-03"),
    ("- Add a limit (due: Fri, Apr 3)", "Add a limit", "2026-04-03"),
    ("- Add a limit (due: Thu, Apr 3)", "Add a limit", ""),
    ("- Add a limit - 2026-04-03", "Add a limit", "2026-04-03"),
    ("- Add a limit (2026-04-03)", "Add a limit", "2026-04-03"),
    ("- Add a limit. Due: 2026-04-03.", "Add a limit.", "2026-04-03"),
    ("- Add a limit **Due:** 2026-04-03 **Owner:** Zoe", "Add a limit", "2026-04-03"),
    ("- Add a limit (ETA: 2026-04-03)", "Add a limit", "2026-04-03"),
    ("- Add a limit (due 03/04/2026)", "Add a limit", ""),
    ("- Add a limit (due 13/04/2026)", "Add a limit", "2026-04-13"),
    ("- Add a limit (due TBD)", "Add a limit", ""),
    ("- Add a limit (Q2 2026)", "Add a limit", ""),
    ("- Add a limit by Q2 2026", "Add a limit", ""),
    ("- Add a limit (due: in two weeks)", "Add a limit", ""),
    (
        "- Renew the certificate that expired on 2026-02-28 early",
        "Renew the certificate that expired on 2026-02-28 early",
        "",
    ),
    ("- Add a limit @ana 2026-04-03", "Add a limit", "2026-04-03"),
    ("- Add a limit (fällig am 3. April 2026)", "Add a limit", "2026-04-03"),
]


@pytest.mark.parametrize(("line", "text", "due"), DUES, ids=[case[0] for case in DUES])
def test_due_dates_are_found_and_cut(line: str, text: str, due: str) -> None:
    found = read(line)
    assert (found[0], found[2]) == (text, due)


STATES = [
    ("- Add a limit", "Add a limit", "open"),
    ("- [ ] Add a limit", "Add a limit", "open"),
    ("- [x] Add a limit", "Add a limit", "done"),
    ("- [X] Add a limit", "Add a limit", "done"),
    ("1. [x] Add a limit", "Add a limit", "done"),
    ("- ✅ Add a limit", "Add a limit", "done"),
    ("- Add a limit ✅", "Add a limit", "done"),
    ("- ☑️ Add a limit", "Add a limit", "done"),
    ("- :white_check_mark: Add a limit", "Add a limit", "done"),
    ("- 🚧 Add a limit", "Add a limit", "open"),
    ("- [DONE] Add a limit", "Add a limit", "done"),
    ("- DONE: Add a limit", "Add a limit", "done"),
    ("- **Done** - Add a limit", "Add a limit", "done"),
    ("- Add a limit (DONE)", "Add a limit", "done"),
    ("- Add a limit - done", "Add a limit", "done"),
    ("- Add a limit. DONE.", "Add a limit.", "done"),
    ("- Add a limit *(pending)*", "Add a limit", "open"),
    ("- Add a limit [WIP]", "Add a limit", "open"),
    ("- Add a limit (in progress)", "Add a limit", "open"),
    ("- Add a limit (won't do)", "Add a limit", "wontdo"),
    ("- WONTDO: Add a limit", "Add a limit", "wontdo"),
    ("- Add a limit (cancelled)", "Add a limit", "wontdo"),
    ("- ~~Add a limit~~", "Add a limit", "done"),
    ("- [x] ~~Add a limit~~", "Add a limit", "wontdo"),
    ("- ~~Add a limit~~ (won't do)", "Add a limit", "wontdo"),
    ("- Add a limit. We decided not to do this.", "Add a limit. We decided not to do this.", "wontdo"),
    ("- Add a limit - this has already been done.", "Add a limit - this has already been done.", "done"),
    ("- Added a limit to the proxy", "Added a limit to the proxy", "done"),
    ("- Created a ticket to add a limit", "Created a ticket to add a limit", "open"),
    ("- Set up alerting", "Set up alerting", "open"),
    ("- Status: closed. Add a limit", "Add a limit", "done"),
    ("- Add a limit (Status: In Progress)", "Add a limit", "open"),
    ("- Check what was done in 2025", "Check what was done in 2025", "open"),
    ("- Add a limit (not done)", "Add a limit", "open"),
    ("- Add a limit (done 2026-03-20)", "Add a limit", "done"),
    ("- Add a limit ([OPS-12](https://x.atlassian.net/browse/OPS-12), open)", "Add a limit", "open"),
    ("- [x] ~~Add a limit~~ ([OPS-12](https://x.atlassian.net/browse/OPS-12), won't do)", "Add a limit", "wontdo"),
]


@pytest.mark.parametrize(("line", "text", "state"), STATES, ids=[case[0] for case in STATES])
def test_states_are_found_and_cut(line: str, text: str, state: str) -> None:
    found = read(line)
    assert (found[0], found[3]) == (text, state)


TICKETS = [
    (f"- Add a limit {GH}", "Add a limit", GH),
    (f"- Add a limit <{GH}>", "Add a limit", GH),
    (f"- Add a limit ({GH})", "Add a limit", GH),
    (f"- Add a limit: {GH}", "Add a limit", GH),
    (f"- Add a limit ([#12]({GH}))", "Add a limit", GH),
    (f"- Add a limit [#12]({GH}), [#13]({PR})", "Add a limit", f"{GH},{PR}"),
    (f"- Add a limit. [Issue]({GH})", "Add a limit.", GH),
    (f"- Add a limit [[PR]({PR})]", "Add a limit", PR),
    (f"- [Add a limit]({GH})", "Add a limit", GH),
    (f"- [OPS-12]({JIRA}) Add a limit", "Add a limit", JIRA),
    (f"- [OPS-12]({JIRA}): Add a limit", "Add a limit", JIRA),
    (f"- [#12]({GH}) - Add a limit", "Add a limit", GH),
    ("- OPS-12: Add a limit", "Add a limit", "OPS-12"),
    ("- [OPS-12] Add a limit", "Add a limit", "OPS-12"),
    ("- Add a limit (OPS-12)", "Add a limit", "OPS-12"),
    ("- Add a limit (#12)", "Add a limit", "#12"),
    ("- Add a limit #12", "Add a limit", "#12"),
    ("- Add a limit (o/r#12)", "Add a limit", "o/r#12"),
    ("- Add a limit, see #12", "Add a limit", "#12"),
    ("- Add a limit. Ticket: OPS-12", "Add a limit.", "OPS-12"),
    ("- Add a limit (Ticket: OPS-12, Owner: Zoe)", "Add a limit", "OPS-12"),
    ("- #12", "#12", "#12"),
    (f"- {GH}", GH, GH),
    (f"- Speed up the [slow index]({GH}) build", "Speed up the slow index build", GH),
    (f"- Add a limit (done in {PR})", "Add a limit", PR),
    (f"- Add a limit - done in {PR}", "Add a limit", PR),
    (f"- Add a limit\n  ([#12]({GH}))", "Add a limit", GH),
    (f"- Add a limit\n  - {GH}", "Add a limit", GH),
    ("- Add a limit [#12]\n\n[#12]: " + GH, "Add a limit", GH),
    ("- Add a limit ([ticket][t])\n\n[t]: " + GH, "Add a limit", GH),
    ("- Use UTF-8 and SHA-256 everywhere", "Use UTF-8 and SHA-256 everywhere", ""),
    ("- Link INC-1234 to the review", "Link INC-1234 to the review", ""),
    ("- Make it our #1 priority", "Make it our #1 priority", ""),
    ("- Read https://example.org/docs/issues", "Read https://example.org/docs/issues", ""),
    ("- Revert https://github.com/o/r/commit/abc123", "Revert https://github.com/o/r/commit/abc123", ""),
    ("- Add a limit ([LOCAL-3](local:LOCAL-3))", "Add a limit", "local:LOCAL-3"),
    ("- Add a limit [LOCAL-3](local:LOCAL-3)", "Add a limit", "local:LOCAL-3"),
    (
        "- Add a limit (https://git.corp.example/team/app/-/issues/7)",
        "Add a limit",
        "https://git.corp.example/team/app/-/issues/7",
    ),
    (
        "- Add a limit (https://ghe.corp.example/team/app/issues/7)",
        "Add a limit",
        "https://ghe.corp.example/team/app/issues/7",
    ),
]


@pytest.mark.parametrize(("line", "text", "tickets"), TICKETS, ids=[case[0] for case in TICKETS])
def test_tickets_are_found_and_cut(line: str, text: str, tickets: str) -> None:
    found = read(line)
    assert (found[0], found[4]) == (text, tickets)


@pytest.mark.parametrize("line", [case[0] for case in (*OWNERS, *DUES, *STATES, *TICKETS)])
def test_spans_hold_the_words_they_stand_for(line: str) -> None:
    postmortem = parse((HEAD + line + "\n").encode(), "x.md")
    for item in postmortem.items:
        for owner in item.owners:
            assert owner.span is not None
            assert owner.text in postmortem.data[slice(*owner.span)].decode().replace("\n", " ")
        if item.due:
            assert item.due.span is not None
            assert postmortem.data[slice(*item.due.span)].decode() == item.due.text
        for reference in item.references:
            if reference.target:
                assert postmortem.data[slice(*reference.target)].decode() == reference.text


def owners_of(markdown: str) -> list[str]:
    return [",".join(owner.text for owner in item.owners) for item in items(markdown)]


def test_names_at_the_end_of_most_items_are_owners() -> None:
    assert owners_of("- Add a limit (Zoe)\n- Rotate keys (Yann Le Bris)\n- Write docs\n") == ["Zoe", "Yann Le Bris", ""]
    assert owners_of("- Add a limit - Zoe\n- Rotate keys - Yann\n") == ["Zoe", "Yann"]
    assert owners_of("- Add a limit (Prometheus)\n- Rotate keys\n- Write docs\n") == ["", "", ""]
    assert owners_of("- Add a limit (Backups)\n- Rotate keys (Alerts)\n- Fix backups and alerts\n") == ["", "", ""]


def test_names_stay_owners_when_tickets_are_written_behind_them() -> None:
    written = "- Add a limit (Zoe) ([OPS-1](https://x/browse/OPS-1), open)\n- Rotate keys (Yann) ([OPS-2](https://x/browse/OPS-2), done 2026-03-20)\n"
    assert owners_of(written) == ["Zoe", "Yann"]
    assert owners_of("- [x] Add a limit (Zoe) ([o/r#1](https://h/o/r/issues/1))\n- [ ] Rotate keys (Yann)\n") == [
        "Zoe",
        "Yann",
    ]


@pytest.mark.parametrize(
    "tail", ["owner: Ana Lima, due: TBD", "owner: Ana Lima; due: TBD", "due: TBD, owner: Ana Lima"]
)
def test_a_due_date_to_be_decided_is_neither_a_state_nor_an_owner(tail: str) -> None:
    (item,) = parse(f"## Action items\n\n- [ ] Add a limit to the queue, {tail}\n".encode(), "a.md").items
    assert (item.text, [owner.text for owner in item.owners]) == ("Add a limit to the queue", ["Ana Lima"])
    assert item.due is not None
    assert (item.due.text, item.due.kind) == ("TBD", DueKind.NONE)


def test_a_handle_at_the_beginning_is_taken_whole() -> None:
    (item,) = parse(b"## Action items\n\n- @ana-lima add a limit\n", "a.md").items
    assert "ana" not in [owner.text for owner in item.owners]
    (item,) = parse(b"## Action items\n\n- @ana-lima: add a limit\n", "a.md").items
    assert [owner.text for owner in item.owners] == ["ana-lima"]
