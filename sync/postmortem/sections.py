"""Which headings, bold lines and labels begin the part of a document that lists actions."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SHORTCODE = re.compile(r":[a-z0-9_+-]+:")
_NUMBERING = re.compile(r"^(?:section|part|step)?\s*(?:\d{1,3}(?:\.\d{1,3})*[.):]?|[ivx]{1,5}[.)]|[a-z][.)])\s+(?=\w)")
_PARENTHESIS = re.compile(r"\s*[(\[][^()\[\]]{0,200}[)\]]")
_BLANKS = re.compile(r"\s+")

_KIND = (
    "(?:review|post-?mortem|post-?incident|incident|retro(?:spective)?|corrective|prevent(?:ive|ative|itive|ing)|remedial|remediation|follow-?up|"
    "immediate|short|medium|long|mid|near|term|short-term|medium-term|long-term|future|further|proposed|planned|suggested|recommended|key|main|"
    "our|your|next|open|outstanding|remaining|concrete|agreed|additional|other|new|team|technical|engineering|resulting|possible|required|identified)"
)
_NOUN = (
    "(?:action items?|actions?(?: points?| list| plans?)?|action points?|ais?|follow-?ups?(?: (?:actions?|items?|tasks?|tickets?|issues?|work|improvements?|steps?|list))?|"
    "next steps?|to-?dos?(?: list| items?)?|tasks?|tickets?|improvements?|improvement (?:actions?|items?)|recommendations?|measures?|remediations?|"
    "remediation (?:actions?|items?|steps?|plans?|tasks?|work)|work items?|countermeasures?|prevention|preventions|plan of action)"
)
_JOIN = r"(?>\s*(?:,|/|&|\+|and\b|or\b|-|:|—|–)\s*)"  # atomic: a blank belongs to one place only
_ENGLISH = re.compile(
    rf"(?:(?:the|list of|summary of|table of)\s+)?(?:{_KIND}{_JOIN}?\s?)*{_NOUN}(?:{_JOIN}(?:(?:{_KIND}{_JOIN}?\s?)*{_NOUN}|lessons learned|owners?|timelines?|learnings?|deadlines?|due dates?))*"
    r"(?:\s+(?:with|and|by|per)\s+(?:owners?|team|area|priority|deadlines?|due dates?|service)(?:\s+and\s+(?:deadlines?|due dates?|dates?))?)?"
    r"(?:\s+(?:following|from|after|for|of|identified (?:in|during)|resulting from|arising from|out of|to prevent|to)\s+.{1,60}|\s+(?:going forward|moving forward|identified|agreed|taken forward|required|needed))?"
)
_PHRASE = re.compile(
    r"(?:what(?:'s| is| are)? (?:we|we're|we are|next|will|did|can|should)\b.{0,40}\b(?:do(?:ing)?|prevent|change|changing|improve|next|differently|fix)\b.{0,60}"
    r"|what(?:'s| is| comes| happens) next"
    r"|(?:how|what) (?:will|do|can|should|are) we (?:going to )?(?:prevent|avoid|stop|improve|fix|do(?:ing)?)\b.{0,80}"
    r"|(?:how|steps?|measures|plans?|work) to (?:prevent|avoid)\b.{0,80}"
    r"|prevent(?:ing|ion of|ative|ing)? (?:recurrence|reoccurrence|this|future|it|similar|a repeat).{0,60}"
    r"|(?:future|further) (?:work|prevention|improvements?|mitigations?|plans?|steps?|actions?)"
    r"|(?:things|stuff|work) (?:we (?:will|need to|should|want to|plan to) )?(?:to )?(?:do|fix|change|improve)\b.{0,40}"
    r"|(?:areas? (?:for|of)|opportunities for|room for) improvements?"
    r"|(?:long|short|medium|near)(?:er)?[- ]term (?:fix(?:es)?|solutions?|improvements?|actions?|plans?|remediations?|goals?|work)"
    r"|follow(?:ing)?[- ]?ups?|plans? (?:going|moving) forward|(?:going|moving) forward|path forward|way forward|looking forward|remedial work|fixes? to (?:do|make)|action required|actions? required)"
)
_OTHER = frozenset(
    # de, fr, es, pt, it, nl, pl, ja, zh, ru, sv
    ["maßnahmen", "massnahmen", "folgemaßnahmen", "aktionen", "aufgaben", "maßnahmenplan", "korrekturmaßnahmen", "nacharbeiten", "actiepunten", "acties", "vervolgacties", "vervolgstappen", "verbeterpunten", "acciones", "tareas", "seguimiento", "ações", "acoes", "tarefas", "azioni", "åtgärder", "zadania", "działania", "アクションアイテム", "再発防止策", "今後の対応", "対応策", "改善策", "行动项", "行動項目", "改进措施", "后续行动", "改善措施", "后续措施", "действия", "задачи"]
) | {
    "nächste schritte",
    "offene punkte",
    "actions correctives",
    "actions à mener",
    "plan d'action",
    "plan d’action",
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
    r"\b(?:taken|performed|completed|applied|executed|implemented|timeline|history|already|during the incident|template|guidelines?|process(?:es)? for|meeting|attendees|how to|response actions?|"
    r"actions? log|log of|ticket (?:id|number|link)|tracking ticket|root cause|impact|background)\b"
)
_LEARNING = re.compile(
    r"(?:(?:key |main )?(?:lessons?(?: (?:learnt|learned|learn))?|learnings?|insights|take-?aways?|retrospective|what (?:did )?we (?:learned|learnt|learn)|"
    r"what (?:went|can|could|did)\b.{0,40}|contributing factors|discussion|reflections?)\b.{0,30})"
)
_DONE_GROUP = re.compile(
    r"\b(?:immediate (?:actions?|response|mitigations?|fix(?:es)?|steps?|measures?|remediations?)|actions? taken|steps? taken|completed|already (?:done|implemented|in place|completed)|"
    r"short[- ]term mitigations? applied|mitigations? applied|hot-?fix(?:es)? applied)\b"
)
_ENDS = re.compile(
    r"(?:timeline|lessons?|learnings?|appendix|appendices|attendees|participants|supporting (?:information|data|material)|references|glossary|stats|statistics|metrics|"
    r"impact|root causes?|summary|background|notes?|notes? to .*|discussion|what went .*|where we got lucky|detection|resolution|recovery|trigger|conclusions?|"
    r"contributing factors|status|authors?|acknowledge?ments|changelog|revision history|communications?|resources|links|related .*|see also|faq|sign-?off|approvals?|checklist|"
    r"reporting(?: checklist)?|definitions?|priority definitions?|legend|(?:manual )?test(?:s|ing)?(?: plan| checklist| steps)?|verification(?: steps| checklist)?|validation(?: steps)?|about.*|contact.*|raw logs?|logs|graphs|screenshots|post-?mortem meeting.*|meeting notes)"
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


def is_learning(title: str) -> bool:
    """Whether a heading begins lessons or reflections, where only explicit to-dos are actions."""
    return bool(_LEARNING.fullmatch(plain_title(title)))


def is_done_group(title: str) -> bool:
    """Whether a heading within an action section groups what was done during the incident already."""
    return bool(_DONE_GROUP.search(" ".join(title.casefold().split())))


def ends_section(title: str) -> bool:
    """Whether a heading or label, even a deeper one, ends an action section."""
    return bool(_ENDS.fullmatch(plain_title(title)))


_WEAK = re.compile(r"prevent(?:ion|ions|ing|ative|ive)?\b.{0,60}|.*\b(?:improvements?|recommendations?|measures|countermeasures)|(?:how|what) .*|future .*|areas? .*|looking forward|(?:going|moving) forward")


def is_weak(title: str) -> bool:
    """Whether a heading may begin a mere repetition of actions that stand elsewhere."""
    return bool(_WEAK.fullmatch(plain_title(title)))
