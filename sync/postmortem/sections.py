"""Which headings, bold lines and labels begin the part of a document that lists actions."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from sync.postmortem.fields.vocabulary import either, listed

_SHORTCODE = re.compile(r":[a-z0-9_+-]+:")
_NUMBERING = re.compile(r"^(?:section|part|step)?\s*(?:\d{1,3}(?:\.\d{1,3})*[.):]?|[ivx]{1,5}[.)]|[a-z][.)])\s+(?=\w)")
_PARENTHESIS = re.compile(r"\s*[(\[][^()\[\]]{0,200}[)\]]")
_BLANKS = re.compile(r"\s+")

_KIND = either(
    r"review|post-?mortem|post-?incident|incident|retro(?:spective)?|corrective|prevent(?:ive|ative|itive|ing)|remedial",
    r"remediation|follow[ -]?up|immediate|short|medium|long|mid|near|term|short-term|medium-term|long-term"
    r"|future|further",
    r"proposed|planned|suggested|recommended|key|main|our|your|next|open|outstanding|remaining|concrete|agreed|additional",
    r"other|new|team|technical|engineering|resulting|possible|required|identified|prioriti[sz]ed|prevention|detection",
)
_NOUN = either(
    r"action items?|actions?(?: points?| list| plans?)?|ais?|actionables?|actionable items?",
    r"follow[ -]?ups?(?: (?:actions?|items?|tasks?|tickets?|issues?|work|improvements?|steps?|list))?",
    r"next steps?|to-?dos?(?: list| items?)?|tasks?|tickets?|improvements?|improvement (?:actions?|items?|plan)",
    r"recommendations?|suggestions?|measures?|remediations?|remediation (?:actions?|items?|steps?|plans?|tasks?|work)",
    r"work items?|countermeasures?|preventions?|plan of action",
)
_JOIN = r"(?>\s*(?:,|/|&|\+|and\b|or\b|-|:|—|–)\s*)"  # atomic: a blank belongs to one place only
_NOUNS = rf"(?:{_KIND}{_JOIN}?\s?)*{_NOUN}"
_BESIDE = either(
    r"lessons(?: learn(?:ed|t))?|learnings?|(?:key )?take-?aways|insights|mitigations?|resolution|owners?|timelines?",
    r"deadlines?|due dates?|conclusions?",
)
_STRONG = (
    r"(?:[\w'/&-]+ ){1,3}(?:action items?|action plans?|follow[ -]?up (?:actions?|items?|tasks?)|follow-?ups"
    r"|corrective actions?|next steps)"
)
_WITH = (
    r"(?:\s+(?:status|tracker|tracking|register|overview))?(?:\s+(?:with|and|by|per)\s+(?:owners?|team|area"
    r"|priority|deadlines?|due dates?|service)"
    r"(?:\s+and\s+(?:deadlines?|due dates?|dates?))?)?"
)
_TAIL = (
    r"(?:\s+(?:following|from|after|for|of|identified (?:in|during)|resulting from|arising from|out of"
    r"|to prevent|to)\s+.{1,60}"
    r"|\s+(?:going forward|moving forward|identified|agreed|taken forward|required|needed))?"
)
_ENGLISH = re.compile(
    rf"(?:(?:the|list of|summary of|table of)\s+)?(?:{_BESIDE}{_JOIN})?{_NOUNS}(?:{_JOIN}(?:{_NOUNS}|{_BESIDE}))*"
    rf"(?:{_JOIN}(?:{_KIND}[ -]?)+)?{_WITH}{_TAIL}|{_STRONG}{_TAIL}"
)
_PHRASE = re.compile(
    either(
        r"what(?:'s| is| are)? (?:we|we're|we are|next|will|did|can|should)\b.{0,40}"
        r"\b(?:do(?:ing)?|prevent|change|changing|improve|next|differently|fix)\b.{0,60}",
        r"what(?:'s| is| comes| happens) next",
        r"(?:how|what) (?:will|do|can|should|are) we (?:going to )?(?:prevent|avoid|stop|improve|fix"
        r"|do(?:ing)?)\b.{0,80}",
        r"(?:how|steps?|measures|plans?|work) to (?:prevent|avoid)\b.{0,80}",
        r"prevent(?:ing|ion of|ative)? (?:recurrence|reoccurrence|this|future|it|similar|a repeat).{0,60}",
        r"(?:future|further) (?:work|prevention|mitigations?|plans?|steps?)",
        r"(?:things|stuff|work) (?:we (?:will|need to|should|want to|plan to) )?(?:to )?(?:do|fix|change"
        r"|improve)\b.{0,40}",
        r"(?:long|short|medium|near)(?:er)?[- ]term (?:fix(?:es)?|solutions?|plans?|goals?|work)",
        r"plans? (?:going|moving) forward|(?:going|moving) forward|(?:path|way) forward|looking forward|remedial work",
        r"fixes? to (?:do|make)|actions? required|(?:proposed|planned|permanent) (?:changes?|solutions?|fix(?:es)?)",
        r"changes to (?:make|be made)|to be done|(?:issues|bugs|tickets|prs) (?:filed|created|opened|raised|logged)",
        r"avoiding .{1,60}|(?:making|make|ensuring|ensure) (?:sure )?.{1,60}\b(?:again|recur|recurrence)",
    )
)
# German, French, Spanish, Portuguese, Italian, Dutch, Swedish, Polish, Japanese, Chinese, Russian
_OTHER = listed(
    "maßnahmen massnahmen folgemaßnahmen aktionen aufgaben maßnahmenplan korrekturmaßnahmen nacharbeiten",
    "acciones tareas seguimiento ações acoes tarefas azioni actiepunten acties vervolgacties",
    "vervolgstappen verbeterpunten åtgärder zadania działania アクションアイテム 再発防止策 今後の対応",
    "対応策 改善策 行动项 行動項目 改进措施 后续行动 改善措施 后续措施 действия задачи",
) | {
    "nächste schritte",
    "offene punkte",
    "actions correctives",
    "actions à mener",
    "plan d'action",
    "prochaines étapes",
    "actions de suivi",
    "acciones correctivas",
    "próximos pasos",
    "plan de acción",
    "acciones de seguimiento",
    "elementos de acción",
    "ações corretivas",
    "próximos passos",
    "itens de ação",
    "plano de ação",
    "azioni correttive",
    "prossimi passi",
    "punti d'azione",
    "volgende stappen",
    "nästa steg",
    "следующие шаги",
    "план действий",
}
_NOT = re.compile(
    r"\b(?:taken|performed|completed|applied|executed|implemented|timeline|history|already|during the incident|template"
    r"|guidelines?|process(?:es)? for|meeting|attendees|how to (?!prevent|avoid)|response actions?|actions? log|log of"
    r"|ticket (?:id|number|link)|tracking ticket|root cause|impact|background)\b"
)
_LEARNING = re.compile(
    r"(?:(?:key |main )?(?:lessons?(?: (?:learnt|learned|learn))?|learnings?|insights|take-?aways?|retrospective"
    r"|what (?:did )?we (?:learned|learnt|learn)|what (?:went|can|could|did)\b.{0,40}|contributing factors|discussion"
    r"|(?:areas?|opportunities|room) (?:for|of) improvements?|reflections?)\b.{0,30})"
)
_DONE_GROUP = re.compile(
    r"\b(?:(?:actions?|steps?|measures?) (?:already )?taken|completed|already (?:done|implemented|in place|completed)"
    r"|(?:mitigations?|hot-?fix(?:es)?|fix(?:es)?) applied)\b"
)
_IMMEDIATE = re.compile(
    r"immediate (?:actions?|response|mitigations?|fix(?:es)?|steps?|measures?|remediations?)\b.{0,40}"
)
_ENDS = re.compile(
    either(
        r"timeline|lessons?|lessons? learn(?:ed|t)|learnings?|appendix|appendices|attendees|participants"
        r"|references|glossary",
        r"supporting (?:information|data|material)|stats|statistics|metrics|impact|root causes?|summary"
        r"|background|notes?",
        r"notes? to .*|discussion|what went .*|where we got lucky|detection|resolution|recovery|trigger|conclusions?",
        r"contributing factors|status|authors?|acknowledge?ments|changelog|revision history|communications?"
        r"|resources|links",
        r"related .*|see also|faq|sign-?off|approvals?|checklist|reporting(?: checklist)?|definitions?"
        r"|priority definitions?",
        r"legend|(?:manual )?test(?:s|ing)?(?: plan| checklist| steps)?|verification(?: steps| checklist)?",
        r"validation(?: steps)?|about.*|contact.*|(?:raw )?logs?|graphs|screenshots|post-?mortem meeting.*"
        r"|meeting notes",
    )
)
_OUTLOOK = re.compile(
    r"(?:going|moving|looking) forward|(?:path|way) forward|future(?: work| plans?)?|what(?:'s| is| comes"
    r"| happens) next"
)
_EXPLICIT = re.compile(r"\b(?:action items?|action points?|follow[ -]?ups?|next steps?|to-?dos?|tasks?)\b")
_WEAK = re.compile(
    r"prevent(?:ion|ions|ing|ative|ive)?\b.{0,60}|.*\b(?:improvements?|recommendations?|measures|countermeasures)"
    r"|(?:how|what) .*|future .*|looking forward|(?:going|moving) forward"
)


@lru_cache(maxsize=4096)
def plain_title(title: str) -> str:
    """A heading's words for comparison: no numbering, emoji, parentheses, final colon; lower case."""
    if len(title) > 120:
        return ""
    words = _SHORTCODE.sub(" ", title)
    words = "".join(
        " " if unicodedata.category(one) in ("So", "Sk", "Cn") or one in "\ufe0f\u200d#*_`" else one for one in words
    )
    words = _PARENTHESIS.sub("", words).casefold().replace("’", "'")
    words = _BLANKS.sub(" ", words).strip(" \t:.!-–—=?|")
    return _NUMBERING.sub("", words).strip(" :.-")


