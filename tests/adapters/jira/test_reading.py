"""Listings, look-ups, the look before a create, and who an owner is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from adapters.jira.reading import LABEL
from sync.errors import SettingsError, TrackerError
from sync.model import Owner, OwnerKind, Patch, Reference, State, TicketRef
from sync.ports import Created
from tests.adapters.jira.worlds import POSTMORTEM, JiraWorld, desired, made
from tests.simulators.jira_site import Person, Status
from tests.simulators.jira_wire import Fault


def ref(key: str) -> TicketRef:
    return TicketRef("jira", key.rpartition("-")[0], key)


# listings


def test_a_listing_reads_every_page_once(world: JiraWorld) -> None:
    world.jira.page_size = 7
    keys = [made(world.tracker, desired(world.tracker, f"Action {n}")).ref for n in range(20)]
    world.jira.log.clear()
    listing = world.tracker.changed("OPS", "")
    assert [ticket.ref for ticket in listing.tickets] == keys
    assert len(world.jira.calls("GET", "/search")) == 3


def test_a_listing_says_nothing_before_it_is_read(world: JiraWorld) -> None:
    world.tracker.changed("OPS", "")
    assert world.jira.log == []


def test_an_idle_listing_is_one_call_whatever_the_number_of_tickets(world: JiraWorld) -> None:
    world.tracker.create([desired(world.tracker, f"Action {n}") for n in range(150)])
    world.clock.sleep(3600)
    first = world.tracker.changed("OPS", "")
    assert len(list(first.tickets)) == 150
    world.clock.sleep(3600)
    world.jira.log.clear()
    assert list(world.tracker.changed("OPS", str(first.cursor)).tickets) == []
    assert len(world.jira.log) == 1


def test_a_change_that_the_index_shows_late_is_not_missed(cloud: JiraWorld) -> None:
    ticket = made(cloud.tracker, desired(cloud.tracker))
    cloud.clock.sleep(3600)
    cursor = str(cloud.tracker.changed("OPS", "").cursor)
    cloud.site.lag = timedelta(seconds=100)
    cloud.clock.sleep(600)
    cloud.person_closes(ticket.ref, State.DONE)
    cloud.clock.sleep(30)
    early = cloud.tracker.changed("OPS", cursor)
    assert list(early.tickets) == []
    cloud.clock.sleep(120)
    late = cloud.tracker.changed("OPS", str(early.cursor))
    assert [found.state for found in late.tickets] == [State.DONE]


def test_the_time_zone_of_the_account_does_not_matter(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    cursor = str(world.tracker.changed("OPS", "").cursor)
    world.clock.sleep(7200)
    world.person_retitles(ticket.ref, "Another title")
    world.clock.sleep(300)
    assert [found.title for found in world.tracker.changed("OPS", cursor).tickets] == ["Another title"]
    queries = [call.one("jql") for call in world.jira.calls("GET", "/search")]
    assert queries[-1].startswith('labels in ("postmortem-sync") AND updated >= "-')


@pytest.mark.parametrize("cursor", ["nonsense", "2026-03-01T12:00:00"])
def test_a_cursor_that_cannot_be_read_lists_everything(world: JiraWorld, cursor: str) -> None:
    made(world.tracker, desired(world.tracker))
    world.clock.sleep(7200)
    assert len(list(world.tracker.changed("OPS", cursor).tickets)) == 1


def test_an_answer_without_a_list_is_a_failure_and_not_an_empty_project(world: JiraWorld) -> None:
    world.jira.faults.append(Fault("before", path="/search", status=200, body={"warningMessages": []}))
    with pytest.raises(TrackerError, match="issues: field required"):
        list(world.tracker.changed("OPS", "").tickets)


def test_a_search_that_goes_in_circles_ends(cloud: JiraWorld) -> None:
    again = {"issues": [], "nextPageToken": "same", "isLast": False}
    cloud.jira.faults.append(Fault("before", path="/search", status=200, body=again, times=9))
    with pytest.raises(TrackerError, match="over and over"):
        list(cloud.tracker.changed("OPS", "").tickets)


def test_data_center_reads_a_mark_once_for_each_version_of_a_ticket(datacenter: JiraWorld) -> None:
    ticket = made(datacenter.tracker, desired(datacenter.tracker))
    for _ in range(3):
        assert [found.mark for found in datacenter.tracker.changed("OPS", "").tickets] == [ticket.mark]
    datacenter.jira.log.clear()
    list(datacenter.tracker.changed("OPS", "").tickets)
    assert datacenter.jira.calls("GET", "/properties/") == []


def test_changes_are_read_page_by_page_while_time_passes(world: JiraWorld) -> None:
    world.jira.page_size = 10
    world.tracker.create([desired(world.tracker, f"Action {n}") for n in range(35)])
    world.clock.sleep(600)
    cursor = str(world.tracker.changed("OPS", "").cursor)
    world.clock.sleep(600)
    for issue in world.site.issues:
        world.site.touch(issue)
    world.clock.sleep(900)
    listing = world.tracker.changed("OPS", cursor)
    seen = set()
    for ticket in listing.tickets:
        seen.add(ticket.ref.key)
        world.clock.sleep(50)
    seen |= {ticket.ref.key for ticket in world.tracker.changed("OPS", str(listing.cursor)).tickets}
    assert seen == {issue.key for issue in world.site.issues}


def test_a_listing_of_data_center_that_takes_minutes_is_not_read_again(datacenter: JiraWorld) -> None:
    datacenter.jira.page_size = 1
    cursor = str(datacenter.tracker.changed("OPS", "").cursor)
    keys = [made(datacenter.tracker, desired(datacenter.tracker, f"Action {n}")).ref for n in range(5)]
    datacenter.clock.sleep(3600)
    listing = datacenter.tracker.changed("OPS", cursor)
    seen = []
    for ticket in listing.tickets:
        seen.append(ticket.ref)
        datacenter.clock.sleep(300)
    assert seen == keys
    assert list(datacenter.tracker.changed("OPS", str(listing.cursor)).tickets) == []


def test_a_ticket_that_was_moved_is_among_the_changes(world: JiraWorld) -> None:
    world.site.add_project("PAY")
    mark = made(world.tracker, desired(world.tracker)).mark
    cursor = str(world.tracker.changed("OPS", "").cursor)
    world.clock.sleep(3600)
    world.site.move(world.issue("OPS-1"), "PAY")
    world.clock.sleep(300)
    found = list(world.tracker.changed("OPS", cursor).tickets)
    assert [(ticket.ref.key, ticket.mark) for ticket in found] == [("PAY-1", mark)]
    list(world.tracker.changed("PAY", "").tickets)
    assert list(world.tracker.changed("OPS", cursor).tickets) == []


# look-ups


def test_look_ups_go_by_the_hundred(cloud: JiraWorld) -> None:
    refs = [answer.written.ticket.ref for answer in _many(cloud, 130) if answer.written]
    cloud.jira.log.clear()
    found = cloud.tracker.lookup(refs)
    assert all(found[one] for one in refs)
    assert [len(call.body["issueIdsOrKeys"]) for call in cloud.jira.calls("POST", "bulkfetch$")] == [100, 30]
    assert len(cloud.jira.log) == 2


def test_look_ups_on_data_center_go_by_the_hundred(datacenter: JiraWorld) -> None:
    for n in range(130):
        datacenter.person_creates(f"Somebody's {n}")
    found = datacenter.tracker.lookup([ref(f"OPS-{n}") for n in range(1, 131)])
    assert sum(ticket is not None for ticket in found.values()) == 130
    assert len(datacenter.jira.log) == 2


def _many(world: JiraWorld, number: int) -> list[Created]:
    return list(world.tracker.create([desired(world.tracker, f"Action {n}") for n in range(number)]))


def test_moved_deleted_and_invisible_tickets_are_told_apart(world: JiraWorld) -> None:
    world.site.add_project("PAY")
    tickets = [made(world.tracker, desired(world.tracker, f"Action {n}")) for n in range(4)]
    world.site.move(world.issue("OPS-1"), "PAY")
    world.site.delete(world.issue("OPS-2"))
    world.site.find("OPS-3").hidden = True
    world.settle()
    found = world.tracker.lookup([ticket.ref for ticket in tickets])
    moved = found[ref("OPS-1")]
    assert moved is not None
    assert (moved.ref, moved.former, moved.mark) == (TicketRef("jira", "PAY", "PAY-1"), "OPS-1", tickets[0].mark)
    assert moved.url.endswith("/browse/PAY-1")
    assert found[ref("OPS-2")] is None
    assert found[ref("OPS-3")] is None
    kept = found[ref("OPS-4")]
    assert kept is not None
    assert kept.former == ""


def test_words_that_are_no_key_are_not_asked_for(world: JiraWorld) -> None:
    strange = ref('OPS-1" OR project = "PAY')
    assert world.tracker.lookup([strange]) == {strange: None}
    assert world.jira.log == []


def test_completion_is_told_by_category_and_resolution(world: JiraWorld) -> None:
    project = world.site.projects["OPS"]
    project.statuses["Erledigt"] = Status("99", "Erledigt", "done")
    keys = [world.person_creates(f"Somebody's {n}") for n in range(5)]
    world.site.set_status(world.issue(keys[0]), "Erledigt", "Fixed")
    world.site.set_status(world.issue(keys[1]), "Erledigt", "won't DO")
    world.site.set_status(world.issue(keys[2]), "Erledigt")
    world.site.set_status(world.issue(keys[3]), "In Progress")
    world.site.set_status(world.issue(keys[4]), "Rejected")
    found = world.tracker.lookup(keys)
    states = [ticket.state for ticket in found.values() if ticket]
    assert states == [State.DONE, State.WONTDO, State.DONE, State.OPEN, State.WONTDO]
    assert [ticket.closed_on for ticket in found.values() if ticket][:2] == [date(2026, 3, 1)] * 2


def test_other_names_of_wont_do_come_from_settings(world: JiraWorld) -> None:
    key = world.person_creates("Somebody's")
    world.site.set_status(world.issue(key), "Done", "Parked")
    tracker = world.open(wontdo_resolutions=["parked"])
    ticket = tracker.lookup([key])[key]
    assert ticket is not None
    assert ticket.state is State.WONTDO


# the look before a create


def test_a_ticket_the_index_does_not_show_yet_is_found_by_its_key(cloud: JiraWorld) -> None:
    for n in range(30):
        cloud.person_creates(f"Somebody's {n}")
    cloud.clock.sleep(3600)
    began = cloud.clock.now()
    cloud.site.lag = timedelta(hours=2)
    ticket = made(cloud.tracker, desired(cloud.tracker))
    for n in range(120):
        cloud.person_creates(f"Another's {n}")
    last = made(cloud.tracker, desired(cloud.tracker, "Another action"))
    assert list(cloud.open().changed("OPS", "").tickets) == []
    cloud.jira.log.clear()
    found = cloud.open().marked("OPS", [POSTMORTEM], began - timedelta(minutes=10))
    assert {one.ref for one in found} == {ticket.ref, last.ref}
    assert len(cloud.jira.log) == 5


def test_the_look_costs_the_same_for_one_postmortem_and_for_many(world: JiraWorld) -> None:
    names = [f"path:docs/{n}.md" for n in range(40)]
    world.tracker.create([desired(world.tracker, postmortem=name) for name in names])
    world.settle()
    counts = []
    for postmortems in (names[:1], names):
        tracker = world.open()
        found = tracker.marked("OPS", postmortems, None)
        assert {ticket.mark.place for ticket in found if ticket.mark} == set(postmortems)
        counts.append(tracker.requests())
    assert counts[0] == counts[1]


def test_a_second_look_reads_what_is_new_alone(cloud: JiraWorld) -> None:
    names = [f"path:docs/{n}.md" for n in range(240)]
    cloud.tracker.create([desired(cloud.tracker, postmortem=name) for name in names])
    cloud.site.lag = timedelta(hours=1)
    looking = cloud.open()
    since = cloud.clock.now() - timedelta(minutes=10)
    assert [one.mark.place for one in looking.marked("OPS", names[:1], since) if one.mark] == names[:1]
    cloud.jira.log.clear()
    assert [one.mark.place for one in looking.marked("OPS", names[7:8], since) if one.mark] == names[7:8]
    # A search by the postmortem's label, its ticket, and what follows the newest.
    assert len(cloud.jira.log) == 3
    late = made(cloud.tracker, desired(cloud.tracker, "Made since", postmortem=names[0]))
    assert late.ref in {one.ref for one in looking.marked("OPS", names[:1], since)}


def test_a_ticket_that_comes_to_be_seen_after_a_younger_one_is_found(cloud: JiraWorld) -> None:
    cloud.site.lag = timedelta(hours=1)
    looking = cloud.open()
    since = cloud.clock.now() - timedelta(minutes=10)
    first = made(cloud.tracker, desired(cloud.tracker))
    issue = cloud.issue(first.ref)
    issue.hidden = True
    cloud.person_creates("Somebody's")
    assert list(looking.marked("OPS", [POSTMORTEM], since)) == []
    issue.hidden = False
    cloud.clock.sleep(60)
    assert [one.ref for one in looking.marked("OPS", [POSTMORTEM], since)] == [first.ref]


def test_an_empty_project_has_no_marks(world: JiraWorld) -> None:
    assert list(world.tracker.marked("OPS", [POSTMORTEM], world.clock.now())) == []
    assert list(world.tracker.marked("OPS", [POSTMORTEM], None)) == []


# marks


def test_a_mark_copied_or_forged_by_another_is_not_believed(world: JiraWorld) -> None:
    tracker = world.open(mark_key=b"")
    mine = made(tracker, desired(tracker))
    assert mine.mark is not None
    key = world.person_creates("Forged")
    world.issue(key).properties.update(world.issue(mine.ref).properties)
    world.site.edit(world.issue(key), {"labels": [LABEL]}, {})
    world.settle()
    listed = {ticket.ref: ticket.mark for ticket in tracker.changed("OPS", "").tickets}
    assert listed == {mine.ref: mine.mark, key: None}


def test_a_signed_mark_is_believed_on_anybodys_ticket_and_under_our_key_alone(world: JiraWorld) -> None:
    key = world.person_creates("Somebody's")
    ticket = world.tracker.lookup([key])[key]
    assert ticket is not None
    written = world.tracker.update(ticket, Patch(mark=desired(world.tracker).mark))
    assert written.dropped == ()
    assert written.ticket.mark is not None
    other = world.open(mark_key=b"another key").lookup([key])[key]
    assert other is not None
    assert other.mark is None


@pytest.mark.parametrize("value", [{}, {"mark": 7}, {"mark": "junk"}, {"mark": None}, {"other": "x"}])
def test_a_property_that_is_no_mark_of_ours_is_no_mark(world: JiraWorld, value: object) -> None:
    mine = made(world.tracker, desired(world.tracker))
    world.issue(mine.ref).properties["postmortem-sync"] = value
    again = world.open().lookup([mine.ref])[mine.ref]
    assert again is not None
    assert again.mark is None


# owners


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("ana lima", OwnerKind.NAME),
        ("Ana  Lima", OwnerKind.HANDLE),
        ("ana@example.org", OwnerKind.EMAIL),
    ],
)
def test_an_owner_is_found_by_whole_name_or_address(world: JiraWorld, words: str, kind: OwnerKind) -> None:
    found = world.tracker.accounts(Owner(words, kind), "OPS")
    assert found.one is not None
    assert (found.one.id, found.one.name) == (world.ana, "Ana Lima")


def test_an_account_id_or_a_user_name_is_an_account(world: JiraWorld) -> None:
    found = world.tracker.accounts(Owner(world.bo, OwnerKind.HANDLE), "OPS")
    assert found.one is not None
    assert found.one.id == world.bo


def test_an_address_that_is_hidden_finds_its_one_account(cloud: JiraWorld) -> None:
    found = cloud.tracker.accounts(Owner("bo@example.org", OwnerKind.EMAIL), "OPS")
    assert found.one is not None
    assert found.one.id == cloud.bo


def test_a_part_of_a_name_is_nobody_with_the_candidates_told(world: JiraWorld) -> None:
    found = world.tracker.accounts(Owner("Ana", OwnerKind.NAME), "OPS")
    assert found.one is None
    assert f"Ana Lima ({world.ana})" in found.why


def test_two_people_of_one_name_are_nobody(world: JiraWorld) -> None:
    world.site.people.append(Person("5b10a2844c20165700ede000", "Ana Lima", "ana2@example.org", login="ana2"))
    found = world.tracker.accounts(Owner("Ana Lima", OwnerKind.NAME), "OPS")
    assert found.one is None
    assert len(found.matches) == 2


def test_too_many_answers_make_no_name_certain(world: JiraWorld) -> None:
    for n in range(60):
        world.site.people.append(Person(f"{n:024d}", f"Ana Lima {n}", f"{n}@example.org", login=f"a{n}"))
    found = world.tracker.accounts(Owner("Ana Lima", OwnerKind.NAME), "OPS")
    assert found.one is None
    assert "too many" in found.why


@pytest.mark.parametrize(("words", "kind"), [("sre", OwnerKind.TEAM), ("@", OwnerKind.HANDLE), ("Zed", OwnerKind.NAME)])
def test_teams_blanks_and_strangers_are_nobody(world: JiraWorld, words: str, kind: OwnerKind) -> None:
    found = world.tracker.accounts(Owner(words, kind), "OPS")
    assert found.one is None
    assert found.why


def test_whoever_left_or_may_not_be_assigned_is_nobody(world: JiraWorld) -> None:
    world.site.people[1].active = False
    world.site.people[2].assignable = False
    assert world.tracker.accounts(Owner("Ana Lima", OwnerKind.NAME), "OPS").one is None
    assert world.tracker.accounts(Owner("Bo Chen", OwnerKind.NAME), "OPS").one is None


# names


def test_a_project_is_named_by_settings_or_not_at_all(world: JiraWorld) -> None:
    assert world.tracker.project_of("") == "OPS"
    assert world.tracker.project_of("pay") == "PAY"
    with pytest.raises(SettingsError, match=r"jira\.project"):
        world.open(project="").project_of("")


def test_a_bare_key_is_a_ticket_of_the_site(world: JiraWorld) -> None:
    assert world.tracker.resolve(Reference("PAY-7", "PAY-7"), "", "") == ref("PAY-7")
