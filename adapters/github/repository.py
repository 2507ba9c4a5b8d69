"""What a repository has: labels, a field or milestones for due dates. Looked at once, before the first write."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import quote

from adapters.github.answers import GitHubRefusal, moment
from adapters.github.board import GitHubBoard
from adapters.github.issue import LABEL
from adapters.github.schemas import ISSUE_FIELDS, MILESTONE, NAMED, OPEN_MILESTONES
from adapters.github.session import GitHubSession
from sync.errors import OutcomeUnknown

COLOUR = "5319e7"
DESCRIPTION = "An action item of a postmortem, kept in step with it"
MILESTONES = "Postmortem actions"


@dataclass(slots=True)
class _Known:
    labels: set[str] = field(default_factory=set)
    field_id: int | None = None
    field_asked: bool = False
    milestones: dict[date, int] | None = None


class GitHubPlaces:
    """Where a repository keeps due dates: an issue field, a milestone, or the description.

    Args:
        due: "auto", "field", "project", "milestone" or "body".
        due_field: name of the organisation's issue field.
        milestone: what titles of milestones begin with; "" for none with "auto".
        board: the project that issues are put onto.
    """

    def __init__(
        self, session: GitHubSession, due: str, due_field: str, milestone: str, board: GitHubBoard | None = None
    ) -> None:
        self._session = session
        self._due = due
        self._field_name = due_field
        self._milestone = milestone or (MILESTONES if due == "milestone" else "")
        self._known: dict[str, _Known] = {}
        self._board = board if board and board.keeps_dates and due in ("auto", "project") else None

    def dated_board(self, project: str) -> GitHubBoard | None:
        """The project, where due dates go there: a field of the issues themselves comes first."""
        return self._board if self._board and self.due_field(project) is None else None

    def _of(self, project: str) -> _Known:
        return self._known.setdefault(project, _Known())

    def ensure_labels(self, project: str, names: Iterable[str]) -> None:
        """Make the labels that the repository lacks; what may not be made is told when an issue lacks it."""
        known = self._of(project).labels
        for name in names:
            if name.casefold() not in known:
                self._ensure_label(project, name)
                known.add(name.casefold())

    def _ensure_label(self, project: str, name: str) -> None:
        try:
            self._session.get(f"/repos/{project}/labels/{quote(name, safe='')}", NAMED)
            return
        except GitHubRefusal as error:
            if error.status != 404:
                raise
        body = {"name": name} | ({"color": COLOUR, "description": DESCRIPTION} if name == LABEL else {})
        try:
            self._session.create(f"/repos/{project}/labels", body, NAMED)
        except OutcomeUnknown:
            return
        except GitHubRefusal as error:
            # Another run made it just now, or we may not; the issue tells.
            if error.status not in (403, 404, 422):
                raise

    def due_field(self, project: str) -> int | None:
        """Id of the date field that due dates go to; None where they go elsewhere."""
        known = self._of(project)
        if self._due not in ("auto", "field"):
            return None
        if not known.field_asked:
            known.field_id = self._find_field(project.partition("/")[0])
            known.field_asked = True
        return known.field_id

    def _find_field(self, owner: str) -> int | None:
        try:
            fields = self._session.get(f"/orgs/{owner}/issue-fields", ISSUE_FIELDS).body
        except GitHubRefusal as error:
            # A person's account, a server without issue fields, or a token that may not see them.
            if error.status in (403, 404):
                return None
            raise
        wanted = self._field_name.casefold()
        for entry in fields:
            if entry and entry["data_type"] == "date" and entry["name"].casefold() == wanted:
                return int(entry["id"])
        return None

    def milestone(self, project: str, due: date) -> int | None:
        """Number of the open milestone that is due on a day, made when missing; None where none is used or allowed."""
        if not self._milestone or self._due not in ("auto", "milestone"):
            return None
        known = self._of(project)
        if known.milestones is None:
            known.milestones = self._milestones(project)
        if due not in known.milestones:
            number = self._new_milestone(project, due)
            if number is None:
                return None
            known.milestones[due] = number
        return known.milestones[due]

    def _milestones(self, project: str) -> dict[date, int]:
        entries = self._session.pages(f"/repos/{project}/milestones", OPEN_MILESTONES, {"state": "open"})
        return {
            moment(entry["due_on"]).date(): entry["number"]
            for entry in entries
            if entry["due_on"] and entry["title"].startswith(self._milestone)
        }

    def _new_milestone(self, project: str, due: date) -> int | None:
        # Noon: GitHub keeps the day as it is in California at that time.
        body = {"title": f"{self._milestone} {due}", "due_on": f"{due}T12:00:00Z"}
        try:
            return int(self._session.create(f"/repos/{project}/milestones", body, MILESTONE).body["number"])
        except OutcomeUnknown:
            return self._milestones(project).get(due)
        except GitHubRefusal as error:
            if error.status not in (403, 404, 422):
                raise
            return self._milestones(project).get(due) if error.status == 422 else None
