"""Takes in one delivery: durable when it is acknowledged, and only once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sync.ports import WebhookEvent
from sync.process.logs import log
from sync.serve.concerned import Concerned
from sync.serve.dispatcher import Dispatcher

ACCEPTED = "accepted"
REPEATED = "repeated"
IGNORED = "ignored"
REFUSED = "refused"
FAILED = "failed"


class EventSender(Protocol):
    """One system that sends events: see `adapters.http.webhook`."""

    @property
    def name(self) -> str:
        """The name of the settings' section."""

    def signed(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Whether the sender knows the secret."""

    def event(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        """What a delivery tells. Raises ValueError, which says what is wrong with it."""


@dataclass(slots=True)
class DeliveryCounts:
    """What came in so far, by team, sender and what became of it. May be used by threads."""

    deliveries: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    documents: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, team: str, sender: str, outcome: str, documents: int = 0) -> None:
        """Count one delivery, and the documents that it led to."""
        with self._lock:
            self.deliveries[team, sender, outcome] += 1
            self.documents[team] += documents


@dataclass(frozen=True, slots=True)
class Intake:
    """What is done with the events of one team."""

    team: str
    concerned: Concerned
    dispatcher: Dispatcher
    counts: DeliveryCounts

    def take(self, sender: str, event: WebhookEvent) -> tuple[str, int]:
        """Keep an event until it is dealt with; answers what became of it and how many documents it concerns.

        Raises:
            JournalError: it is not kept.
        """
        names = self.concerned.documents(sender, event)
        outcome = IGNORED
        if names:
            outcome = ACCEPTED if self.dispatcher.inbox.put(f"{sender} {event.delivery}", names) else REPEATED
        if outcome == ACCEPTED:
            self.dispatcher.ring()
        self.counts.add(self.team, sender, outcome, len(names) if outcome == ACCEPTED else 0)
        log().info(outcome, team=self.team, sender=sender, kind=event.kind, documents=len(names))
        return outcome, len(names)
