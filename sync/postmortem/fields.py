"""What an item's words say besides the change itself: owners, due date, state, tickets, priority. Cut out of its text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sync.model import Due, DueKind, Owner, Reference, State
from sync.postmortem import dates, owners, references, states
from sync.postmortem.context import Context
from sync.postmortem.plain import HIDDEN, Plain

_OWNER_LABEL = (
    r"owners?|owned by|assignees?|assigned(?: to)?|dri|responsib(?:le|ility)(?: (?:party|person|team))?|accountable|lead|point of contact|poc|who|"
    r"action owner|team|verantwortlich(?:e[rn]?)?|zuständig|responsable|propriétaire|responsável|responsabile|verantwoordelijke|担当(?:者)?|负责人|ответственный"
)
_DUE_LABEL = (
    r"due(?: (?:date|by|on))?|eta|deadline|target(?: (?:date|completion))?|by when|when|complete by|completion date|expected(?: by)?|timeline|timeframe|delivery date|"
    r"fällig(?: (?:am|bis))?|frist|échéance|date limite|fecha límite|plazo|vence|prazo|scadenza|期限|期日|截止日期|срок"
)
_STATE_LABEL = r"status|state|progress|statut|estado|stato|状态|ステータス|статус"
_TICKET_LABEL = r"tickets?|jira(?: (?:ticket|issue|link))?|issues?|github(?: issue)?|prs?|pull requests?|tracking(?: (?:ticket|issue))?|tracked (?:in|by|at|as|here)|tracker|bugs?|links?|refs?|references?|task|epic|story"
_PRIORITY_LABEL = r"priority|prio|severity|priorität|priorité|prioridad|prioridade"
_TYPE_LABEL = r"type|category|kind|typ|tipo"
_LABELS = {
    "owner": _OWNER_LABEL,
    "due": _DUE_LABEL,
    "state": _STATE_LABEL,
    "ticket": _TICKET_LABEL,
    "priority": _PRIORITY_LABEL,
    "type": _TYPE_LABEL,
}
_LABELLED = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
    + r")(?P<colon>\s?[*_]{0,3}\s?[::=]\s?)",
    re.IGNORECASE,
)
"""A label and its colon anywhere in a text."""

_LABEL_ALONE = {name: re.compile(rf"(?:{words})", re.IGNORECASE) for name, words in _LABELS.items()}

_BEFORE_LABEL = re.compile(r"(?:^|[\n(\[{;,.|!?/·•]|\s[-–—*]|[–—])\s*\Z")
_VALUE_END = re.compile(r"[\n;|)\]}·•]|\s[-–—]\s|\.\s(?=[A-Z])|,\s(?=[^,]{1,24}[:=])")

_STATE_SIGN = re.compile(
    rf"[{states.DONE_SIGNS}{states.OPEN_SIGNS}]\ufe0f?|:(?:white_check_mark|heavy_check_mark|ballot_box_with_check|construction|hourglass|x):"
)
_LEAD_STATE = re.compile(
    rf"(?:[\[(](?P<a>{states.DONE_WORDS}|{states.WONTDO_WORDS}|{states.OPEN_WORDS})[\])]\s*[:\-–—.]?"
    rf"|(?P<b>DONE|Done|WONTDO|WONTFIX|WIP|CLOSED|Closed|COMPLETED?|Completed?|TODO|IN PROGRESS|In progress|PENDING|Pending|CANCELLED|FIXED)\s*(?::|\s[-–—]\s|[–—]))\s*"
)
_LEAD_BOX = re.compile(r"\[(?P<x>[ xX]?)\]\s+")
_LEAD_LABEL = re.compile(
    r"(?:action items?|actions?|ai|todo|to-do|task|follow-?up(?: action)?|item)(?:\s?[#-]?\s?\d{1,3})?\s?(?:\((?P<who>[^()\n]{1,60})\))?\s*(?::|\s[-–—]\s|[–—]|\.\s)\s*",
    re.IGNORECASE,
)
_LEAD_CODE = re.compile(
    r"(?:[\[(](?:AI|A|R|CA|PA|FU)[-#]?\d{1,3}[\])]\s*[:.]?|(?:AI|CA|PA|FU)[-#]?\d{1,3}\s*[:.)]|#\d{1,2}[:.]|\d{1,2}[.)])\s+"
)
_PRIORITY = r"(?:P[0-5]|(?:high|medium|low|critical|urgent)(?: prio(?:rity)?)?|prio(?:rity)? ?\d|should|must|could|nice to have)"
_LEAD_PRIORITY = re.compile(
    rf"(?:[\[(](?P<a>{_PRIORITY})[\])]\s*[:\-–—]?|(?P<b>P[0-5])\s*(?::|\s[-–—]\s|[–—]))\s*", re.IGNORECASE
)
_LEAD_HANDLES = re.compile(
    rf"[\[(]?(?P<who>{owners.HANDLE}(?:\s?(?:,|/|&|and)\s?{owners.HANDLE}){{0,4}})[\])]?\s*(?P<sep>[:\-–—,]|(?=\s(?:to|will|should)\b))\s*(?:(?:to|will|should)\s+)?"
)
_LEAD_BRACKET = re.compile(r"[\[(](?P<who>[^\[\]()\n]{2,60})[\])]\s*[:\-–—]?\s*")
_LEAD_NAME = re.compile(
    rf"(?P<who>{owners.NAME}(?:\s?(?:,|/|&|and)\s?{owners.NAME}){{0,3}})(?:\s*(?::|[–—]|\s-\s)\s*|\s+(?:to|will)\s+(?=[a-z]))"
)
_EXACT_PRIORITY = re.compile(_PRIORITY, re.IGNORECASE)
_ESTIMATE = re.compile(
    r"~?\d{1,3}(?:\.\d)?\s?(?:m|min|mins|minutes|h|hr|hrs|hours|d|days?|w|weeks?|sp|pts|points)", re.IGNORECASE
)
_DATE_RUN = rf"(?:{dates.EXPRESSION}|{dates.PERIOD})"
_TAIL_DUE = re.compile(
    rf"(?P<lead>[\s,;:(–—-]*)\b(?P<word>(?:due|eta|deadline|target(?:ed)?|by|before|until|no later than|bis|avant le|para el)(?:\s?(?::|=|date|by|on|for|end of|the))*)\s*(?P<date>{_DATE_RUN})\s*\Z",
    re.IGNORECASE,
)
_TAIL_DATE = re.compile(rf"(?P<lead>\s*(?:[,;|–—]|\s-)\s*)(?P<date>{_DATE_RUN})\s*\Z", re.IGNORECASE)
_ONLY_DUE = re.compile(
    rf"(?:(?:due|eta|deadline|target|by|before|until|bis)\b(?:\s?(?::|=|date|by|on))*\s*)?(?P<date>{_DATE_RUN})",
    re.IGNORECASE,
)
_ONLY_DONE_ON = re.compile(
    rf"(?P<state>{states.DONE_WORDS})(?:\s*(?:on|at|:|,|in|by|-|–)?\s*(?P<rest>.*))?", re.IGNORECASE
)
_TAIL_OWNER_WORD = re.compile(
    rf"(?P<lead>[\s,;:.(–—-]+)(?:{_OWNER_LABEL}|assigned to)\s*[:=]?\s+(?P<who>(?:{owners.HANDLE}|{owners.EMAIL}|{owners.NAME})(?:\s?(?:,|/|&|\band\b)\s?(?:{owners.HANDLE}|{owners.EMAIL}|{owners.NAME})){{0,4}})\s*\Z"
)
_TAIL_HANDLES = re.compile(
    rf"(?P<lead>\s*(?:[-–—:,|>→]+|\bby\b)?\s*)(?P<who>(?:{owners.HANDLE}|{owners.EMAIL})(?:\s?(?:,|/|&|\+|and|\s)\s?(?:{owners.HANDLE}|{owners.EMAIL})){{0,5}})\s*\Z"
)
_TAIL_NAME = re.compile(
    rf"(?P<lead>\s*(?:[–—|→]|\s--?)\s*)(?P<who>{owners.NAME}(?:\s?(?:,|/|&|\+|and)\s?{owners.NAME}){{0,4}})\s*\Z"
)
_TAIL_STATE = re.compile(
    rf"(?P<lead>(?:\s*[-–—:;,.|>→]+\s*|\s+(?=[A-Z]{{3}}|[{states.DONE_SIGNS}{states.OPEN_SIGNS}])))(?:this (?:has|is|was) )?(?P<word>(?:{states.DONE_WORDS}|{states.WONTDO_WORDS}|{states.OPEN_WORDS})"
    rf"|[{states.DONE_SIGNS}{states.OPEN_SIGNS}]\ufe0f?)(?P<more>\s+(?:in|via|by|with|on|as|at|see)(?:\s(?:PR|pull request|issue|ticket))?:?)?\s*\Z",
    re.IGNORECASE,
)
_TAIL_TICKET_WORDS = re.compile(
    r"(?:[\s,;:.(–—-]*\b(?:see|tracked|tracking|track|ticket|tickets|ticker|issue|issues|pr|prs|pull request|jira|github|gh|bug|ref|in|at|by|via|as|here|filed|opened|raised|created|being|is|was|and|also|done|link)\b)*[\s:;,(\[–—-]*\Z",
    re.IGNORECASE,
)
_REF_LABEL = re.compile(
    r"(?:(?:see|tracked in|tracking|gh|github|jira|the|open|related|merged|in)\s+)?(?:issues?|prs?|pull requests?|tickets?|jira|bugs?|links?|here|task|tracking issue|this|github|mr|cards?|stor(?:y|ies))?[\s:]*(?:[\w./-]*#?[A-Z]*-?\d*)?(?:\s*\(\w+\))?",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Fields:
    """What was found on an item, as it is found."""

    owners: list[Owner] = field(default_factory=list)
    due: Due | None = None
    state: State | None = None
    references: list[Reference] = field(default_factory=list)
    priority: str | None = None
    type: str | None = None
    reasons: list[str] = field(default_factory=list)

    def add_owners(self, found: tuple[Owner, ...], why: str) -> None:
        """Add owners not named yet."""
        known = {owner.text.casefold() for owner in self.owners}
        fresh = [owner for owner in found if owner.text.casefold() not in known]
        if fresh:
            self.owners += fresh
            self.reasons.append(f"owner: {why}")

    def set_due(self, due: Due | None, why: str) -> None:
        """Keep the first due date; a blank one gives way."""
        if due and (self.due is None or (self.due.kind is DueKind.NONE and due.kind is not DueKind.NONE)):
            self.due = due
            self.reasons.append(f"due: {why}")

    def set_state(self, state: State | None, why: str) -> None:
        """Keep the first state stated."""
        if state is not None and self.state is None:
            self.state = state
            self.reasons.append(f"state: {why}")

    def add_reference(self, reference: Reference, why: str = "") -> None:
        """Add a reference once."""
        if all(reference.text != other.text for other in self.references):
            self.references.append(reference)
            if why:
                self.reasons.append(f"ticket: {why}")


def due_of(plain: Plain, start: int, end: int, context: Context) -> Due:
    """The due date that a range of text says."""
    text = plain.text
    while start < end and text[start] in " \t\n*_~`([":
        start += 1
    while end > start and text[end - 1] in " \t\n*_~`)].,;":
        end -= 1
    reading = dates.read(text[start:end], context.day, context.options.date_order, context.options.periods)
    span = plain.span(start, end)
    if reading.why and reading.kind in (DueKind.AMBIGUOUS, DueKind.INVALID):
        context.warn(span.start, f"due date {text[start:end]!r} is {reading.kind.value}: {reading.why}")
    return Due(text[start:end], reading.kind, reading.date, span)


class Reader:
    """Reads the annotations of one running text and cuts them out of it."""

    def __init__(self, plain: Plain, context: Context, fields: Fields) -> None:
        self.plain = plain
        self.context = context
        self.fields = fields
        self.text = plain.masked
        self.start = 0
        self.end = len(plain.text)
        self.cuts: list[tuple[int, int]] = []
        self.found = references.find(plain)

    # --- the whole ---------------------------------------------------------------------------

    def read(self) -> str:
        """Find every annotation; return the text that is left, on one line."""
        self._trim()
        self._lead()
        self._labels()
        self._tail()
        for one in self.found:
            if not one.loose or self._cut_at(one.start):
                self.fields.add_reference(one.reference)
        return self.rest()

    def rest(self) -> str:
        """The text without what was cut."""
        pieces = []
        at = self.start
        for start, end in sorted(self.cuts):
            if start > at:
                pieces.append(self.plain.text[at:start])
            at = max(at, end)
        if at < self.end:
            pieces.append(self.plain.text[at : self.end])
        words = " ".join(" ".join(pieces).split())
        words = words.replace(" ,", ",").replace(" .", ".") if self.cuts else words
        return words.strip(" ,;:–—|").strip().removesuffix(" -").strip()

    def _cut_at(self, at: int) -> bool:
        return at < self.start or at >= self.end or any(start <= at < end for start, end in self.cuts)

    def _trim(self) -> None:
        while self.start < self.end and self.text[self.start].isspace():
            self.start += 1
        while self.end > self.start and self.text[self.end - 1].isspace():
            self.end -= 1

    # --- at the beginning --------------------------------------------------------------------

    def _lead(self) -> None:
        for _ in range(6):
            at = self.start
            self._lead_once()
            self._trim()
            if self.start == at or self.start >= self.end:
                break

    def _lead_once(self) -> None:
        text, start, fields = self.text, self.start, self.fields
        if match := _STATE_SIGN.match(text, start):
            fields.set_state(states.word(match[0]), f"the sign {match[0]}")
            self.start = match.end()
        elif match := _LEAD_BOX.match(text, start):
            fields.set_state(State.DONE if match["x"].strip() else State.OPEN, "the box in the text")
            self.start = match.end()
        elif match := _LEAD_STATE.match(text, start):
            fields.set_state(states.word(match["a"] or match["b"]), f"the word {match['a'] or match['b']}")
            self.start = match.end()
        elif match := _LEAD_LABEL.match(text, start):
            if match["who"]:
                fields.add_owners(
                    owners.split(self.plain, match.start("who"), match.end("who")), "in brackets at the beginning"
                )
            self.start = match.end()
        elif match := _LEAD_PRIORITY.match(text, start):
            fields.priority = fields.priority or (match["a"] or match["b"])
            self.start = match.end()
        elif match := _LEAD_CODE.match(text, start):
            self.start = match.end()
        elif match := _LEAD_HANDLES.match(text, start):
            fields.add_owners(
                owners.split(self.plain, match.start("who"), match.end("who")), "a handle at the beginning"
            )
            self.start = match.end()
        elif self._lead_reference():
            return
        elif (match := _LEAD_BRACKET.match(text, start)) and not self._linked(match.start("who")):
            who = match["who"]
            if owners.is_person(who, self.context.people) or (owners.is_team(who) and text[start] == "["):
                fields.add_owners(
                    owners.split(self.plain, match.start("who"), match.end("who")), "in brackets at the beginning"
                )
                self.start = match.end()
        elif (match := _LEAD_NAME.match(text, start)) and owners.is_person(match["who"], self.context.people):
            fields.add_owners(
                owners.split(self.plain, match.start("who"), match.end("who")), "a known name at the beginning"
            )
            self.start = match.end()

    def _linked(self, at: int) -> bool:
        return any(link.start <= at < link.end for link in self.plain.links)

    def _lead_reference(self) -> bool:
        """A ticket in front, set apart from the text: `[OPS-12] Fix`, `#12: Fix`."""
        for one in self.found:
            before = self.text[self.start : one.start].strip()
            if one.start < self.start or before not in ("", "[", "("):
                continue
            end = one.end
            closing = {"[": "]", "(": ")", "": ""}[before]
            if closing:
                if not self.text.startswith(closing, end):
                    return False
                end += 1
            match = re.compile(r"\s*(?:[:–—]|\s-\s)\s*" if not closing else r"\s*[:–—-]?\s*").match(self.text, end)
            label = self.plain.text[one.start : one.end]
            if (
                (match
                and match.end() < self.end
                and _REF_LABEL.fullmatch(label.strip("[]() ")))
                or (match and closing and match.end() < self.end)
            ):
                self.fields.add_reference(one.reference)
                self.start = match.end()
                return True
            return False
        return False

    # --- labels ------------------------------------------------------------------------------

    def _labels(self) -> None:
        """`Owner: Ana`, `(due: 2026-04-03)`, and the like, anywhere."""
        text = self.text
        if ":" not in text and "=" not in text and "：" not in text:
            return
        at = self.start
        for _ in range(20):
            match = _LABELLED.search(text, at, self.end)
            if not match:
                return
            at = match.end()
            name = match.lastgroup if match.lastgroup != "colon" else next(n for n in _LABELS if match[n])
            before = (
                _BEFORE_LABEL.search(text[max(self.start, match.start() - 40) : match.start()])
                or match.start() == self.start
            )
            if not before or not name:
                continue
            stop = _VALUE_END.search(text, at, self.end)
            end = stop.start() if stop else self.end
            following = _LABELLED.search(text, at, end)
            if following:
                end = following.start()
                while end > at and text[end - 1] in " ,;.([-–—|":
                    end -= 1
            if not self._take(name, at, end):
                continue
            first, last = self._with_wrap(match.start(), end)
            self.cuts.append((first, last))
            at = max(at, end)

    def _with_wrap(self, start: int, end: int) -> tuple[int, int]:
        """Widen a cut by the brackets or separators that only served it."""
        text = self.text
        first, last = start, end
        while first > self.start and text[first - 1] in " \t\n*_":
            first -= 1
        while last < self.end and text[last] in " \t*_.":
            last += 1
        if first > self.start and last < self.end and (text[first - 1], text[last]) in (("(", ")"), ("[", "]")):
            first -= 1
            last += 1
        elif first > self.start and text[first - 1] in "(;,|-–—[":
            if text[first - 1] not in "([":
                first -= 1
            elif last < self.end and text[last] in ",;|":
                last += 1
        if (
            last < self.end
            and text[last] in ")]"
            and text.count("(", first, last) < text.count(")", first, last + 1)
            and text.count("(", self.start, first) <= text.count(")", self.start, first)
        ):
            last += 1
        return first, last

    def _take(self, name: str, start: int, end: int) -> bool:
        """Read the value of a label; False when it is no such value."""
        plain, fields = self.plain, self.fields
        value = plain.text[start:end].strip(" \t\n*_")
        if name == "owner":
            if len(value) > 120 or len(value.split()) > 14:
                return False
            if not value:
                return True
            found = owners.split(plain, start, end)
            if not found and not owners.is_nobody(value):
                return False
            fields.add_owners(found, "a label")
        elif name == "due":
            if not value or len(value) > 60:
                return not value
            due = due_of(plain, start, end, self.context)
            if due.kind is DueKind.UNKNOWN and len(value.split()) > 5:
                return False
            fields.set_due(due, "a label")
        elif name == "state":
            state = states.cell(value)
            if value and state is None:
                return False
            fields.set_state(state, "a label")
        elif name == "ticket":
            inside = [one for one in self.found if start <= one.start < end]
            if value and not inside and not owners.is_nobody(value):
                return False
            for one in inside:
                fields.add_reference(one.reference, "a label")
        elif name == "priority":
            if len(value.split()) > 3:
                return False
            fields.priority = fields.priority or value.strip(".") or None
        elif name == "type":
            if len(value.split()) > 3:
                return False
            fields.type = fields.type or value.strip(".") or None
        return True

    # --- at the end --------------------------------------------------------------------------

    def _tail(self) -> None:
        for _ in range(12):
            before = self.end
            self._skip_cuts()
            if self.end > self.start:
                self._tail_once()
            if self.end == before:
                return

    def _skip_cuts(self) -> None:
        moved = True
        while moved and self.end > self.start:
            moved = False
            while self.end > self.start and self.text[self.end - 1].isspace():
                self.end -= 1
            for start, end in self.cuts:
                if start < self.end <= end:
                    self.end = start
                    moved = True

    def _tail_once(self) -> None:
        end = self.end
        if self._tail_group() or self._tail_reference():
            return
        stop = end
        while stop > self.start and self.text[stop - 1] in ".!":
            stop -= 1
        low = max(self.start, stop - 160)
        text = self.text[low:stop]
        if match := _TAIL_STATE.search(text):
            if low + match.start() > self.start and (state := states.word(match["word"])) is not None:
                if (
                    match["word"].isupper()
                    or not match["word"].isascii()
                    or match["lead"].strip() in ("-", "–", "—", ":", "--", ".", ";", "->", "→", "|")
                ):
                    self.fields.set_state(state, f"the word {match['word']} at the end")
                    self.end = low + match.start() + (1 if match["lead"].strip() == "." else 0)
                    return
        if match := _TAIL_DUE.search(text):
            if low + match.start() > self.start:
                self.fields.set_due(
                    due_of(self.plain, low + match.start("date"), low + match.end("date"), self.context),
                    f"after {match['word']!r}",
                )
                self.end = low + match.start()
                return
        if match := _TAIL_DATE.search(text):
            if low + match.start() > self.start:
                self.fields.set_due(
                    due_of(self.plain, low + match.start("date"), low + match.end("date"), self.context),
                    "a date at the end",
                )
                self.end = low + match.start()
                return
        if match := _TAIL_OWNER_WORD.search(text):
            if low + match.start() > self.start and owners.looks_like_names(match["who"]):
                self.fields.add_owners(
                    owners.split(self.plain, low + match.start("who"), low + match.end("who")), "after a word for owner"
                )
                self.end = low + match.start() + (1 if match["lead"].startswith(".") else 0)
                return
        if match := _TAIL_HANDLES.search(text):
            if low + match.start() > self.start and not self._verb_before(low + match.start(), match["lead"]):
                self.fields.add_owners(
                    owners.split(self.plain, low + match.start("who"), low + match.end("who")), "a handle at the end"
                )
                self.end = low + match.start()
                return
        if (match := _TAIL_NAME.search(text)) and low + match.start() > self.start:
            who = match["who"]
            if owners.is_person(who, self.context.people) or (
                owners.looks_like_names(who)
                and (match["lead"].strip() in ("—", "→") or len(who.split()) in (2, 3))
                and not owners.is_nobody(who)
            ):
                self.fields.add_owners(
                    owners.split(self.plain, low + match.start("who"), low + match.end("who")),
                    "a name after a dash at the end",
                )
                self.end = low + match.start()

    def _verb_before(self, at: int, lead: str) -> bool:
        """Whether a handle at the end is part of the sentence: `talk to @ana`."""
        if lead.strip():
            return False
        words = self.text[max(self.start, at - 20) : at].split()
        return bool(words) and words[-1].casefold() in (
            "to",
            "with",
            "for",
            "from",
            "of",
            "and",
            "by",
            "ask",
            "tell",
            "ping",
            "cc",
            "in",
            "at",
            "the",
            "notify",
            "page",
            "contact",
            "alert",
            "mention",
            "add",
            "or",
            "via",
            "on",
        )

    def _tail_group(self) -> bool:
        """A parenthesis or bracket at the end that holds nothing but annotations."""
        text = self.text
        end = self.end
        stop = end
        while stop > self.start and text[stop - 1] in ".!,; ":
            stop -= 1
        if stop <= self.start or text[stop - 1] not in ")]":
            return False
        closing = text[stop - 1]
        opening = "(" if closing == ")" else "["
        depth = 0
        at = stop - 1
        floor = max(self.start, stop - 300)
        while at >= floor:
            if text[at] == closing:
                depth += 1
            elif text[at] == opening:
                depth -= 1
                if not depth:
                    break
            at -= 1
        if depth or at < floor or at <= self.start:
            return False
        if self._linked(at) or not self._group(at + 1, stop - 1, opening):
            return False
        self.end = at
        if text[stop:end].strip() in (".", "!"):
            self.end = at
        return True

    def _group(self, start: int, end: int, opening: str) -> bool:
        """Read the contents of a bracket if all of it is annotation."""
        taken: list[tuple[str, int, int]] = []
        text = self.text
        at = start
        for match in [*re.compile(r"\s*(?:[,;|\n]|\s[-–—]\s|\s/\s)\s*").finditer(text, start, end), None]:
            stop = match.start() if match else end
            kind = self._piece(at, stop, opening)
            if not kind:
                if match and self._piece(at, end, opening) == "owner":
                    taken.append(("owner", at, end))
                    break
                return False
            taken.append((kind, at, stop))
            at = match.end() if match else end
        fields = self.fields
        for kind, first, last in taken:
            value = self.plain.text[first:last]
            if kind == "owner":
                fields.add_owners(owners.split(self.plain, first, last), "in brackets at the end")
            elif kind == "due":
                match = _ONLY_DUE.fullmatch(text, first, last)
                if match:
                    fields.set_due(
                        due_of(self.plain, match.start("date"), match.end("date"), self.context),
                        "in brackets at the end",
                    )
                else:
                    fields.set_due(due_of(self.plain, first, last, self.context), "in brackets at the end")
            elif kind == "state":
                fields.set_state(states.cell(value), f"the word {value!r} in brackets")
            elif kind == "ticket":
                for one in self.found:
                    if first <= one.start < last:
                        fields.add_reference(one.reference)
                head = value.split()[0] if value.split() else ""
                fields.set_state(states.word(head), f"the word {head!r} in brackets")
            elif kind == "priority":
                fields.priority = fields.priority or value
            elif kind.startswith("label:"):
                label = _LABELLED.match(text, first)
                if label:
                    self._take(kind[6:], label.end(), last)
        return True

    def _piece(self, start: int, end: int, opening: str) -> str:
        """What one part of a bracket is; "" when it is ordinary text."""
        text = self.text
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        words = text[start:end]
        if not words:
            return "nothing"
        label = _LABELLED.match(text, start, end)
        if label:
            name = next(n for n in _LABELS if label[n])
            return f"label:{name}"
        if states.word(words) is not None:
            return "state"
        if _EXACT_PRIORITY.fullmatch(words):
            return "priority"
        if _ESTIMATE.fullmatch(words):
            return "estimate"
        if _ONLY_DUE.fullmatch(words):
            return "due"
        if owners.is_nobody(words) and HIDDEN not in words:
            return "nothing"
        inside = [one for one in self.found if start <= one.start < end]
        if inside:
            rest = list(words)
            for one in inside:
                for index in range(one.start - start, min(one.end, end) - start):
                    rest[index] = " "
            left = "".join(rest)
            if not left.strip(" ,;/&+[]()") or _TAIL_TICKET_WORDS.fullmatch(left):
                return "ticket"
            match = _ONLY_DONE_ON.match(words)
            return "ticket" if match and len(left.split()) <= 4 else ""
        if (
            (match := _ONLY_DONE_ON.fullmatch(words))
            and len(words) < 40
            and re.fullmatch(rf"\s*(?:{_DATE_RUN})?\s*", match["rest"] or "", re.IGNORECASE)
        ):
            return "state"
        if owners.is_person(words, self.context.people):
            return "owner"
        if opening == "[" and not self._linked(start) and owners.looks_like_names(words):
            return "owner"
        if re.match(r"(?:owner|assigned to|assignee|dri)\s", words, re.IGNORECASE):
            return "owner" if owners.looks_like_names(words.split(None, 1)[1].removeprefix("to ")) else ""
        return ""

    def _tail_reference(self) -> bool:
        """A ticket at the end that is not a word of the sentence."""
        end = self.end
        stop = end
        while stop > self.start and self.text[stop - 1] in ".!;, )]":
            stop -= 1
        for one in reversed(self.found):
            if one.end != stop and one.end != end:
                if one.start < stop:
                    break
                continue
            if one.loose and not re.search(
                r"(?:[:(\[–—]|\b(?:ticket|issue|jira|see|in))\s*\Z",
                self.text[max(self.start, one.start - 20) : one.start],
                re.IGNORECASE,
            ):
                return False
            label = self.plain.text[one.start : one.end].strip("[]() ")
            if label != one.reference.text and not _REF_LABEL.fullmatch(label):
                return False
            first = one.start
            words = _TAIL_TICKET_WORDS.search(self.text, max(self.start, first - 60), first)
            if words:
                first = words.start()
            if self.text[one.end : end].strip(" .!,;") in (")", "]") and not re.search(
                r"[(\[]", self.text[first : one.start]
            ):
                return False
            if first <= self.start:
                if one.start > self.start and words and words[0].strip():
                    first = one.start
                else:
                    return False
            said = self.text[first : one.start]
            self.fields.add_reference(one.reference)
            if re.search(r"\bdone\b", said, re.IGNORECASE):
                self.fields.set_state(State.DONE, "the word done before the ticket")
            self.end = first + (1 if said[:1] in ".!" else 0)
            return True
        return False


def labelled_line(plain: Plain) -> str | None:
    """The name of the field when a whole text is one labelled field: `Owner: Ana`; None otherwise."""
    text = plain.masked.lstrip(" \t\n*_")
    shift = len(plain.masked) - len(text)
    match = _LABELLED.match(plain.masked, shift)
    if match:
        return next(name for name in _LABELS if match[name])
    return None


def column(title: str) -> str | None:
    """The field that a column or a label names; None when it names none."""
    words = " ".join(title.split()).strip(" *_:?#.()").casefold()
    for name, rule in _LABEL_ALONE.items():
        if rule.fullmatch(words):
            return name
    return None
