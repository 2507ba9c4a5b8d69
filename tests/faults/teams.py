"""A team on each tracker, for attacks: its documents, its tickets as the tracker itself knows them, and a judge."""

from __future__ import annotations

import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.github.tracker import GitHubTracker
from adapters.jira.dialect import CLOUD, DATA_CENTER
from tests.canaries import MARK
from tests.faults.clock import SharedClock
from tests.faults.program import Ended, Job, Programs
from tests.faults.tally import ITEMS, Tally, originals
from tests.simulators.certificates import bundle
from tests.simulators.confluence_site import Site as ConfluenceSite
from tests.simulators.github_server import GitHub
from tests.simulators.github_site import Site as GitHubSite
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_datacenter import JiraDataCenter
from tests.simulators.jira_rest import JiraRest
from tests.simulators.jira_site import Site as JiraSite
from tests.simulators.jira_wire import Wire
from tests.simulators.proxy import Proxy

KEPT = "A person's words on k5"
CRON = 900.0
"""Seconds between two runs of cron."""

LINK = r"\[[^\]\n]+\]\([^)\n]+\)"


@dataclass(frozen=True)
class Known:
    """A ticket as the tracker's own store has it."""

    key: str
    title: str
    link: str
    duplicate: bool
    everything: str


class Team(ABC):
    """Three documents of different notations; one item has a ticket already, which a person retitled and closed.

    Every machine has a folder of its own with sync.toml and state; the documents are shared.
    """

    wire: Wire | None = None
    proxy: Proxy | None = None

    def __init__(self, folder: Path, programs: Programs) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.programs = programs
        self.clock = SharedClock(folder / "clock")
        self.docs = folder / "docs"
        self.docs.mkdir()
        self.edited: dict[str, str] = {}
        self.begin()

    def begin(self) -> None:
        texts = originals()
        self.put({"late.md": texts["late.md"].encode()})
        first = self.run()
        assert first.status == 0, first.err
        self.person_closes_and_retitles()
        self.put({name: text.encode() for name, text in texts.items() if name != "late.md"})
        self.clock.sleep(CRON)

    def put(self, files: dict[str, bytes]) -> None:
        for name, data in files.items():
            (self.docs / name).write_bytes(data)

    def documents(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.docs.iterdir())}

    @abstractmethod
    def settings(self) -> str:
        """The tracker's part of sync.toml."""

    @abstractmethod
    def tickets(self) -> list[Known]: ...

    @abstractmethod
    def person_closes_and_retitles(self) -> None: ...

    def person_closes(self, token: str) -> None:
        """Somebody finishes the item with this word."""
        raise LookupError

    def blind(self, way: int) -> str:
        """Our account sees nothing any more, in one of some ways; in words."""
        raise LookupError

    def see(self) -> None:
        """It does again."""
        raise LookupError

    def source(self) -> str:
        return f'[sources.docs]\npath = "{self.docs}"\n'

    def environment(self) -> dict[str, str]:
        return {}

    def machine(self, name: str = "one") -> Path:
        folder = self.folder / name
        if not folder.exists():
            folder.mkdir()
            text = f"{self.settings()}{self.source()}[limits]\nmax_age_days = 36500\n"
            (folder / "sync.toml").write_text(text, encoding="utf-8")
        return folder

    def job(self, machine: str = "one", settings: Mapping[str, str] | None = None, **values: Any) -> Job:
        """A call of the program on a machine, with these variables in its environment."""
        way = self.proxy.environment() | {"REQUESTS_CA_BUNDLE": bundle()} if self.proxy else {}
        environment = {**way, **self.environment(), **(settings or {})}
        return Job(str(self.machine(machine)), str(self.folder / "clock"), environment=environment, **values)

    def run(self, machine: str = "one", **values: Any) -> Ended:
        return self.programs.run(self.job(machine, **values))

    def obey(self, ended: Ended, machine: str = "one") -> None:
        """Do what the program asks for: delete a state store that is damaged."""
        if ended.status == 2 and "Delete it" in ended.err:
            for path in self.journal(machine).parent.glob("journal.db*"):
                path.unlink()

    def journal(self, machine: str = "one") -> Path:
        return self.machine(machine) / ".postmortem-sync" / "journal.db"

    def recover(self, tally: Tally, machine: str = "one", mutate: str = "") -> None:
        """Run as cron would, until a run changes nothing; then judge."""
        for attempt in range(1, 8):
            before = self.documents(), self.tickets()
            self.clock.sleep(CRON)
            ended = self.run(machine, mutate=mutate)
            blame(tally, ended)
            self.obey(ended, machine)
            if before == (self.documents(), self.tickets()) and ended.status == 0:
                tally.recovery = max(tally.recovery, attempt - 1)
                break
        else:
            tally.unhandled += 1
            tally.notes.append(f"it never settles: {ended.status} {ended.out[-600:]}")
        self.judge(tally)

    def count(self, tally: Tally, whole: str, link: str) -> None:
        """Count what is wrong with the tickets, of which each item's one must be linked once in all documents.

        Args:
            link: how documents write a link; `{}` stands for its address.
        """
        tickets = self.tickets()
        live = [ticket for ticket in tickets if not ticket.duplicate]
        tally.twins += len(tickets) - len(live)
        for token in ITEMS:
            found = [ticket for ticket in live if token in ticket.title]
            tally.duplicates += max(0, len(found) - 1)
            if not found or sum(link.format(ticket.link) in whole for ticket in found) != 1:
                tally.lost_items += 1
        tally.lost_edits += not any(ticket.title == KEPT for ticket in live)

    def judge(self, tally: Tally) -> None:
        """Count what is wrong, by the tracker's own store and the documents' bytes."""
        documents = {name: data.decode() for name, data in self.documents().items()}
        self.count(tally, "".join(documents.values()), "({})")
        clean = {name: without_ours(data) for name, data in documents.items()}
        tally.wrong_bytes += clean != originals() | self.edited