@lru_cache(maxsize=4096)
def is_action(title: str, more: tuple[str, ...] = ()) -> bool:
    """Whether a heading begins a list of actions. `more` are further headings from the settings."""
    words = plain_title(title)
    if not words:
        return False
    if more and words in {plain_title(one) for one in more}:
        return True
    if words in _OTHER:
        return True
    if _NOT.search(words):
        return False
    return bool(_ENGLISH.fullmatch(words) or _PHRASE.fullmatch(words))


def is_explicit(title: str) -> bool:
    """Whether a heading promises actions and nothing else, so that what was done already counts among them."""
    return bool(_EXPLICIT.search(plain_title(title)))


def is_learning(title: str) -> bool:
    """Whether a heading begins lessons or reflections, where only explicit to-dos are actions."""
    return bool(_LEARNING.fullmatch(plain_title(title)))


def is_done_group(title: str) -> bool:
    """Whether a heading within an action section groups what was done during the incident already."""
    return bool(_DONE_GROUP.search(" ".join(title.casefold().split())))


def is_outlook(title: str) -> bool:
    """Whether a heading begins an outlook, which lists actions only in a document that lists them nowhere else."""
    return bool(_OUTLOOK.fullmatch(plain_title(title)))


def is_immediate(title: str) -> bool:
    """Whether a heading may group what was done at once, during the incident: the items' own tense decides."""
    return bool(_IMMEDIATE.fullmatch(plain_title(title)))


def ends_section(title: str) -> bool:
    """Whether a heading or label, even a deeper one, ends an action section."""
    return bool(_ENDS.fullmatch(plain_title(title)))


def is_weak(title: str) -> bool:
    """Whether a heading may begin a mere repetition of actions that stand elsewhere."""
    return bool(_WEAK.fullmatch(plain_title(title)))
