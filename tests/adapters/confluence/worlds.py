"""Confluence sites for tests: a simulator on loopback, and sources that talk to it as to the real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters.confluence.client import ConfluenceSession
from adapters.confluence.page import Wanted
from adapters.confluence.source import ConfluenceSource
from adapters.http.atlassian import Credentials
from adapters.http.policy import CallPolicy
from sync.ports import Rewrite, Source, WriteResult
from tests.clocks import VirtualClock
from tests.contract.sources import SourceWorld
from tests.simulators.confluence_cloud import ConfluenceCloud
from tests.simulators.confluence_datacenter import ConfluenceDataCenter
from tests.simulators.confluence_rest import ConfluenceRest
from tests.simulators.confluence_site import Page, Site

LABEL = "postmortem"


class ConfluenceWorld(SourceWorld):
    """A site with two postmortems, and a page beside them that is none."""

    source: ConfluenceSource
    nowhere = "999999999"
    outside = "../pages/1"

    def __init__(self, simulator: type[ConfluenceRest]) -> None:
        self.clock = VirtualClock()
        self.site = Site(self.clock.now)
        self.confluence = simulator(self.site)
        self.cloud = simulator is ConfluenceCloud
        self.a = self.site.page("Checkout outage", "<p>a</p>", labels=(LABEL,))
        self.b = self.site.page("Search outage", "<p>b</p>", labels=(LABEL, "search"))
        self.other = self.site.page("Minutes", "<p>c</p>")
        self.first, self.second = sorted([self.a.id, self.b.id])
        self.opened: list[ConfluenceSource] = []

    def session(self, **settings: Any) -> ConfluenceSession:
        user = self.site.me.email if self.cloud else ""
        values: dict[str, Any] = {"cloud": self.cloud, "gateway": self.confluence.base_url} | settings
        credentials = values.pop("credentials", Credentials(self.confluence.secret, user, bearer=not self.cloud))
        address = values.pop("base_url", self.confluence.base_url + self.confluence.product)
        policy = CallPolicy(self.clock, None, values.pop("waiting", None))
        return ConfluenceSession(address, credentials, policy, self.clock, timeout=(30.0, 30.0), **values)

    def open(self, wanted: Wanted | None = None, memory: Path | None = None, **settings: Any) -> ConfluenceSource:
        """A source on the site, with settings of its own."""
        of_source = {name: settings.pop(name) for name in ("page_states", "draft_wait") if name in settings}
        session = self.session(**settings)
        one = Wanted(label=LABEL) if wanted is None else wanted
        source = ConfluenceSource("pages", session, one, self.clock, memory=memory, **of_source)
        self.opened.append(source)
        return source

    def page(self, path: str) -> Page:
        return self.site.pages[path]

    def person_writes(self, path: str, data: bytes) -> None:
        self.site.edit(self.page(path), data.decode())

    def person_deletes(self, path: str) -> None:
        self.site.remove(self.page(path))

    def now(self, path: str) -> bytes:
        return self.page(path).body.encode()

    def second_machine(self) -> Source:
        return self.open()

    def write(self, page: Page, old: str, new: str, source: ConfluenceSource | None = None) -> WriteResult:
        """Read a page, change its words, and write it back."""
        one = source or self.source
        document = one.read(page.id)
        assert old.encode() in document.data
        return one.write([Rewrite(document, document.data.replace(old.encode(), new.encode()))])[0]


SIMULATORS: tuple[type[ConfluenceRest], ...] = (ConfluenceCloud, ConfluenceDataCenter)


@contextmanager
def world_of(simulator: type[ConfluenceRest]) -> Iterator[ConfluenceWorld]:
    """A world with a source open; whatever the API's description does not allow fails the test."""
    world = ConfluenceWorld(simulator)
    with world.confluence.serving():
        world.source = world.open()
        yield world
        for source in world.opened:
            source.close()
    assert world.confluence.violations == []
