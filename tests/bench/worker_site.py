"""The other end of the workers' benchmark, in a process of its own: a Jira that takes its time, and tells the truth.

It reads a command a line, and answers each with a line of JSON.
"""

from __future__ import annotations

import json
import resource
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.simulators import jira_spec
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_jql import Query, parse
from tests.simulators.jira_site import Issue, Refused, Site
from tests.simulators.jira_wire import Answer, Asked


class IndexedSite(Site):
    """A site whose index finds by label, as a real one does: a search costs what it finds."""

    def __init__(self) -> None:
        self.labelled: dict[str, dict[str, Mapping[str, Any]]] = {}
        self.by_id: dict[str, Issue] = {}
        super().__init__(lambda: datetime.now(UTC))

    def find(self, key: str) -> Issue:
        if issue := self._by_key.get(key.upper()) or self.by_id.get(key):
            return issue
        raise Refused(404, "Issue does not exist or you do not have permission to see it.")

    def _indexed(self, issue: Issue) -> None:
        super()._indexed(issue)
        _, _, row = self._index.pop()
        self.by_id[issue.id] = issue
        for label in ("", *row["labels"]):
            self.labelled.setdefault(label, {})[issue.id] = row


class SlowJira(JiraCloud):
    """Args:
    seconds: how long each answer takes, beside others: nobody waits for another's.
    """

    site: IndexedSite

    def __init__(self, seconds: float) -> None:
        super().__init__(IndexedSite())
        self.seconds = seconds
        self.served = 0

    def handle(self, asked: Asked) -> Answer:
        self.log.clear()
        self.served += 1
        answer = super().handle(asked)
        answer.headers["X-Simulated-Delay"] = str(self.seconds)
        return answer

    def check_description(self, value: Any) -> None:
        """The tests hold descriptions against their schema; here that would be most of the time."""

    def select(self, jql: str) -> tuple[Query, list[Issue]]:
        query = parse(jql)
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        labels = next((values for field, _, values in query.conditions if field == "labels"), ("",))
        rows = {key: row for label in labels for key, row in self.site.labelled.get(label, {}).items()}
        found = query.sort([row for row in rows.values() if query.matches(row, now)])
        return query, [self.site.by_id[row["id"]] for row in found]

    def truth(self) -> dict[str, Any]:
        """What is there: tickets, and titles that more than one of them has."""
        titles = Counter(str(issue.fields["summary"]) for issue in self.site.issues)
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "tickets": len(self.site.issues),
            "duplicates": sum(number - 1 for number in titles.values()),
            "calls": self.served,
            "cpu": used.ru_utime + used.ru_stime,
        }

    def obey(self, command: str) -> None:
        """`close`: somebody closes every ticket; `latency SECONDS`; anything else changes nothing."""
        word, _, value = command.partition(" ")
        if word == "latency":
            self.seconds = float(value)
        if word == "close":
            for issue in self.site.issues:
                self.site.set_status(issue, "Done", "Done")


def main() -> None:
    jira_spec.AVAILABLE = False
    jira = SlowJira(float(sys.argv[1]))
    with jira.serving() as address:
        print(json.dumps({"address": address, "email": jira.site.me.email, "token": jira.secret}), flush=True)
        for line in sys.stdin:
            with jira._lock:
                jira.obey(line.strip())
                print(json.dumps(jira.truth()), flush=True)


if __name__ == "__main__":
    main()
