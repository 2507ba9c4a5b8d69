"""What a run tells of one document: as planned, and when its work ended. Pure."""

from __future__ import annotations

from sync.model import Action, Outcome, Plan
from sync.run.carry_out import Done
from sync.run.planner import Failed, Planned, Result, Skipped
from sync.run.render import rendered
from sync.run.summary import DocumentReport


def preview(result: Result) -> DocumentReport:
    """What would be done about a document."""
    report = _report(result)
    if isinstance(result, Planned):
        report.outcomes = expected(result.plan)
        after = rendered(result, report.outcomes, preview=True)
        report.after = report.before if after is None else after
    return report


def concluded(done: Done) -> DocumentReport:
    """What was done about a document."""
    report = _report(done.result)
    report.outcomes = done.applied.outcomes
    report.errors += done.applied.errors
    if done.written and done.written.written:
        report.after, report.where = done.data, done.written.where
        report.errors += [done.written.undone] if done.written.undone else []
        report.notes += done.written.notes
    elif done.written:
        report.errors.append(done.written.error)
    return report


def expected(plan: Plan) -> list[Outcome]:
    """What would become of a plan, were it carried out and nothing went wrong."""
    return [
        Outcome(c, c.action, c.ticket, error="; ".join(c.reasons) if c.action is Action.FAIL else "", notes=c.notes)
        for c in plan.changes
    ]


def _report(result: Result) -> DocumentReport:
    report = DocumentReport(*result.name, postmortem=result.postmortem, began=result.began)
    report.title = result.postmortem.title if result.postmortem else ""
    match result:
        case Planned():
            report.plan = result.plan
            report.questions = list(result.asked)
            report.before = report.after = result.document.data
        case Skipped():
            report.skipped = result.why
        case Failed():
            report.errors = [result.why]
    return report
