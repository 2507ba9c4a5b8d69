"""What a run tells: one report a document, and the summary at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sync.journal.questions import Question
from sync.model import Action, Outcome, Plan, Postmortem, Twins
from sync.ports import WriteResult


@dataclass(slots=True)
class Summary:
    """The figures of a run, as `--json` prints them.

    Attributes:
        items: action items of the published postmortems.
        skipped: postmortems that are drafts, and items held back.
        held: items of which a person must say whether a ticket is theirs, or whose create is still unknown.
        written_back: documents whose bytes were changed.
        failed: items, documents and trackers that failed.
        questions: what is held or in conflict and a person can settle; news: how much of that no run has told before.
        requests: calls made, by tracker.
        seconds: wall-clock time.
    """

    postmortems: int = 0
    items: int = 0
    created: int = 0
    updated: int = 0
    adopted: int = 0
    unchanged: int = 0
    written_back: int = 0
    skipped: int = 0
    held: int = 0
    conflicts: int = 0
    failed: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    questions: list[Question] = field(default_factory=list)
    news: int = 0

    def to_json(self) -> dict[str, Any]:
        """Keys and their order are a contract that scripts depend on."""
        return {
            "postmortems": self.postmortems,
            "items": self.items,
            "created": self.created,
            "updated": self.updated,
            "adopted": self.adopted,
            "unchanged": self.unchanged,
            "written_back": self.written_back,
            "skipped": self.skipped,
            "held": self.held,
            "conflicts": self.conflicts,
            "failed": self.failed,
            "requests": dict(sorted(self.requests.items())),
            "seconds": round(self.seconds, 3),
        }

    @property
    def exit_status(self) -> int:
        """0 when all went well, 1 when something failed, is held or is in conflict."""
        return 1 if self.failed or self.conflicts or self.held else 0

    @property
    def status_of_news(self) -> int:
        """The same for who has read the runs before: what is held or in conflict counts once."""
        return 1 if self.failed or self.news else 0

    def count(self, outcomes: Sequence[Outcome], plan: Plan | None = None) -> None:
        """Add the outcomes of one postmortem's items."""
        self.conflicts += len(undecided(plan))
        for outcome in outcomes:
            self.conflicts += len(outcome.change.conflicts)
            match outcome.action:
                case Action.CREATE:
                    self.created += 1
                case Action.UPDATE:
                    self.updated += 1
                case Action.ADOPT:
                    self.adopted += 1
                case Action.UNCHANGED | Action.FOLLOW:
                    self.unchanged += 1
                case Action.SKIP:
                    self.skipped += 1
                case Action.HOLD:
                    self.held += 1
                case Action.FAIL:
                    self.failed += 1


@dataclass(slots=True)
class DocumentReport:
    """What a run found and did about one document.

    Attributes:
        before, after: its bytes; the same where nothing is written back.
        skipped: why the whole document was left out.
        errors: what failed about the document itself.
        where: where the write-back is to be found (a commit, a pull request).
        notes: what a person should know of the write-back, a sentence each.
        earlier: findings of an earlier run, when the document needed no work in this one.
        began: when its reading began; None when it was not read.
        questions: what only a person can say about it; news: the numbers of those that no run has told before.
    """

    source: str
    path: str
    title: str = ""
    postmortem: Postmortem | None = None
    plan: Plan | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    before: bytes = b""
    after: bytes = b""
    skipped: str = ""
    errors: list[str] = field(default_factory=list)
    where: str = ""
    notes: list[str] = field(default_factory=list)
    earlier: list[str] = field(default_factory=list)
    began: datetime | None = None
    questions: list[Question] = field(default_factory=list)
    news: set[int] = field(default_factory=set)


class Observer(Protocol):
    """Whoever watches a run: a terminal, a log, nobody."""

    def began(self, documents: int) -> None:
        """So many documents will be looked at."""

    def advanced(self, documents: int) -> None:
        """So many more were looked at."""

    def document(self, report: DocumentReport) -> None:
        """One document is finished, or needs a person's eye."""

    def waiting(self, why: str, seconds: float) -> None:
        """The run waits."""

    def left(self, seconds: float) -> None:
        """So many seconds of a wait are left; 0 ends it."""


class Silent:
    """An observer that watches nothing."""

    def began(self, documents: int) -> None:
        """Do nothing."""

    def advanced(self, documents: int) -> None:
        """Do nothing."""

    def document(self, report: DocumentReport) -> None:
        """Do nothing."""

    def waiting(self, why: str, seconds: float) -> None:
        """Do nothing."""

    def left(self, seconds: float) -> None:
        """Do nothing."""


