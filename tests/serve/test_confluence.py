"""A page that is edited gets its tickets at once, when its Data Center says so."""

from __future__ import annotations

from pathlib import Path

from tests.adapters.confluence.teams import DETAILS, task, team_of
from tests.adapters.confluence.worlds import LABEL
from tests.serve.test_serve import SECRET, serving
from tests.simulators import webhooks
from tests.simulators.confluence_datacenter import ConfluenceDataCenter
from tests.simulators.gate import soon

CONFIG = """\
tracker = "jira"

[jira]
base_url = "{jira}"
project = "OPS"

[confluence]
base_url = "{confluence}"

[sources.postmortems]
kind = "confluence"
label = "postmortem"

[limits]
max_age_days = 36500
"""


def test_a_page_that_somebody_edits_gets_its_tickets_and_another_page_gets_none(tmp_path: Path) -> None:
    with team_of(ConfluenceDataCenter, tmp_path) as team:
        wiki, jira = team.world.confluence, team.jira.jira
        text = CONFIG.format(jira=jira.base_url, confluence=wiki.base_url + wiki.product)
        (tmp_path / "sync.toml").write_text(text, encoding="utf-8")
        page = team.postmortem("Checkout outage", f"{DETAILS}<h2>Action items</h2><p>None yet.</p>")
        other = team.site.page("Minutes", page.body)
        secrets = {
            "SYNC_JIRA__TOKEN": jira.secret,
            "SYNC_CONFLUENCE__TOKEN": wiki.secret,
            "SYNC_CONFLUENCE__WEBHOOK_SECRET": SECRET,
        }
        with serving(tmp_path, **secrets) as served:
            body = page.body.replace("<p>None yet.</p>", f"<ac:task-list>{task(1, 'Alert on lag')}</ac:task-list>")
            for one in (other, page):
                team.site.edit(one, body)
                event = webhooks.confluence(wiki, one, "page_updated", SECRET)
                assert event.post(f"{served.address}/confluence", X_Hub_Signature="sha256=00").status_code == 401
                assert event.post(f"{served.address}/confluence").status_code == 202
            soon(lambda: "OPS-1" in page.body, "a link on the page")
            served.idle()
            served.stop()
        assert [one.fields["summary"] for one in team.jira.site.issues] == ["Alert on lag"]
        assert other.body == body
        assert LABEL not in other.labels