def blame(tally: Tally, ended: Ended, *also: int) -> None:
    """Count an end that is none of the documented ones, nor one of `also`."""
    if ended.unhandled and ended.status not in also:
        tally.unhandled += 1
        tally.notes.append(f"status {ended.status}: {ended.err[-400:]}")


def without_ours(text: str) -> str:
    """A document with our bytes taken out by plain search, not by the program's own parser."""
    text = re.sub(rf" \({LINK}(?:, (?:open|done \d{{4}}-\d\d-\d\d))?\)", "", text)
    text = text.replace(" Ticket | Status |", "").replace("|---|---| --- | --- |", "|---|---|")
    text = re.sub(rf"\| Test k4 \| \| {LINK} \| Open \|", "| Test k4 |", text)
    return re.sub(rf" {LINK} \| Open \|", "", text)


class LocalTeam(Team):
    def settings(self) -> str:
        return f'tracker = "local"\n[local]\npath = "{self.folder}/tickets.db"\n'

    def tickets(self) -> list[Known]:
        with sqlite3.connect(self.folder / "tickets.db") as database:
            database.row_factory = sqlite3.Row
            rows = [dict(row) for row in database.execute("SELECT * FROM tickets ORDER BY number")]
        database.close()
        return [
            Known(
                f"LOCAL-{r['number']}",
                r["title"],
                f"local:LOCAL-{r['number']}",
                bool(r["duplicate_of"]),
                repr(sorted(r.items())),
            )
            for r in rows
        ]

    def person_closes_and_retitles(self) -> None:
        assert self.run(arguments=("tickets", "edit", "LOCAL-1", "--title", KEPT)).status == 0
        assert self.run(arguments=("tickets", "close", "LOCAL-1")).status == 0


class GitHubTeam(Team):
    settle_seconds = GitHubTracker.settle_seconds

    def __init__(
        self, folder: Path, programs: Programs, site: GitHubSite, github: GitHub, proxy: Proxy | None = None
    ) -> None:
        self.site = site
        self.wire = self.github = github
        self.proxy = proxy
        self.repository = site.repository("Acme/Shop")
        super().__init__(folder, programs)

    def settings(self) -> str:
        address = f'base_url = "{self.github.base_url}"\nrepository = "Acme/Shop"\n'
        return f'tracker = "github"\n[github]\n{address}[state]\nmark_secret = "a-secret"\n'

    def environment(self) -> dict[str, str]:
        return {"SYNC_GITHUB__TOKEN": f"ghp_{MARK}"}

    def tickets(self) -> list[Known]:
        return [
            Known(
                f"Acme/Shop#{one.number}",
                one.title,
                f"{self.github.base_url}/Acme/Shop/issues/{one.number}",
                one.state == "closed" and one.state_reason == "duplicate",
                repr((one.title, one.body, one.state, one.labels, one.assignees, len(one.comments))),
            )
            for one in self.repository.issues.values()
            if not one.pull
        ]

    def person_closes_and_retitles(self) -> None:
        (issue,) = self.repository.issues.values()
        self.site.edit(issue, title=KEPT)
        self.site.close(issue, "completed")

    def person_closes(self, token: str) -> None:
        self.site.close(next(one for one in self.repository.issues.values() if token in one.title))

    def blind(self, way: int) -> str:
        if way % 2:
            self.site.unseen.add(self.repository.full_name.lower())
            return "the token lost the repository"
        self.site.tokens = {}
        return "the token ended"

    def see(self) -> None:
        self.site.unseen.clear()
        self.site.tokens = {f"ghp_{MARK}": self.site.me}


