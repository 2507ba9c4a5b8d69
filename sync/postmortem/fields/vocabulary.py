"""The words that documents use for an item's fields, in the languages that occur."""

from __future__ import annotations


def either(*lines: str) -> str:
    """A group of alternatives for a regular expression, from lines of alternatives."""
    return "(?:" + "|".join(lines) + ")"


def listed(*lines: str) -> frozenset[str]:
    """A set of words, from lines of words."""
    return frozenset(word for line in lines for word in line.split())


OWNER = either(
    r"owners?(?:\(s\))?|owned by|assignees?|assigned(?: to)?|dri|responsib(?:le|ility)(?: (?:party|person|team))?",
    r"accountable|lead|point of contact|poc|who|action owner|team",
    r"verantwortlich(?:e[rn]?)?|zuständig|responsables?|propriétaire|responsável|responsabile",
    r"verantwoordelijke|担当(?:者)?|负责人|ответственный",
)
DUE = either(
    r"due(?: (?:date|by|on))?|eta|deadline|target(?: (?:date|completion))?|by when|when|complete by",
    r"completion date|expected(?: by)?|timeline|timeframe|delivery date",
    r"fällig(?: (?:am|bis))?|frist|échéance|date limite|fecha límite|plazo|vence|prazo|scadenza",
    r"期限|期日|截止日期|срок",
)
STATE = either(r"status|state|progress|statut|estado|stato|状态|ステータス|статус")
TICKET = either(
    r"tickets?|jira(?: (?:ticket|issue|link))?|(?:github )?issues?|prs?|pull requests?",
    r"tracking(?: (?:ticket|issue))?|tracked (?:in|by|at|as|here)|tracker|bugs?|links?|refs?|references?"
    r"|task|epic|story",
)
PRIORITY = either(r"priority|prio|severity|priorität|priorité|prioridad|prioridade")
TYPE = either(r"type|category|kind|typ|tipo")

LABELS = {"owner": OWNER, "due": DUE, "state": STATE, "ticket": TICKET, "priority": PRIORITY, "type": TYPE}

PRIORITY_VALUE = either(
    r"P[0-5]|(?:high|medium|low|critical|urgent)(?: prio(?:rity)?)?|prio(?:rity)? ?\d|should|must|could|nice to have"
)
ESTIMATE_VALUE = r"~?\d{1,3}(?:\.\d)?\s?(?:m|min|mins|minutes|h|hr|hrs|hours|d|days?|w|weeks?|sp|pts|points)"
DUE_WORD = either(
    r"due|eta|deadline|target(?:ed)?|by|before|until|no later than|fällig|bis|échéance|avant le|para el|vence"
)

