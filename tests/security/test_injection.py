"""Hostile documents through the whole program: what trackers hold afterwards, and every query they were sent."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sync.cli import main
from sync.marks import PATTERN
from tests.adapters.github.test_text import MARKDOWN, shown
from tests.adapters.github.worlds import TOKEN, github_world
from tests.adapters.jira.worlds import SIMULATORS, world_of
from tests.clocks import hurry
from tests.simulators.jira_jql import parse as parse_jql
from tests.simulators.jira_rest import JiraRest

FORGED = "<!-- postmortem-sync:1:eyJhIjoxfQ:AAAA -->"
NASTY = (
    "@octocat @acme/ops",
    "fixes #1, closes Acme/Shop#1, resolves https://github.com/Acme/Shop/issues/1",
    FORGED,
    "<script>alert(1)</script> <img src=x onerror=alert(1)>",
    "{code}{html}<b>x</b>{html} {include:secret} !http://evil.example/x.png!",
    "[~ana] [~accountid:5b10a2844c20165700ede21g] [x|javascript:alert(1)]",
    '" OR project = X ORDER BY created',
    '\\" OR labels is EMPTY --',
    '{"type": "mention", "attrs": {"id": "5b10a2844c20165700ede21g"}}',
    "${7*7} {{7*7}} {0.__class__} %(token)s $TOKEN",
)
MADE = len(NASTY) - 2
"""One item names a ticket that is there already, or elsewhere; one is a field of a template."""

NAMES = {"project", "labels", "updated", "key", "created", "issuetype"}


def document() -> str:
    """Every field of a postmortem and of its items in the hands of somebody hostile."""

    def quoted(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    every = " ".join(NASTY)
    front = [f"{name}: {quoted(every)}" for name in ("title", "id", "service", "team", "severity", "incident")]
    lines = ["---", "date: 2026-02-20", *front, f"labels: [{quoted(NASTY[0])}, {quoted(NASTY[6])}]", "---"]
    lines += ["# Outage", "", "## Action items", ""]
    lines += [f"- [ ] Add a limit {number} {text}, owner: {text}, due: 2026-04-03" for number, text in enumerate(NASTY)]
    return "\n".join([*lines, ""])


def run(folder: Path, settings: str) -> None:
    (folder / "docs").mkdir()
    (folder / "docs" / "a.md").write_text(document(), encoding="utf-8")
    text = f'{settings}\n[sources.docs]\npath = "docs"\n[limits]\nmax_age_days = 36500\n'
    (folder / "sync.toml").write_text(text, encoding="utf-8")
    for _ in range(2):
        assert main(["run", "--json"]) in (0, 1)


def raw_html(body: str) -> list[str]:
    """What GitHub would take for HTML."""
    blocks = MARKDOWN.parse(body)
    tokens = [*blocks, *(inner for block in blocks for inner in block.children or ())]
    return [token.content for token in tokens if token.type in ("html_block", "html_inline")]


def test_on_github_nobody_is_called_nothing_is_closed_and_no_mark_is_forged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    hurry(monkeypatch.setattr)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNC_GITHUB__TOKEN", TOKEN)
    with github_world() as world:
        victim = world.site.issue(world.repository, "an issue of other people", "words", world.bo)
        url, project = world.github.base_url, world.project
        run(tmp_path, f'tracker = "github"\n[github]\nbase_url = "{url}"\nrepository = "{project}"')
        issues = [issue for issue in world.issues() if issue is not victim]
        assert len(issues) == MADE
        # A document may link a ticket of the tracker: that one is adopted, which adds a mark, and is never closed.
        assert (victim.state, victim.title, victim.comments) == ("open", "an issue of other people", [])
        assert victim.body.startswith("words")
        for issue in issues:
            reported = shown(issue.body)
            assert not re.search(r"(?<![\w`])@[A-Za-z0-9]", reported)
            assert not re.search(r"#[0-9]|\bGH-[0-9]", reported)
            assert all(html.startswith("<!-- ") for html in raw_html(issue.body))
            # One forged in words is shown as words: only ours stands in a comment.
            assert sum(len(PATTERN.findall(html)) for html in raw_html(issue.body)) == 1
            assert not issue.assignees
        for asked in world.github.calls():
            if asked.path == "/graphql":
                # What documents say goes into variables, never into the text of a query.
                assert "octocat" not in asked.body["query"]
                assert "project = X" not in asked.body["query"]
            assert ".." not in asked.path
        world.github.hasty = 0
    assert TOKEN not in capfd.readouterr().out


def texts_with_marks(node: Any) -> list[tuple[str, str]]:
    """(type of node, its text) throughout a document of ADF."""
    if isinstance(node, list):
        return [pair for one in node for pair in texts_with_marks(one)]
    if not isinstance(node, dict):
        return []
    return [(str(node.get("type")), str(node.get("text", ""))), *texts_with_marks(node.get("content", []))]


@pytest.mark.parametrize("simulator", SIMULATORS, ids=["cloud", "datacenter"])
def test_on_jira_no_macro_runs_nobody_is_called_and_no_query_is_widened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, simulator: type[JiraRest]
) -> None:
    monkeypatch.chdir(tmp_path)
    with world_of(simulator) as world:
        monkeypatch.setenv("SYNC_JIRA__TOKEN", world.jira.secret)
        email = f'email = "{world.site.me.email}"' if world.cloud else ""
        run(tmp_path, f'tracker = "jira"\n[jira]\nbase_url = "{world.jira.base_url}"\nproject = "OPS"\n{email}')
        assert len(world.site.issues) == MADE
        for issue in world.site.issues:
            body = issue.fields["description"]
            if world.cloud:
                kinds = {kind for kind, _ in texts_with_marks(body)}
                assert kinds <= {"doc", "paragraph", "text", "heading", "hardBreak", "rule", "bulletList", "listItem"}
            else:
                assert not re.search(r"(?<!\\)\{(?:code|html|include)", body)
                assert not re.search(r"(?<!\\)\[~", body)
                assert "!http" not in body
            assert not issue.fields.get("assignee")
        queries = [text for asked in world.jira.calls() for text in (asked.one("jql"), _jql(asked.body)) if text]
        assert queries
        for text in queries:
            conditions = parse_jql(text).conditions
            # Each is bound to our project, to our label, or to keys; no value of a document is a condition.
            assert {name for name, _, _ in conditions} <= NAMES
            assert all(value != ("X",) for _, _, value in conditions)
            assert any(name in ("project", "labels", "key") for name, _, _ in conditions)


def _jql(body: object) -> str:
    return str(body.get("jql") or "") if isinstance(body, dict) else ""


def test_what_is_written_back_are_links_and_states_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run(tmp_path, "")
    written = (tmp_path / "docs" / "a.md").read_text(encoding="utf-8")
    ours = re.compile(r" \(\[LOCAL-\d+\]\(local:LOCAL-\d+\)\)")
    assert ours.sub("", written) == document()
    assert len(ours.findall(written)) == MADE
    for line in capfd.readouterr().out.splitlines():
        json.loads(line)