def question_from(source: str, path: str, kept: Sequence[Any]) -> Question:
    """A question as a document's checkpoint keeps it (`question_to`)."""
    number, what, line, text = kept
    return Question("", "", str(what), "", source, path, int(line), str(text), number=int(number), known=True)


def question_to(question: Question) -> list[Any]:
    """A question for a document's checkpoint."""
    return [question.number, question.what, question.line, question.text]


def undecided(plan: Plan | None) -> list[Twins]:
    """Twins between which a person must choose."""
    return [twins for twins in plan.twins if twins.kept] if plan else []


class Tally:
    """Counts what a run finds into its summary, and tells the observer, one document at a time.

    Args:
        named: whether the documents were named: then each moves the progress when it is finished, and not when it
            is looked at.
    """

    def __init__(self, observer: Observer, named: bool = False) -> None:
        self.summary = Summary()
        self._observer = observer
        self._named = named

    def began(self, documents: int) -> None:
        """So many documents will be looked at."""
        self.summary.postmortems += documents
        self._observer.began(documents)

    def looked_at(self, documents: int) -> None:
        """So many more of them were looked at."""
        self._observer.advanced(documents)

    def failed(self, source: str, path: str, why: str) -> None:
        """A document, a source or a tracker cannot be used; `path` names the tracker where there is no source."""
        self.summary.failed += 1
        self._observer.document(DocumentReport(source, path, errors=[why]))

    def finished_late(self, source: str, result: WriteResult) -> None:
        """What an earlier run left undone about a document was done now, or could not be done again."""
        self.summary.failed += bool(result.undone)
        errors = [result.undone] if result.undone else []
        self._observer.document(DocumentReport(source, result.path, errors=errors, where=result.where))

    def idle(self, source: str, path: str, record: Mapping[str, Any]) -> None:
        """A document needs no work; `record` is what its checkpoint says."""
        self.summary.items += int(record.get("items", 0))
        self.summary.unchanged += int(record.get("followed", 0))
        self.summary.skipped += int(record.get("skipped", 0))
        self.summary.conflicts += int(record.get("conflicts", 0))
        self.summary.held += int(record.get("held", 0))
        lines = [str(line) for line in record.get("findings", [])]
        questions = [question_from(source, path, kept) for kept in record.get("questions", [])]
        self.summary.questions += questions
        if lines:
            title = str(record.get("title", ""))
            self._observer.document(DocumentReport(source, path, title, earlier=lines, questions=questions))

    def finished(self, report: DocumentReport) -> None:
        """The work on a document ended."""
        if self._named:
            self._observer.advanced(1)
        self.summary.failed += len(report.errors)
        self.summary.skipped += bool(report.skipped)
        self.summary.written_back += report.after != report.before
        if report.plan:
            self.summary.items += len(report.plan.changes)
            self.summary.count(report.outcomes, report.plan)
            self.summary.questions += report.questions
            # Nobody is asked about a create that is still unknown: it settles by itself.
            unasked = sum(o.action is Action.HOLD and not o.change.question for o in report.outcomes)
            self.summary.news += len(report.news) + unasked
        self._observer.document(report)


def findings(plan: Plan | None, outcomes: Sequence[Outcome], postmortem: Postmortem | None) -> list[str]:
    """What a person should look at about a document, as lines that name the document's line."""
    lines: list[str] = []
    items = postmortem.items if postmortem else ()
    for outcome in outcomes:
        item = items[outcome.change.index]
        where = f"line {item.line}"
        lines += [f"{where}: conflict: {conflict}" for conflict in outcome.change.conflicts]
        lines += [f"{where}: {note}" for note in outcome.notes]
        if outcome.action in (Action.SKIP, Action.HOLD):
            lines.append(f"{where}: held back: {'; '.join(outcome.change.reasons)}")
    lines += [str(twins) for twins in undecided(plan)]
    for ticket in plan.copies if plan else ():
        lines.append(f"{ticket.ref.key} ({ticket.title}) carries a copy of the mark of another ticket; it is ignored")
    for ticket in plan.orphans if plan else ():
        lines.append(f"orphaned: {ticket.ref.key} ({ticket.title}) has no action item any more; the ticket stays")
    lines += [
        f"line {w.line}: {w.message}" if w.line else w.message for w in (postmortem.warnings if postmortem else ())
    ]
    return lines
