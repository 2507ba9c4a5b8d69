"""What goes wrong on the wire: a create is never repeated blindly, a read is; waiting follows what Jira says."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from adapters.http.schemas import ANYTHING
from sync.errors import CredentialsError, OutcomeUnknown, SettingsError, Throttled, TrackerError
from sync.model import Patch
from tests.adapters.jira.worlds import POSTMORTEM, JiraWorld, desired, made
from tests.simulators.jira_wire import Fault
from tests.simulators.patience import too_late

BULK = "/issue/bulk$"
LOST = {
    "dropped before": Fault("drop_before", "POST", BULK),
    "dropped after": Fault("drop_after", "POST", BULK),
    "500 before": Fault("before", "POST", BULK, status=500),
    "500 after": Fault("after", "POST", BULK, status=500),
    "502 after": Fault("after", "POST", BULK, status=502, body=b"<html>Bad gateway</html>"),
    "503 after": Fault("after", "POST", BULK, status=503),
    "504 after": Fault("after", "POST", BULK, status=504),
    "cut short": Fault("truncate", "POST", BULK),
    "no JSON": Fault("garbage", "POST", BULK),
    "nothing": Fault("after", "POST", BULK, status=201),
}


@pytest.mark.parametrize("name", LOST)
def test_a_create_whose_answer_is_lost_is_not_repeated_but_looked_for(world: JiraWorld, name: str) -> None:
    fault = LOST[name]
    world.jira.faults.append(Fault(fault.kind, fault.method, fault.path, fault.status, body=fault.body))
    began = world.clock.now()
    one = desired(world.tracker)
    answer = world.tracker.create([one])[0]
    assert isinstance(answer.error, OutcomeUnknown)
    assert len(world.jira.calls("POST", BULK)) == 1
    happened = "before" not in name
    assert len(world.site.issues) == (1 if happened else 0)
    world.site.lag = timedelta(hours=1) if world.cloud else timedelta(0)
    found = world.second_machine().marked("OPS", [POSTMORTEM], began - timedelta(minutes=10))
    assert [ticket.mark for ticket in found] == ([one.mark] if happened else [])


def test_a_create_that_takes_too_long_is_an_unknown_outcome(world: JiraWorld) -> None:
    with too_late(world.jira, "POST", BULK):
        answer = world.tracker.create([desired(world.tracker)])[0]
    assert isinstance(answer.error, OutcomeUnknown)
    assert len(world.jira.calls("POST", BULK)) == 1


def test_a_site_that_cannot_be_reached_created_nothing(world: JiraWorld) -> None:
    tracker = world.open(base_url="http://127.0.0.1:9", timeout=(0.5, 0.5))
    answer = tracker.create([desired(tracker)])[0]
    assert isinstance(answer.error, TrackerError)
    assert not isinstance(answer.error, OutcomeUnknown)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncate", "garbage"])
def test_a_read_is_repeated(world: JiraWorld, kind: str) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    world.jira.faults.append(Fault(kind, times=2))
    assert world.tracker.lookup([ticket.ref])[ticket.ref] == ticket


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_read_outlives_a_server_in_trouble(world: JiraWorld, status: int) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    world.jira.faults.append(Fault("before", status=status, times=2))
    assert world.tracker.lookup([ticket.ref])[ticket.ref] == ticket


def test_an_edit_is_repeated_for_it_says_the_same_twice(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    world.jira.faults.append(Fault("drop_after", "PUT"))
    written = world.tracker.update(ticket, Patch(mark=ticket.mark, title="New title"))
    assert written.ticket.title == "New title"


def test_a_server_that_stays_in_trouble_is_an_error_in_the_end(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    world.jira.faults.append(Fault("before", status=500, times=10_000))
    with pytest.raises(TrackerError):
        world.tracker.lookup([ticket.ref])
    assert len(world.jira.log) < 40


@pytest.mark.parametrize("form", ["whole", "fraction", "date", "reset"])
@pytest.mark.parametrize("status", [429, 503])
def test_waiting_follows_what_jira_says_however_it_says_it(world: JiraWorld, form: str, status: int) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    before = world.clock.now()
    later = format_datetime((before + timedelta(seconds=7)).astimezone(UTC), usegmt=True)
    header = {"whole": "7", "fraction": "6.5", "date": later}.get(form, "soon")
    reset = {"X-RateLimit-Reset": (before + timedelta(seconds=7)).isoformat()} if form == "reset" else {}
    world.jira.faults.append(Fault("before", status=status, headers={"Retry-After": header} | reset))
    assert world.tracker.lookup([ticket.ref])[ticket.ref] == ticket
    assert timedelta(seconds=6) <= world.clock.now() - before < timedelta(seconds=60)


def test_a_create_turned_away_by_a_limit_is_sent_again_after_the_wait(world: JiraWorld) -> None:
    limit = {"Retry-After": "5", "X-RateLimit-Remaining": "0", "RateLimit-Reason": "jira-burst-based"}
    world.jira.faults.append(Fault("before", "POST", BULK, 429, limit))
    made(world.tracker, desired(world.tracker))
    assert len(world.site.issues) == 1
    assert len(world.jira.calls("POST", BULK)) == 2


@pytest.mark.parametrize("reason", ["jira-quota-global-based", "jira-quota-tenant-based"])
def test_a_quota_spent_for_the_hour_stops_the_creates(world: JiraWorld, reason: str) -> None:
    limit = {"Retry-After": "3000", "RateLimit-Reason": reason}
    world.jira.faults.append(Fault("before", "POST", BULK, 429, limit, times=99))
    before = world.clock.now()
    answer = world.tracker.create([desired(world.tracker)])[0]
    assert isinstance(answer.error, Throttled)
    assert answer.error.seconds is not None
    assert answer.error.seconds >= 2900
    assert world.clock.now() - before < timedelta(minutes=10)


def test_calls_are_spread_over_the_minute_when_asked_to(world: JiraWorld) -> None:
    tracker = world.open(requests_per_minute=30)
    before = world.clock.now()
    for _ in range(10):
        list(tracker.changed("OPS", "").tickets)
    assert world.clock.now() - before >= timedelta(seconds=18)


def test_a_wait_is_told_before_it_is_waited(world: JiraWorld) -> None:
    reported: list[tuple[str, float]] = []
    tracker = world.open(waiting=lambda why, seconds: reported.append((why, seconds)))
    limit = {"Retry-After": "9", "RateLimit-Reason": "jira-per-issue-on-write"}
    world.jira.faults.append(Fault("before", status=429, headers=limit))
    list(tracker.changed("OPS", "").tickets)
    ((why, seconds),) = reported
    assert why == "Jira limits us: too many writes to one ticket at once; it asks us to come back in 9 s."
    assert 9.0 <= seconds <= 10.0


@pytest.mark.parametrize(
    ("reason", "same_ticket", "same_kind", "other_kind"),
    [
        ("jira-per-issue-on-write", 0, 1, 1),
        ("jira-burst-based", 0, 0, 1),
        ("jira-quota-tenant-based", 0, 0, 0),
    ],
)
def test_a_limit_keeps_away_what_it_means_and_nothing_else(
    world: JiraWorld, reason: str, same_ticket: int, same_kind: int, other_kind: int
) -> None:
    session = world.tracker._session
    one, two = (made(world.tracker, desired(world.tracker, item)).ref.key for item in ("one", "two"))
    world.jira.faults.append(
        Fault("before", "PUT", status=429, headers={"Retry-After": "900", "RateLimit-Reason": reason})
    )

    def calls(method: str, path: str) -> int:
        before = len(world.jira.calls(method, path))
        with suppress(Throttled):
            session.put(path, {"fields": {"summary": "Alert"}}) if method == "PUT" else session.get(path, ANYTHING)
        return len(world.jira.calls(method, path)) - before

    assert calls("PUT", f"issue/{one}") == 1
    assert calls("PUT", f"issue/{one}") == same_ticket
    assert calls("PUT", f"issue/{two}") == same_kind
    assert calls("GET", f"issue/{one}") == other_kind


@pytest.mark.parametrize(
    ("settings", "reported"),
    [
        ({"base_url": ""}, "jira.base_url"),
        ({"base_url": "example.atlassian.net"}, "jira.base_url"),
        ({"token": ""}, "jira.token"),
        ({"email": "", "deployment": "cloud"}, "jira.email"),
    ],
)
def test_what_is_missing_to_sign_in_is_told(cloud: JiraWorld, settings: dict[str, str], reported: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(reported)):
        cloud.open(**settings)


def test_a_refusal_of_the_whole_batch_is_an_error_of_each_item(world: JiraWorld) -> None:
    whole = {"errorMessages": ["The site is in read-only mode."], "errors": {}}
    world.jira.faults.append(Fault("before", "POST", BULK, 400, body=whole))
    answers = world.tracker.create([desired(world.tracker, f"Action {n}") for n in range(3)])
    assert [str(answer.error) for answer in answers] == ["The site is in read-only mode."] * 3
    assert not any(isinstance(answer.error, OutcomeUnknown) for answer in answers)


def test_a_token_that_is_refused_stops_the_run(world: JiraWorld) -> None:
    tracker = world.open(token="wrong")
    with pytest.raises(CredentialsError, match=r"jira\.token"):
        tracker.create([desired(tracker)])
    with pytest.raises(CredentialsError, match=r"jira\.token"):
        list(tracker.changed("OPS", "").tickets)
    assert len(world.jira.log) == 2


def test_no_secret_is_in_any_error(world: JiraWorld) -> None:
    secret = "very-secret-token"
    tracker = world.open(token=secret)
    with pytest.raises(CredentialsError) as caught:
        list(tracker.changed("OPS", "").tickets)
    reported = [str(caught.value)]
    error: BaseException | None = caught.value
    while error:
        reported += [str(error), repr(error)]
        error = error.__cause__
    assert not any(secret in line for line in reported)


def test_a_page_to_log_in_is_no_answer(world: JiraWorld) -> None:
    world.jira.faults.append(Fault("before", status=302, headers={"Location": "/login"}, times=99))
    with pytest.raises(TrackerError, match="base_url"):
        list(world.tracker.changed("OPS", "").tickets)
    assert world.jira.calls("GET", "/login") == []


def test_times_are_told_in_utc_whatever_jira_says(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    assert ticket.created == datetime(2026, 3, 1, 12, tzinfo=UTC)
