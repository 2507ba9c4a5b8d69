"""A team whose postmortems are pages of Confluence beside its Jira, on one server, for attacks."""

from __future__ import annotations

import re
from pathlib import Path

from tests.faults.program import Programs
from tests.faults.tally import Tally
from tests.faults.teams import JiraTeam
from tests.simulators.confluence_cloud import ConfluenceCloud
from tests.simulators.confluence_datacenter import ConfluenceDataCenter
from tests.simulators.confluence_rest import ConfluenceRest
from tests.simulators.confluence_site import Page
from tests.simulators.confluence_site import Site as ConfluenceSite
from tests.simulators.jira_rest import JiraRest
from tests.simulators.jira_site import Site as JiraSite
from tests.simulators.jira_wire import Answer, Asked, Wire

LATE = "<p>A person's sentence.</p>"

_HEAD = (
    '<ac:structured-macro ac:name="details"><ac:rich-text-body><table><tbody>'
    "<tr><th><p>Date</p></th><td><p>2026-02-20</p></td></tr>"
    "<tr><th><p>Status</p></th><td><p>published</p></td></tr>"
    "</tbody></table></ac:rich-text-body></ac:structured-macro><h2>Action items</h2>"
)
_TASK = (
    "<ac:task><ac:task-id>{}</ac:task-id><ac:task-status>incomplete</ac:task-status>"
    "<ac:task-body>{}</ac:task-body></ac:task>"
)
_TABLE = (
    "<table><tbody><tr><th><p>Action</p></th><th><p>Owner</p></th></tr>"
    "<tr><td><p>Move the disk of k3</p></td><td><p>Bo Ek</p></td></tr>"
    "<tr><td><p>Test k4</p></td><td /></tr></tbody></table>"
)
_LINK = r'<a href="[^"]+">[^<]+</a>'
ORIGINALS = {
    "tasks.md": f"{_HEAD}<ac:task-list>{_TASK.format(1, 'Check the queue of k1')}"
    f"{_TASK.format(2, 'Alert on the age of k2')}</ac:task-list><p>&Uuml;ber alles.</p>",
    "table.md": f"{_HEAD}{_TABLE}",
    "late.md": f"{_HEAD}<ul><li><p>Limit the retries of k5</p></li></ul>",
}
"""The pages without anything of ours, by the names of the documents that say the same."""


class BothProducts(Wire):
    """One site, with Jira at its root and Confluence below a path of its own."""

    def __init__(self, jira: JiraRest, confluence: ConfluenceRest) -> None:
        super().__init__()
        self._jira, self._confluence = jira, confluence

    def handle(self, asked: Asked) -> Answer:
        ours = asked.path.startswith((f"{self._confluence.product}/", "/ex/confluence"))
        return (self._confluence if ours else self._jira).handle(asked)


class PagesTeam(JiraTeam):
    """The documents are pages, with a comment on the words of one; a person may edit them as everywhere."""

    def __init__(
        self,
        folder: Path,
        programs: Programs,
        site: JiraSite,
        jira: JiraRest,
        pages: ConfluenceSite,
        confluence: ConfluenceRest,
    ) -> None:
        self.confluence = confluence
        self.shown = pages
        self.named: dict[str, Page] = {}
        self.commented = False
        super().__init__(folder, programs, site, jira)

    def source(self) -> str:
        address = f'[confluence]\nbase_url = "{self.confluence.base_url}{self.confluence.product}"\n'
        return f'{address}[sources.docs]\nkind = "confluence"\nlabel = "postmortem"\n'

    def environment(self) -> dict[str, str]:
        # On Cloud, one account is enough for both products.
        own = {} if isinstance(self.confluence, ConfluenceCloud) else {"SYNC_CONFLUENCE__TOKEN": self._secret}
        return super().environment() | own

    def put(self, files: dict[str, bytes]) -> None:
        for name in files:
            if name in self.named:
                self.edit(name)
            else:
                page = self.shown.page(f"Outage {name}", ORIGINALS[name], labels=("postmortem",))
                self.named[name] = page
                if name == "tasks.md":
                    self.shown.comment(page, "the queue")

    def edit(self, name: str) -> None:
        """A person adds a sentence at the end of what stands there."""
        page = self.named[name]
        self.shown.edit(page, page.body + LATE)

    def documents(self) -> dict[str, bytes]:
        return {name: page.body.encode() for name, page in sorted(self.named.items())}

    def judge(self, tally: Tally) -> None:
        """Count what is wrong, by the tracker's own store and the pages' bodies."""
        self.count(tally, "".join(page.body for page in self.named.values()), 'href="{}"')
        tally.lost_edits += sum(len(page.orphaned()) for page in self.named.values())
        clean = {name: without_ours(page.body) for name, page in self.named.items()}
        tally.wrong_bytes += clean != ORIGINALS | self.edited


def without_ours(body: str) -> str:
    """A page with what is ours taken out by plain search, and the comment's marker, not by the program's own parser."""
    body = re.sub(r"</?ac:inline-comment-marker[^>]*>", "", body)
    body = body.replace("<ac:task-status>complete</ac:task-status>", "<ac:task-status>incomplete</ac:task-status>")
    body = re.sub(rf" \({_LINK}(?:, (?:open|done \d{{4}}-\d\d-\d\d))?\)", "", body)
    body = body.replace("<th><p>Ticket</p></th><th><p>Status</p></th>", "")
    return re.sub(rf"<td><p>{_LINK}</p></td><td><p>Open</p></td>", "", body)


def products(jira: JiraRest, cloud: bool, pages: ConfluenceSite) -> tuple[BothProducts, ConfluenceRest]:
    """Confluence beside a Jira, and the one server of both."""
    confluence: ConfluenceRest = (ConfluenceCloud if cloud else ConfluenceDataCenter)(pages, jira.secret)
    me = jira.site.me
    pages.me = pages.me.__class__(pages.me.id, me.name, me.email, me.login)
    return BothProducts(jira, confluence), confluence
