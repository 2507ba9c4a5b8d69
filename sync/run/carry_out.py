"""Carries plans out: applies them on the trackers, and writes what came of them into the documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sync.errors import SourceError
from sync.model import Action, Outcome
from sync.ports import Foresighted, Rewrite, Source, WriteResult
from sync.run.apply import Applied, Applier
from sync.run.planner import KEEP_BYTES, Failed, Planned, Planner, Result
from sync.run.render import rendered

ATTEMPTS = 5
"""How often a document that is edited under our hands is read and planned again."""

BUSY = "{}: it is being edited again and again; nothing was written, the next run tries again"


@dataclass(frozen=True, slots=True)
class Done:
    """The work on a document ended.

    Attributes:
        result: as it was planned the last time.
        applied: what became of the plan.
        written: what became of the write-back; None where there was nothing to write.
        data: the new bytes, where they were written.
    """

    result: Result
    applied: Applied
    written: WriteResult | None = None
    data: bytes = b""


class _Write(NamedTuple):
    """A document that is to be written back."""

    planned: Planned
    applied: Applied
    rewrite: Rewrite


class Executor:
    """Carries out the plans of one run.

    Args:
        began: when the tickets that the plans are based on were read.
        chunk: how many documents are written together at most.
        room: how many more tickets may be made than were planned when the limit was checked; None for any number.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        planner: Planner,
        applier: Applier,
        began: datetime,
        chunk: int,
        room: int | None = None,
    ) -> None:
        self._sources = sources
        self._planner = planner
        self._applier = applier
        self._began = began
        self._chunk = chunk
        self._room = room
        self._late: dict[str, list[_Write]] = {}

    def carry_out(self, results: Sequence[Result]) -> Iterator[Done]:
        """Apply plans, and write back; what a source wants written together is done by a later call, or by `rest`."""
        yield from (Done(result, Applied([])) for result in results if not isinstance(result, Planned))
        plans = [result for result in results if isinstance(result, Planned)]
        for before, first in zip(plans, self._apply(plans), strict=True):
            planned, applied = self._settled(before, first)
            if not isinstance(planned, Planned):
                yield Done(planned, applied)
                continue
            name = planned.name.source
            rewrite = _rewrite(planned, applied)
            if rewrite is None:
                yield Done(planned, applied)
                continue
            late = self._late.setdefault(name, [])
            late.append(_Write(planned, applied, rewrite))
            if not self._sources[name].together or self._is_full(late):
                yield from self._write(name, self._late.pop(name))

    def rest(self) -> Iterator[Done]:
        """Write what is not written yet."""
        for name in list(self._late):
            yield from self._write(name, self._late.pop(name))

    def _apply(self, plans: Sequence[Planned]) -> list[Applied]:
        def is_current(number: int) -> bool:
            planned = plans[number]
            source = self._sources[planned.name.source]
            try:
                return not isinstance(source, Foresighted) or source.is_current(planned.document)
            except SourceError:
                return False

        return self._applier.apply([planned.plan for planned in plans], self._began, is_current)

    def _settled(self, result: Result, applied: Applied) -> tuple[Result, Applied]:
        """A document that was edited right before its tickets were made is read, planned and applied once more."""
        for _ in range(ATTEMPTS):
            if not applied.stale or not isinstance(result, Planned):
                break
            result, applied = self._once_more(result, applied)
        return result, applied

    def _once_more(self, before: Planned, applied: Applied) -> tuple[Result, Applied]:
        fresh = self._planner.plan([before.name])[0]
        if isinstance(fresh, Planned):
            made = sum(outcome.action is Action.CREATE for outcome in applied.outcomes)
            more = fresh.plan.creates + made - before.plan.creates
            if self._room is not None and more > self._room:
                why = f"{before.name.path}: it was edited meanwhile, and asks for more tickets than limits.new_tickets."
                fresh = Failed(fresh.name, fresh.began, f"{why} The next run counts them.", fresh.postmortem)
            elif self._room is not None and more > 0:
                self._room -= more
        if not isinstance(fresh, Planned):
            return fresh, Applied([], applied.errors)
        again = self._apply([fresh])[0]
        again.errors = [*applied.errors, *again.errors]
        _keep_actions(applied, again)
        return fresh, again

    def _is_full(self, writes: Sequence[_Write]) -> bool:
        return len(writes) >= self._chunk or sum(len(one.rewrite.data) for one in writes) > KEEP_BYTES

    def _write(self, name: str, writes: Sequence[_Write]) -> Iterator[Done]:
        source = self._sources[name]
        for _ in range(ATTEMPTS):
            results = source.write([one.rewrite for one in writes])
            again: list[_Write] = []
            for one, result in zip(writes, results, strict=True):
                if not result.stale:
                    yield Done(one.planned, one.applied, result, one.rewrite.data)
                elif isinstance(fresh := self._plan_again(one), Done):
                    yield fresh
                else:
                    again.append(fresh)
            if not again:
                return
            writes = again
        for one in writes:
            path = one.planned.name.path
            yield Done(one.planned, one.applied, WriteResult(path, error=BUSY.format(path)))

    def _plan_again(self, before: _Write) -> _Write | Done:
        """The document was edited under our hands: read it, plan it and apply what is new in it."""
        fresh, applied = self._settled(*self._once_more(before.planned, before.applied))
        if not isinstance(fresh, Planned):
            return Done(fresh, applied)
        rewrite = _rewrite(fresh, applied)
        return _Write(fresh, applied, rewrite) if rewrite else Done(fresh, applied)


def _rewrite(planned: Planned, applied: Applied) -> Rewrite | None:
    data = rendered(planned, applied.outcomes)
    return None if data is None else Rewrite(planned.document, data)


def _keep_actions(first: Applied, second: Applied) -> None:
    """A ticket created before the document was read again counts as created, not as unchanged."""
    done = {
        o.ticket.ref: o for o in first.outcomes if o.ticket and o.action in (Action.CREATE, Action.ADOPT, Action.UPDATE)
    }
    for index, outcome in enumerate(second.outcomes):
        earlier = done.get(outcome.ticket.ref) if outcome.ticket else None
        if earlier and outcome.action in (Action.UNCHANGED, Action.UPDATE):
            second.outcomes[index] = Outcome(
                outcome.change, earlier.action, outcome.ticket, True, outcome.error, (*earlier.notes, *outcome.notes)
            )