class GitHubSourceTeam(GitHubTeam):
    """The documents are in a repository as well."""

    def __init__(
        self, folder: Path, programs: Programs, site: GitHubSite, github: GitHub, proxy: Proxy | None = None
    ) -> None:
        self.pages = site.repository("Acme/Docs")
        super().__init__(folder, programs, site, github, proxy)

    def source(self) -> str:
        return '[sources.docs]\nkind = "github"\nrepository = "Acme/Docs"\n'

    def put(self, files: dict[str, bytes]) -> None:
        self.pages.commit({**self.pages.files(), **files}, "a person")

    def documents(self) -> dict[str, bytes]:
        return {name: data for name, data in self.pages.files().items() if name.endswith(".md")}


class JiraTeam(Team):
    def __init__(
        self, folder: Path, programs: Programs, site: JiraSite, jira: JiraRest, proxy: Proxy | None = None
    ) -> None:
        self.site = site
        self.wire = self.jira = jira
        self.proxy = proxy
        self._secret = jira.secret
        self.settle_seconds = (CLOUD if isinstance(jira, JiraCloud) else DATA_CENTER).settle_seconds
        super().__init__(folder, programs)

    def settings(self) -> str:
        email = f'email = "{self.site.me.email}"\n' if isinstance(self.jira, JiraCloud) else ""
        address = f'base_url = "{self.jira.base_url}"\ngateway = "{self.jira.base_url}"\nproject = "OPS"\n{email}'
        return f'tracker = "jira"\n[jira]\n{address}[state]\nmark_secret = "a-secret"\n'

    def environment(self) -> dict[str, str]:
        return {"SYNC_JIRA__TOKEN": self._secret}

    def tickets(self) -> list[Known]:
        return [
            Known(
                one.key,
                one.fields["summary"],
                f"{self.jira.base_url}/browse/{one.key}",
                one.status == "Rejected" and any(kind == "Duplicate" for kind, _, _ in one.links),
                repr((one.fields, one.status, one.properties)),
            )
            for one in self.site.issues
        ]

    def person_closes_and_retitles(self) -> None:
        (issue,) = self.site.issues
        self.site.edit(issue, {"summary": KEPT}, {})
        self.site.set_status(issue, "Done", "Done")

    def person_closes(self, token: str) -> None:
        issue = next(one for one in self.site.issues if token in one.fields["summary"])
        self.site.set_status(issue, "Done", "Done")

    def blind(self, way: int) -> str:
        if way % 2:
            self.site.unseen.add("OPS")
            return "the permission Browse Projects was taken"
        self._secret, self.jira.secret = self.jira.secret, f"another-{MARK}"
        # Some sites name the account in their answers, and some do not.
        self.jira.names_accounts = way % 4 == 0
        return "the token ended"

    def see(self) -> None:
        self.site.unseen.clear()
        self.jira.secret = self._secret


KINDS = (
    *("local", "github", "github source", "jira cloud", "jira data center"),
    *("confluence cloud", "confluence data center"),
)
TUNNEL, FORWARD = ", CONNECT proxy", ", plain proxy"
"""What the name of a tracker ends in where its team works behind a proxy: by https, and by http."""


@contextmanager
def team_on(kind: str, folder: Path, programs: Programs) -> Iterator[Team]:
    """A team that is set up; its server, and the proxy before it, run until the block ends."""
    folder.mkdir(parents=True)
    clock = SharedClock(folder / "clock")
    kind, _, way = kind.partition(",")
    if kind == "local":
        yield LocalTeam(folder, programs)
        return
    secure = way == TUNNEL.removeprefix(",")
    with ExitStack() as open_until_then:
        proxy = Proxy() if way else None
        if proxy:
            open_until_then.enter_context(proxy.serving())
        if kind.startswith("github"):
            site = GitHubSite(clock.now)
            server = GitHub(site)
            open_until_then.enter_context(server.serving(secure))
            made = GitHubSourceTeam if "source" in kind else GitHubTeam
            yield made(folder, programs, site, server, proxy)
        elif kind.startswith("confluence"):
            from tests.faults.pages import PagesTeam, products

            jira_site, pages = JiraSite(clock.now), ConfluenceSite(clock.now)
            cloud = "cloud" in kind
            jira = (JiraCloud if cloud else JiraDataCenter)(jira_site)
            both, confluence = products(jira, cloud, pages)
            jira.base_url = confluence.base_url = open_until_then.enter_context(both.serving(secure))
            made_of_pages = PagesTeam(folder, programs, jira_site, jira, pages, confluence)
            made_of_pages.wire = both
            yield made_of_pages
        else:
            jira_site = JiraSite(clock.now)
            jira = (JiraCloud if "cloud" in kind else JiraDataCenter)(jira_site)
            open_until_then.enter_context(jira.serving(secure))
            yield JiraTeam(folder, programs, jira_site, jira, proxy)
        if proxy:
            assert proxy.tunnels if secure else proxy.passed, "nothing went by the proxy"