# What a table's columns are called.
COLUMNS = {
    "text": either(
        r"(?:action|follow-?up|corrective|preventive|preventative|remediation|improvement|to-?do|work)?[ -]?"
        r"(?:items?|actions?|tasks?|to-?dos?|steps?|measures?|points?)(?: (?:item|description|to take"
        r"|required|needed|taken))?",
        r"follow-?ups?|remediations?|descriptions?|what|what to do|improvements?|recommendations?|changes?|details?",
        r"summary|next steps?|measures?|work|title|name",
        r"maßnahmen?|massnahmen?|aufgaben?|aktion(?:en)?|beschreibung|was|actions? à mener|tâches?|mesures?",
        r"acci[oó]n(?:es)?|tareas?|descripci[oó]n|aç(?:ão|ões)|acao|tarefas?|descrição|azion[ei]|actie|taak",
        r"アクション|対応|対応策|内容|タスク|行动项?|措施|任务|действи[ея]|задач[аи]",
    ),
    "owner": either(
        r"(?:action |ticket |task )?owners?(?:\(s\)|/s| name| team)?|assignees?|assigned(?: to)?|dri|driver",
        r"responsib(?:le|ility)(?: (?:party|person|team|engineer))?|accountable|lead|poc|point of contact"
        r"|who|person|people",
        r"teams?|contact|by whom|squad|verantwortlich(?:e[rn]?)?|zuständig|wer|responsables?|porteur|qui|responsável",
        r"quem|quién|responsabile|chi|verantwoordelijke|wie|eigenaar|担当者?|负责人|責任者|ответственный",
    ),
    "due": either(
        r"due(?: (?:date|by|on))?|eta|deadline|target(?: (?:date|completion(?: date)?|quarter))?|by when|when|date|by",
        r"complete by|completion date|expected(?: (?:date|completion))?|timeline|timeframe|time ?line"
        r"|delivery(?: date)?",
        r"target release|release|fällig(?: (?:am|bis))?|frist|bis|bis wann|termin|échéance|date limite|délai|quand",
        r"fecha(?: límite| de entrega)?|plazo|vencimiento|cuándo|prazo|data(?: limite)?|quando|scadenza|datum",
        r"期限|期日|締切|截止日期|срок",
    ),
    "state": either(
        r"status(?:es)?|state|progress|done\??|complete[d]?\??|completion|resolved\??|closed\??|finished\??",
        r"statut|état|estado|stato|stand|erledigt|fait|hecho|feito|状態|ステータス|状态|статус|进度|✅|☑|✔",
    ),
    "ticket": either(
        r"(?:tracking |jira |github |linear |work ?item )?"
        r"(?:tickets?|issues?|bugs?|links?|tracker|tracking|jira|github|gh|prs?|pull requests?"
        r"|merge requests?|mrs?|cards?|story|stories)"
        r"(?: (?:link|id|number|no\.?|#|url|key|ref|/ ?pr))?(?: ?/ ?(?:ticket|issue|pr|link|pull request))?",
        r"asana|linear|trello|bugzilla|ticket-?nr\.?|チケット|工单|тикет|refs?|references?|artifact",
    ),
    "priority": either(
        r"prio(?:rity)?|severity|sev|urgency|importance|priorität|priorité|prioridad|prioridade|priorità",
        r"優先度|优先级|приоритет",
    ),
    "type": either(
        r"type|category|kind|area|theme|typ|tipo|art|component|class|phase|種類|分類|类型|тип",
    ),
    "number": either(r"#|no\.?|nr\.?|number|id|item ?(?:#|no\.?)|num|s\.?no\.?|番号|№"),
    "note": either(
        r"notes?|comments?|remarks?|rationale|reason|why|context|outcome|result|impact|effort|estimate|size|created",
        r"opened|kommentare?|bemerkung|commentaires?|comentarios?|備考",
    ),
}
ACTION_COLUMN = either(
    r"(?:action|follow-?up|corrective|preventive|preventative|remediation|to-?do)[ -]?(?:items?|actions?"
    r"|tasks?|measures?)?s?",
    r"actions?|tasks?|to-?dos?|next steps?|maßnahmen?|aufgaben?|acci[oó]n(?:es)?|tareas?|aç(?:ão|ões)|azion[ei]",
    r"アクション|行动项|действи[ея]",
)
"""A column that can hold nothing but actions."""

NOBODY = listed(
    "tbd tbc tba n/a na none nil unassigned nobody noone ? ?? ??? ???? - -- --- – — . … ... / unknown open",
    "pending todo owner name names assignee dri team person who everyone all anyone someone x username handle",
    "alias role date team/person person/team",
) | {
    "no one",
    "to be determined",
    "to be decided",
    "to be assigned",
    "not assigned",
    "no owner",
    "your name",
    "whole team",
    "the team",
}

# Words that begin a name-like phrase and are none: a capital at the start of a sentence is no evidence.
NOT_NAMES = listed(
    "the this that these those a an all any some each every we i it they you he she our your my their in on at",
    "for from to by with without and or but not no yes if when while after before once until since because as is",
    "are was were be been will would should can could may might must done todo wip tbd open closed pending fixed",
    "completed complete optional required blocked high medium low critical urgent minor major p0 p1 p2 p3 p4",
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august",
    "september october november december note notes see ticket issue pr jira github gitlab link here docs",
    "documentation runbook details discussion internal external short-term long-term immediate medium-term",
    "prevention detection mitigation process monitoring alerting testing tooling training improvement cleanup new",
    "production staging backend frontend api database infrastructure",
)
ACRONYMS = listed(
    "API APP AWS CD CI CLI CPU DB DBA DNS DR EKS ETL GCP GUI HA HR IAM IT K8S KPI LB LMS ML OPS OS PR QA RAM RCA",
    "S3 SDK SLA SLO SQL SRE SSL TLS TTL UI UX VM VPC VPN WAF GKE HPA RDS SSH URL HTTP JSON YAML PDB OOM GC IO NFS",
    "PVC CRD",
)
