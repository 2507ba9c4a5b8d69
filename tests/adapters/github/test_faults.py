"""What goes wrong on the wire: a create is never repeated blindly, a read is; waiting follows what GitHub says."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from email.utils import format_datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sync.errors import CredentialsError, OutcomeUnknown, SettingsError, Throttled, TrackerError
from sync.model import Patch, State, Ticket
from tests.adapters.github.worlds import PROJECT, GitHubWorld
from tests.canaries import MARK
from tests.simulators.jira_wire import Answer, Fault
from tests.simulators.patience import too_late

ISSUES = "/Shop/issues$"
LOST = {
    "dropped before": Fault("drop_before", "POST", ISSUES),
    "dropped after": Fault("drop_after", "POST", ISSUES),
    "500 before": Fault("before", "POST", ISSUES, status=500),
    "500 after": Fault("after", "POST", ISSUES, status=500),
    "502 after": Fault("after", "POST", ISSUES, status=502, body=b"<html>Bad gateway</html>"),
    "503 after": Fault("after", "POST", ISSUES, status=503),
    "504 after": Fault("after", "POST", ISSUES, status=504),
    "cut short": Fault("truncate", "POST", ISSUES),
    "no JSON": Fault("garbage", "POST", ISSUES),
    "nothing": Fault("after", "POST", ISSUES, status=201),
    "a list": Fault("after", "POST", ISSUES, status=201, body=[]),
    "an empty object": Fault("after", "POST", ISSUES, status=201, body={}),
    "mad headers": Fault(
        "after", "POST", ISSUES, 201, {"X-RateLimit-Limit": "x", "X-RateLimit-Remaining": "y"}, body={"number": 1}
    ),
}


def made(world: GitHubWorld, text: str = "Alert on a full queue") -> Ticket:
    answer = world.tracker.create([world.desired(text)])[0]
    assert answer.written is not None, answer.error
    return answer.written.ticket


@pytest.mark.parametrize("name", LOST)
def test_a_create_whose_answer_is_lost_is_not_repeated_but_looked_for(world: GitHubWorld, name: str) -> None:
    fault = LOST[name]
    headers = dict(fault.headers)
    world.github.faults.append(Fault(fault.kind, fault.method, fault.path, fault.status, headers, fault.body))
    began = world.clock.now()
    one = world.desired()
    answer = world.tracker.create([one])[0]
    assert isinstance(answer.error, OutcomeUnknown)
    assert len(world.github.calls("POST", ISSUES)) == 1
    happened = "before" not in name
    assert len(world.issues()) == (1 if happened else 0)
    world.settle()
    found = world.second_machine().marked(PROJECT, [one.mark.place], began - timedelta(minutes=10))
    assert [ticket.mark for ticket in found] == ([one.mark] if happened else [])


def test_a_create_that_takes_too_long_is_an_unknown_outcome(world: GitHubWorld) -> None:
    with too_late(world.github, "POST", ISSUES):
        answer = world.tracker.create([world.desired()])[0]
    assert isinstance(answer.error, OutcomeUnknown)
    assert len(world.github.calls("POST", ISSUES)) == 1


def test_a_server_that_cannot_be_reached_created_nothing(world: GitHubWorld) -> None:
    tracker = world.open(base_url="http://127.0.0.1:9", timeout=(0.5, 0.5))
    answer = tracker.create([world.desired()])[0]
    assert isinstance(answer.error, TrackerError)
    assert not isinstance(answer.error, OutcomeUnknown)


@pytest.mark.parametrize("step", ["graphql", "labels", "issue-fields"])
def test_what_fails_before_a_create_created_nothing(world: GitHubWorld, step: str) -> None:
    world.github.faults.append(Fault("before", path=step, status=500, times=99))
    answer = world.tracker.create([world.desired(due=world.clock.now().date())])[0]
    assert isinstance(answer.error, TrackerError)
    assert not isinstance(answer.error, OutcomeUnknown)
    assert world.issues() == []


def test_what_fails_after_a_create_does_not_lose_the_issue(world: GitHubWorld) -> None:
    world.person_creates("Checkout is down")
    world.github.faults.append(Fault("before", path="sub_issues", status=401, times=99))
    answer = world.tracker.create([world.desired(incident=f"{PROJECT}#1")])[0]
    assert answer.written is not None
    assert any("refuses github.token" in words for words in answer.written.dropped)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncate", "garbage"])
def test_a_read_is_repeated(world: GitHubWorld, kind: str) -> None:
    first, second = made(world, "First"), made(world, "Second")
    for refs in ([first.ref], [first.ref, second.ref]):
        world.github.faults.append(Fault(kind, times=2))
        assert world.tracker.lookup(refs)[first.ref] == first


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_read_outlives_a_server_in_trouble(world: GitHubWorld, status: int) -> None:
    ticket = made(world)
    world.github.faults.append(Fault("before", status=status, times=2))
    assert world.tracker.lookup([ticket.ref])[ticket.ref] == ticket


def test_an_edit_is_repeated_for_it_says_the_same_twice(world: GitHubWorld) -> None:
    ticket = made(world)
    world.github.faults.append(Fault("drop_after", "PATCH"))
    written = world.tracker.update(ticket, Patch(mark=ticket.mark, title="New title"))
    assert written.ticket.title == "New title"
    assert written.dropped == ()


def test_a_duplicate_is_told_once_though_the_answer_was_lost(world: GitHubWorld) -> None:
    older, younger = made(world), made(world)
    world.github.faults.append(Fault("drop_after", "POST", "/comments"))
    patch = Patch(state=State.WONTDO, duplicate_of=older.ref.key)
    written = world.tracker.update(younger, patch)
    assert written.ticket.duplicate_of == older.ref.key
    world.tracker.update(written.ticket, patch)
    assert len(world.issue(younger.ref).comments) == 1


def test_a_server_that_stays_in_trouble_is_an_error_in_the_end(world: GitHubWorld) -> None:
    ticket = made(world)
    world.github.faults.append(Fault("before", status=500, times=10_000))
    with pytest.raises(TrackerError):
        world.tracker.lookup([ticket.ref])
    with pytest.raises(TrackerError):
        list(world.tracker.changed(PROJECT, "").tickets)
    assert len(world.github.log) < 40


# --- limits ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["whole", "fraction", "date"])
@pytest.mark.parametrize("status", [403, 429])
def test_waiting_follows_what_github_says_however_it_says_it(world: GitHubWorld, form: str, status: int) -> None:
    ticket = made(world)
    before = world.clock.now()
    later = format_datetime((before + timedelta(seconds=7)).astimezone(UTC), usegmt=True)
    header = {"whole": "7", "fraction": "6.5", "date": later}[form]
    reported = {"message": "You have exceeded a secondary rate limit."}
    world.github.faults.append(Fault("before", status=status, headers={"Retry-After": header}, body=reported))
    assert world.tracker.lookup([ticket.ref])[ticket.ref] == ticket
    assert timedelta(seconds=6) <= world.clock.now() - before < timedelta(seconds=60)


def test_a_limit_without_a_time_is_given_a_minute(world: GitHubWorld) -> None:
    waits: list[tuple[str, float]] = []
    tracker = world.open(waiting=lambda why, seconds: waits.append((why, seconds)))
    reported = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
    world.github.faults.append(Fault("before", "POST", ISSUES, 403, body=reported))
    answer = tracker.create([world.desired()])[0]
    assert answer.written is not None
    assert len(world.issues()) == 1
    assert [seconds >= 60 for _, seconds in waits] == [True]
    assert "too many calls at once" in waits[0][0]


def test_a_quota_that_is_spent_is_told_and_not_waited_for(world: GitHubWorld) -> None:
    ticket = made(world)
    world.github.quota = 0
    before = world.clock.now()
    for attempt in (
        lambda: world.tracker.lookup([ticket.ref]),
        lambda: list(world.tracker.changed(PROJECT, "").tickets),
    ):
        with pytest.raises(Throttled) as caught:
            attempt()
        assert caught.value.seconds is not None
        assert caught.value.seconds > 1700
    answer = world.tracker.create([world.desired("Another")])[0]
    assert isinstance(answer.error, Throttled)
    assert world.clock.now() - before < timedelta(minutes=5)
    assert len(world.issues()) == 1


def test_a_limit_of_graphql_comes_with_200_and_is_a_limit_all_the_same(world: GitHubWorld) -> None:
    first, second = made(world, "First"), made(world, "Second")
    limited = {"data": None, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
    before = world.clock.now()
    world.github.faults.append(Fault("before", "POST", "/graphql", 200, {"Retry-After": "30"}, limited))
    assert world.tracker.lookup([first.ref, second.ref]) == {first.ref: first, second.ref: second}
    assert world.clock.now() - before >= timedelta(seconds=30)


def test_many_creates_stay_below_what_github_takes_for_abuse(world: GitHubWorld) -> None:
    for number in range(130):
        made(world, f"Action number {number}")
    assert not any(status == 403 for _, status in world.github.log)
    assert world.github.hasty == 0


def test_the_hour_s_creates_end_with_a_word_and_no_harm(world: GitHubWorld) -> None:
    tracker = world.open()
    tracker.create([world.desired()])
    for _ in range(6):
        world.github.content.extend([world.clock.now().timestamp()] * 90)
    answer = tracker.create([world.desired("Another")])[0]
    assert isinstance(answer.error, TrackerError)
    assert not isinstance(answer.error, OutcomeUnknown)


# --- credentials -----------------------------------------------------------------------------


def test_a_token_that_is_refused_stops_the_run(world: GitHubWorld) -> None:
    tracker = world.open(token="wrong")
    with pytest.raises(CredentialsError, match=r"github\.token"):
        tracker.create([world.desired()])
    with pytest.raises(CredentialsError, match=r"github\.token"):
        list(tracker.changed(PROJECT, "").tickets)
    assert len(world.github.log) == 2


def test_no_secret_is_in_any_error(world: GitHubWorld, caplog: pytest.LogCaptureFixture) -> None:
    secret = f"ghp_very_secret_{MARK}"
    caplog.set_level(0)
    tracker = world.open(token=secret)
    with pytest.raises(CredentialsError) as caught:
        list(tracker.changed(PROJECT, "").tickets)
    reported = [caplog.text]
    error: BaseException | None = caught.value
    while error:
        reported += [str(error), repr(error)]
        error = error.__cause__ or error.__context__
    assert not any(secret in line for line in reported)


def test_without_an_account_the_settings_are_told(world: GitHubWorld) -> None:
    for settings in ({"token": ""}, {"base_url": "https://github.com"}, {"base_url": "shop"}, {"repository": "shop"}):
        with pytest.raises(SettingsError):
            world.open(**settings)
    with pytest.raises(SettingsError, match=r"github\.repository"):
        world.open(repository="").project_of("")


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form, none = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, none).decode()


def test_an_app_signs_in_as_its_installation_and_again_before_that_ends(world: GitHubWorld, private_key: str) -> None:
    tracker = world.open(app_id="12", private_key=private_key)
    for _ in range(3):
        list(tracker.changed(PROJECT, "").tickets)
    assert world.github.app_tokens == 1
    world.clock.sleep(3500)
    list(tracker.changed(PROJECT, "").tickets)
    assert world.github.app_tokens == 2
    assert tracker.create([world.desired()])[0].written is not None


def test_threads_share_one_token_and_no_client(world: GitHubWorld, private_key: str) -> None:
    tickets = [made(world, f"Action number {n}") for n in range(8)]
    tracker = world.open(app_id="12", private_key=private_key)
    barrier = threading.Barrier(8)

    def look(ticket: Ticket) -> bool:
        barrier.wait()
        return all(tracker.lookup([ticket.ref])[ticket.ref] == ticket for _ in range(5))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(look, tickets))
    assert world.github.app_tokens == 1


def test_a_key_that_is_none_and_an_app_that_is_not_installed_are_told(world: GitHubWorld, private_key: str) -> None:
    with pytest.raises(SettingsError, match="PEM"):
        list(world.open(app_id="12", private_key="no key").changed(PROJECT, "").tickets)
    with pytest.raises(SettingsError, match="not installed"):
        list(world.open(app_id="12", private_key=private_key, repository="Acme/None").changed(PROJECT, "").tickets)


# --- answers that lead elsewhere -------------------------------------------------------------


def test_no_token_is_shown_to_another_host(world: GitHubWorld) -> None:
    ticket = made(world)
    elsewhere = {"Location": "http://127.0.0.1:9/repos/Acme/Shop/issues/1"}
    world.github.faults.append(Fault("before", status=301, headers=elsewhere, times=99))
    with pytest.raises(TrackerError, match="another host"):
        world.tracker.lookup([ticket.ref])


def test_circles_end(world: GitHubWorld) -> None:
    ticket = made(world)
    circle = {"Location": f"{world.github.base_url}/repos/Acme/Shop/issues/1"}
    world.github.faults.append(Fault("before", "GET", "issues/1$", 301, circle, times=99))
    with pytest.raises(TrackerError, match="circles"):
        world.tracker.lookup([ticket.ref])
    assert len(world.github.calls("GET", "issues/1$")) < 10


def test_an_issue_in_another_shape_is_an_error_in_words(world: GitHubWorld) -> None:
    ticket = made(world)

    def other(answer: Answer) -> Answer:
        return Answer(200, {**answer.body, "created_at": "yesterday", "labels": [1]}, answer.headers)

    world.github.faults.append(Fault("replace", "GET", "issues/1$", change=other, times=9))
    with pytest.raises(TrackerError, match="created_at: no time"):
        world.tracker.lookup([ticket.ref])
