"""Every system that the program knows, in one table."""

from __future__ import annotations

from adapters.github.webhook import SENDER as GITHUB
from adapters.http.webhook import Sender
from adapters.jira.webhook import SENDER as JIRA

SENDERS: dict[str, Sender] = {sender.name: sender for sender in (GITHUB, JIRA)}
"""Who sends webhooks, by the name of the settings' section."""
