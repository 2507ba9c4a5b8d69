"""Small vocabularies of an item's fields, and what of the languages' words goes into expressions."""

from __future__ import annotations

import re

from sync.postmortem.lexicon import phrases, written


def either(*lines: str) -> str:
    """A group of alternatives for a regular expression, from lines of alternatives."""
    return "(?:" + "|".join(lines) + ")"


def listed(*lines: str) -> frozenset[str]:
    """A set of words, from lines of words."""
    return frozenset(word for line in lines for word in line.split())


PRIORITY_VALUE = either(
    r"P[0-5]|(?:high|medium|low|critical|urgent)(?: prio(?:rity)?)?|prio(?:rity)? ?\d|should|must|could|nice to have"
)
ESTIMATE_VALUE = r"~?\d{1,3}(?:\.\d)?\s?(?:m|min|mins|minutes|h|hr|hrs|hours|d|days?|w|weeks?|sp|pts|points)"
DUE_WORD = either(*sorted(map(re.escape, written("due.word")), key=len, reverse=True))

NOBODY = frozenset(phrases("nobody")) | {"?", "??", "???", "????", "-", "--", "---", "–", "—", ".", "…", "...", "/"}
NOT_NAMES = frozenset(word for line in written("not.name") for word in line.split())
"""Words that begin a name-like phrase and are none: a capital at the start of a sentence is no evidence."""

ACRONYMS = listed(
    "API APP AWS CD CI CLI CPU DB DBA DNS DR EKS ETL GCP GUI HA HR IAM IT K8S KPI LB LMS ML OPS OS PR QA RAM RCA",
    "S3 SDK SLA SLO SQL SRE SSL TLS TTL UI UX VM VPC VPN WAF GKE HPA RDS SSH URL HTTP JSON YAML PDB OOM GC IO NFS",
    "PVC CRD",
)
