"""A team that works in Jira and writes in Confluence, from the first run to a true page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.confluence.nodes import nodes
from tests.adapters.confluence.teams import DETAILS, Team, task, team_of
from tests.adapters.confluence.worlds import SIMULATORS
from tests.simulators.confluence_rest import ConfluenceRest
from tests.simulators.jira_site import Issue


@pytest.fixture(params=SIMULATORS, ids=lambda simulator: simulator.__name__)
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Team]:
    simulator: type[ConfluenceRest] = request.param
    with team_of(simulator, tmp_path) as opened:
        yield opened


def page_of(team: Team) -> str:
    """Tasks, a table, and a sentence; what stands around them is as the editor writes it."""
    tasks = task(1, f'Alert on replica lag before it hurts {team.ana} <time datetime="2026-04-03" />') + task(
        2, f"Document the failover&nbsp;steps {team.bo}"
    )
    table = (
        '<table data-layout="default"><colgroup><col /><col /><col /></colgroup><tbody>'
        "<tr><th><p>Action</p></th><th><p>Owner</p></th><th><p>Due</p></th></tr>"
        f"<tr><td><p>Raise the limit of connections</p></td><td><p>{team.bo}</p></td>"
        '<td><p><time datetime="2026-05-01" /></p></td></tr></tbody></table>'
    )
    return (
        f"{DETAILS}<h1>Summary</h1><p>Checkout was slow &mdash; for an hour.</p>"
        '<ac:structured-macro ac:name="code"><ac:plain-text-body><![CDATA[if lag > 5: alert()]]></ac:plain-text-body>'
        f"</ac:structured-macro><h2>Action items</h2><ac:task-list>\n{tasks}</ac:task-list>{table}"
        "<h2>Lessons</h2><p>Look at <strong>lag</strong>.</p>"
    )


def issue(team: Team, words: str) -> Issue:
    (found,) = [one for one in team.jira.site.issues if words in str(one.fields["summary"])]
    return found


def close(team: Team, one: Issue, status: str, resolution: str) -> None:
    team.jira.site.set_status(one, status, resolution)
    team.world.clock.sleep(3600)


def test_from_mentions_and_dates_to_issues_and_back(team: Team) -> None:
    page = team.postmortem("Checkout outage", page_of(team))
    comment = team.site.comment(page, "Alert on replica lag")
    before = page.body

    first = team.run()
    assert (first.items, first.created, first.written_back, first.failed, team.said()) == (3, 3, 1, 0, [])
    made = {
        str(one.fields["summary"]): (one.fields["assignee"], one.fields.get("duedate")) for one in team.jira.site.issues
    }
    ana, bo = (one.id for one in team.jira.site.people[1:3])
    assert made == {
        "Alert on replica lag before it hurts": (ana, "2026-04-03"),
        "Document the failover steps": (bo, None),
        "Raise the limit of connections": (bo, "2026-05-01"),
    }
    for one in team.jira.site.issues:
        (link,) = one.remote_links.values()
        assert link["url"] == team.world.source.url(page.id)
        assert f'<a href="{team.jira.jira.base_url}/browse/{one.key}">{one.key}</a>' in page.body
    assert page.last.number == 2
    assert page.orphaned() == []

    team.world.clock.sleep(1800)
    team.world.confluence.log.clear()
    second = team.run()
    assert (second.created, second.updated, second.written_back) == (0, 0, 0)
    assert team.world.confluence.writes() == []
    assert len(team.world.confluence.log) == 1

    close(team, issue(team, "Alert"), "Done", "Done")
    close(team, issue(team, "Raise"), "Rejected", "Won't Do")
    third = team.run()
    assert (third.written_back, third.failed, third.conflicts, team.said()) == (1, 0, 0, [])
    body = page.body
    assert body.count("<ac:task-status>complete</ac:task-status>") == 1
    assert "done 2026-03-01" in body
    assert "Won" in body[body.index("Raise the limit") :]
    assert page.last.number == 3
    assert page.orphaned() == []
    assert comment.ref in body

    # Whatever is not ours is as it was, node by node.
    kept = [one for one in nodes(before.encode()) if "task-status" not in one and one not in ("incomplete", "complete")]
    left = iter(nodes(body.encode()))
    assert all(any(one in there or there == one for there in left) for one in kept if not one.startswith(("</", "<a")))

    team.world.clock.sleep(3600)
    fourth = team.run()
    assert (fourth.created, fourth.updated, fourth.written_back, page.last.number) == (0, 0, 0, 3)
