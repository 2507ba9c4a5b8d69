"""Reading: one call when nothing changed, pages that lose nothing, marks that only we can make, names of issues."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from sync.errors import TrackerError
from sync.formats import parse
from sync.journal.codec import ticket_digest
from sync.marks import encode, key_from
from sync.model import Account, Mark, Owner, OwnerKind, Patch, Reference, State, Ticket, TicketRef
from tests.adapters.github.worlds import KEY, PROJECT, GitHubWorld
from tests.simulators.jira_wire import Answer, Asked, Fault

MARK = Mark("github.com/acme/docs#docs/a.md", "print", "item")


def made(world: GitHubWorld, text: str = "Alert on a full queue") -> Ticket:
    answer = world.tracker.create([world.desired(text)])[0]
    assert answer.written is not None, answer.error
    return answer.written.ticket


def listed(world: GitHubWorld, cursor: str = "") -> tuple[dict[str, Ticket], str]:
    listing = world.open().changed(PROJECT, cursor)
    found = {ticket.ref.key.rpartition("#")[2]: ticket for ticket in listing.tickets}
    return found, str(listing.cursor)


# --- the listing -----------------------------------------------------------------------------


def test_an_idle_listing_is_one_call_that_costs_nothing(world: GitHubWorld) -> None:
    for number in range(3):
        made(world, f"Action number {number}")
    world.settle()
    _, cursor = listed(world)
    _, cursor = listed(world, cursor)
    quota = world.github.quota
    world.github.log.clear()
    for _ in range(5):
        found, again = listed(world, cursor)
        assert (found, again) == ({}, cursor)
    assert [status for _, status in world.github.log] == [304] * 5
    assert world.github.quota == quota


def test_a_repository_without_tickets_is_free_as_well(world: GitHubWorld) -> None:
    world.person_creates("Not ours")
    _, cursor = listed(world)
    quota = world.github.quota
    assert listed(world, cursor) == ({}, cursor)
    assert world.github.quota == quota


def test_a_change_within_the_second_of_the_last_one_is_seen(world: GitHubWorld) -> None:
    ticket = made(world)
    _, cursor = listed(world)
    world.site.close(world.issue(ticket.ref))
    world.issue(ticket.ref).updated = datetime(2026, 3, 1, 12, tzinfo=UTC)
    found, _ = listed(world, cursor)
    assert found["1"].state is State.DONE


def test_many_pages_show_every_ticket_once(world: GitHubWorld) -> None:
    for number in range(250):
        world.site.issue(world.repository, f"Issue {number}", "", world.bo, labels=["postmortem-sync"])
        world.clock.sleep(number % 3)
    listing = world.tracker.changed(PROJECT, "")
    assert [int(t.ref.key.rpartition("#")[2]) for t in listing.tickets] == list(range(1, 251))
    assert len(world.github.calls("GET", "/issues$")) <= 4


def test_many_changes_in_one_second_show_every_ticket(world: GitHubWorld) -> None:
    for number in range(350):
        world.site.issue(world.repository, f"Issue {number}", "", world.bo, labels=["postmortem-sync"])
    assert len(listed(world)[0]) == 350


@pytest.mark.parametrize("what", ["changes", "goes", "comes"])
def test_what_happens_between_two_pages_loses_no_ticket(world: GitHubWorld, what: str) -> None:
    for number in range(150):
        world.site.issue(world.repository, f"Issue {number}", "", world.bo, labels=["postmortem-sync"])
        world.clock.sleep(2)
    stream = iter(world.tracker.changed(PROJECT, "").tickets)
    seen = [next(stream) for _ in range(50)]
    for number in (3, 30, 140):
        issue = world.repository.issues[number]
        match what:
            case "changes":
                world.site.edit(issue, title="New")
            case "goes":
                issue.labels = []
            case _:
                world.site.issue(world.repository, "One more", "", world.bo, labels=["postmortem-sync"])
    seen += list(stream)
    keys = {int(ticket.ref.key.rpartition("#")[2]) for ticket in seen}
    assert keys >= set(range(1, 151)) - {140}


def test_a_cursor_that_is_none_begins_at_the_beginning(world: GitHubWorld) -> None:
    made(world)
    for cursor in ("", "nonsense", "[]", '["yesterday",""]', "null", "{}", "[1,2]"):
        assert len(listed(world, cursor)[0]) == 1


def test_a_renamed_repository_is_told(world: GitHubWorld) -> None:
    made(world)
    world.site.rename(world.repository, "Store")
    with pytest.raises(TrackerError, match="renamed"):
        listed(world)


# --- by name ---------------------------------------------------------------------------------


def refs(*numbers: int, project: str = PROJECT) -> list[TicketRef]:
    return [TicketRef("github", project, f"{project}#{number}") for number in numbers]


def test_many_are_looked_up_together_and_are_the_same_as_alone(fielded: GitHubWorld) -> None:
    world = fielded
    other = world.site.repository("acme/other")
    asked = [*refs(*range(1, 61)), *refs(*range(1, 21), project="acme/other")]
    for ref in asked:
        issue = world.site.issue(other if ref.project == "acme/other" else world.repository, ref.key, "x", world.bo)
        issue.labels, issue.assignees = ["b", "a"], ["Ana"]
        issue.fields[world.site.fields["acme"][0].id] = "2026-04-03"
    for number, reason in enumerate(["completed", "not_planned", "duplicate"], 1):
        world.site.close(world.repository.issues[number], reason)
    before = world.tracker.requests()
    together = world.tracker.lookup(asked)
    assert world.tracker.requests() - before == 2
    states = [together[ref].state for ref in asked[:4]]  # type: ignore[union-attr]
    assert states == [State.DONE, State.WONTDO, State.WONTDO, State.OPEN]
    for ref in (*asked[:4], asked[-1]):
        alone = world.tracker.lookup([ref])[ref]
        assert alone == together[ref]
        assert alone is not None
        assert alone.due == date(2026, 4, 3)


def test_a_ticket_made_by_us_is_the_same_however_it_is_read(world: GitHubWorld) -> None:
    world.site.milestone(world.repository, "Follow-ups", date(2026, 4, 3))
    tracker = world.open(milestone="Follow-ups", labels=("z", "a"))
    desired = tracker.normalise(world.desired(assignees=("bo-ek", "ana"), due=date(2026, 4, 3)))
    written = tracker.create([desired])[0].written
    assert written is not None
    world.clock.sleep(1)
    second = made(world, "Another")
    world.settle()
    read = {t.ref: t for t in tracker.changed(PROJECT, "").tickets}
    together = tracker.lookup([written.ticket.ref, second.ref])
    ref = written.ticket.ref
    digests = {ticket_digest(t) for t in (written.ticket, read[ref], together[ref], tracker.lookup([ref])[ref]) if t}
    assert len(digests) == 1


@pytest.mark.parametrize("together", [False, True])
def test_a_transferred_issue_is_found_where_it_is_now(world: GitHubWorld, together: bool) -> None:
    other = world.site.repository("acme/store")
    world.site.issue(other, "First there", "", world.bo)
    ticket, second = made(world), made(world, "Another")
    world.site.transfer(world.issue(ticket.ref), other)
    asked = [ticket.ref, second.ref] if together else [ticket.ref]
    found = world.tracker.lookup(asked)[ticket.ref]
    assert found is not None
    assert found.ref == TicketRef("github", "acme/store", "acme/store#2")
    assert found.former == ticket.ref.key
    assert found.mark == ticket.mark
    assert found.url.endswith("/acme/store/issues/2")


@pytest.mark.parametrize("together", [False, True])
def test_what_is_gone_or_invisible_is_none(world: GitHubWorld, together: bool) -> None:
    ticket, second = made(world), made(world, "Another")
    world.person_deletes(ticket.ref)
    nowhere = refs(1, project="acme/secret")[0]
    never = refs(99)[0]
    asked = [ticket.ref, nowhere, never]
    found = world.tracker.lookup([*asked, second.ref]) if together else {r: world.tracker.lookup([r])[r] for r in asked}
    assert [found[ref] for ref in asked] == [None, None, None]


def test_issues_of_a_renamed_repository_are_found_under_their_new_name(world: GitHubWorld) -> None:
    ticket, second = made(world), made(world, "Another")
    world.site.rename(world.repository, "Store")
    found = world.open(repository="Acme/Store").lookup([ticket.ref, second.ref])
    assert {t.ref.key if t else "" for t in found.values()} == {"Acme/Store#1", "Acme/Store#2"}


def test_a_pull_request_is_followed(world: GitHubWorld) -> None:
    now = world.clock.now()
    merged = world.site.issue(world.repository, "Merged", "", world.bo, pull=True, merged=now)
    closed = world.site.issue(world.repository, "Closed", "", world.bo, pull=True)
    world.site.issue(world.repository, "Open", "", world.bo, pull=True)
    for pull in (merged, closed):
        world.site.close(pull)
        pull.state_reason = None
    for found in (world.tracker.lookup(refs(1, 2, 3)), {r: world.tracker.lookup([r])[r] for r in refs(1, 2, 3)}):
        tickets = [found[ref] for ref in refs(1, 2, 3)]
        assert [t.state for t in tickets if t] == [State.DONE, State.WONTDO, State.OPEN]
        assert all(t.pull_request for t in tickets if t)


def test_a_server_that_does_not_know_our_fields_is_asked_one_by_one(fielded: GitHubWorld) -> None:
    first, second = made(fielded), made(fielded, "Another")
    original = fielded.github.handle

    def older(asked: Asked):  # type: ignore[no-untyped-def]
        headers = {name: value for name, value in asked.headers.items() if name != "Graphql-Features"}
        return original(Asked(asked.method, asked.path, asked.query, headers, asked.body))

    fielded.github.handle = older  # type: ignore[method-assign]
    assert fielded.tracker.lookup([first.ref, second.ref]) == {first.ref: first, second.ref: second}


# --- marks -----------------------------------------------------------------------------------


def test_a_mark_that_anybody_else_wrote_is_not_believed(world: GitHubWorld) -> None:
    ticket = made(world)
    copied = world.issue(ticket.ref).body
    forged = f"words\n\n<!-- {encode(MARK, key_from('guess'), creator='1')} -->"
    unsigned = f"words\n\n<!-- {encode(MARK, b'')} -->"
    for body in (copied, forged, unsigned):
        world.site.issue(world.repository, "Theirs", body, world.bo, labels=["postmortem-sync"])
    found, _ = listed(world)
    assert [found[key].mark for key in "1234"] == [ticket.mark, None, None, None]
    since = world.clock.now() - timedelta(hours=1)
    marked = world.tracker.marked(PROJECT, [MARK.place, str(ticket.mark and ticket.mark.place)], since)
    assert [t.ref for t in marked] == [ticket.ref]


def test_the_mark_of_an_adopted_issue_is_worth_nothing_on_another(world: GitHubWorld) -> None:
    ref = world.person_creates("Theirs", "words")
    ticket = world.tracker.lookup([ref])[ref]
    assert ticket is not None
    assert world.tracker.update(ticket, Patch(mark=MARK)).ticket.mark == MARK
    world.site.issue(world.repository, "A copy", world.issue(ref).body, world.bo)
    assert world.tracker.lookup(refs(2))[refs(2)[0]].mark is None  # type: ignore[union-attr]


def test_with_a_new_token_our_own_issues_are_still_ours(world: GitHubWorld) -> None:
    ticket = made(world)
    world.site.tokens["ghp_new"] = world.site.me
    renewed = world.open(token="ghp_new", mark_key=key_from("ghp_new"))
    assert renewed.lookup([ticket.ref])[ticket.ref] == ticket
    world.site.tokens["ghp_other"] = world.bo
    assert world.open(token="ghp_other", mark_key=key_from("ghp_other")).lookup([ticket.ref])[ticket.ref].mark is None  # type: ignore[union-attr]
    signed = world.open(token="ghp_other", mark_key=KEY)
    assert signed.lookup([ticket.ref])[ticket.ref] == ticket


def test_a_mark_stays_where_people_write_below_it(world: GitHubWorld) -> None:
    ticket = made(world)
    issue = world.issue(ticket.ref)
    world.site.edit(issue, body=issue.body.replace("\n", "\r\n") + "\r\n\r\nA person's words below.")
    now = world.tracker.lookup([ticket.ref])[ticket.ref]
    assert now is not None
    assert now.mark == ticket.mark


# --- names and people ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("#12", "Acme/Docs#12"),
        ("GH-12", "Acme/Docs#12"),
        ("acme/shop#7", "Acme/Shop#7"),
        ("ACME/Other#7", "acme/other#7"),
        ("{base}/Acme/Shop/issues/7", "Acme/Shop#7"),
        ("{base}/acme/shop/issues/7#issuecomment-1", "Acme/Shop#7"),
        ("{base}/acme/shop/pull/7/files", "Acme/Shop#7"),
        ("../../issues/7", "acme/docs#7"),
        ("/acme/shop/issues/7", "Acme/Shop#7"),
        ("{base}/acme/shop/issues", None),
        ("{base}/acme/shop/issues/0", None),
        ("{base}/acme/shop/wiki/7", None),
        ("https://github.example.net/acme/shop/issues/7", None),
        ("OPS-12", None),
        ("#12a", None),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_how_documents_name_issues(world: GitHubWorld, text: str, key: str | None) -> None:
    base = world.github.base_url
    page = f"{base}/acme/docs/blob/main/a.md" if key != "Acme/Docs#12" else ""
    found = world.tracker.resolve(Reference(text.format(base=base), "x"), "acme/docs", page)
    assert (found.key if found else None) == (key.replace("Acme/Docs", "acme/docs") if key else None)


def test_short_names_without_a_repository_name_nothing(world: GitHubWorld) -> None:
    assert world.tracker.resolve(Reference("#12", "#12"), "", "") is None


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/orgs/acme/projects/5?pane=issue&itemId=1&issue=Acme%7CShop%7C12", "Acme/Shop#12"),
        ("/orgs/acme/projects/5/views/2?pane=issue&issue=acme|shop|12", "Acme/Shop#12"),
        ("/users/ana/projects/1/views/1?issue=ana%7Cnotes%7C3&pane=issue", "ana/notes#3"),
        ("/issues/assigned?issue=Acme%7CShop%7C12", "Acme/Shop#12"),
        ("/acme/shop/issues?q=is%3Aopen&issue=Acme%7CShop%7C12", "Acme/Shop#12"),
        ("/orgs/acme/projects/5?issue=Acme%7CShop%7C12", ""),
        ("/orgs/acme/projects/5?pane=info", ""),
        ("/orgs/acme/projects/5?pane=issue&issue=Acme%7CShop%7C0", ""),
        ("/acme/shop/wiki?pane=issue&issue=Acme%7CShop%7C12", ""),
    ],
)
def test_the_pane_beside_a_project_or_a_list_names_its_issue(world: GitHubWorld, path: str, key: str) -> None:
    found = world.tracker.resolve(Reference(f"{world.github.base_url}{path}", "x"), "", "")
    assert (found.key if found else "") == key
    if key:
        # What the tracker knows must be taken for a link in a document as well, or the item gets a second ticket.
        document = (
            f"---\ndate: 2026-03-01\n---\n# X\n\n## Action items\n\n- [ ] Add a limit <https://x.example{path}>\n"
        )
        (item,) = parse(document.encode(), "x.md").items
        assert [reference.text for reference in item.references] == [f"https://x.example{path}"]


def test_another_address_of_the_server_is_learned_from_its_pages_and_kept(world: GitHubWorld) -> None:
    ticket = made(world)
    other = world.github.base_url.replace("127.0.0.1", "localhost")
    link = Reference(f"{other}/Acme/Shop/issues/1", "x")
    tracker = world.open()
    assert tracker.resolve(link, "", "") is None

    def elsewhere(answer: Answer) -> Answer:
        for issue in answer.body:
            issue["html_url"] = issue["html_url"].replace(world.github.base_url, other)
        return answer

    world.github.faults.append(Fault("replace", "GET", "/issues$", change=elsewhere))
    listing = tracker.changed(PROJECT, "")
    list(listing.tickets)
    assert tracker.resolve(link, "", "") == ticket.ref
    later = world.open()
    later.changed(PROJECT, str(listing.cursor))
    assert later.resolve(link, "", "") == ticket.ref
    assert later.resolve(Reference(ticket.url, "x"), "", "") == ticket.ref


def test_the_address_of_pages_follows_that_of_the_api(world: GitHubWorld) -> None:
    for api, web in (
        ("https://api.github.com", "https://github.com"),
        ("https://github.example.com/api/v3", "https://github.example.com"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
    ):
        tracker = world.open(base_url=api)
        assert tracker.resolve(Reference(f"{web}/a/b/issues/1", "x"), "", "") == refs(1, project="a/b")[0]


def test_a_server_of_a_company_s_own_below_its_path(world: GitHubWorld) -> None:
    world.github.context = "/api/v3"
    world.tracker = world.open(base_url=f"{world.github.base_url}/api/v3")
    first, second = made(world, "First"), made(world, "Second")
    assert first.url == f"{world.github.base_url}/Acme/Shop/issues/1"
    assert world.tracker.lookup([first.ref, second.ref]) == {first.ref: first, second.ref: second}
    for number in range(120):
        world.site.issue(world.repository, f"Issue {number}", "", world.bo, labels=["postmortem-sync"])
    assert len(list(world.tracker.changed(PROJECT, "").tickets)) == 122


@pytest.mark.parametrize(
    ("text", "kind", "matches", "why"),
    [
        ("@Ana", OwnerKind.HANDLE, ("ana",), ""),
        ("bo-ek", OwnerKind.HANDLE, ("bo-ek",), ""),
        ("@boek", OwnerKind.HANDLE, (), "it may be bo-ek"),
        ("Ana Lima", OwnerKind.NAME, (), "it may be Ana"),
        ("ana", OwnerKind.NAME, (), "it may be Ana"),
        ("bo.ek@example.com", OwnerKind.EMAIL, (), "it may be bo-ek"),
        ("Cy Doe", OwnerKind.NAME, (), "GitHub knows people by their handles alone"),
        ("@acme/ops", OwnerKind.TEAM, (), "a team cannot be assigned"),
        ("@ana/../bo", OwnerKind.HANDLE, (), "no handle"),
        ("@" + "a" * 60, OwnerKind.HANDLE, (), "no handle"),
    ],
)
def test_only_exact_handles_are_people(
    world: GitHubWorld, text: str, kind: OwnerKind, matches: tuple[str, ...], why: str
) -> None:
    found = world.tracker.accounts(Owner(text, kind), "")
    assert found.matches == tuple(Account(login, login) for login in matches)
    assert why in found.why


def test_candidates_are_listed_once(world: GitHubWorld) -> None:
    for words in ("Cy Doe", "Di Fox", "Ed Gil"):
        world.tracker.accounts(Owner(words, OwnerKind.NAME), PROJECT)
    assert len(world.github.calls("GET", "/assignees$")) == 1
