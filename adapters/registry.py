"""Every system that the program knows, in one table. A new one is an import and a name in it."""

from __future__ import annotations

from adapters.confluence.system import CONFLUENCE
from adapters.files.system import FILES
from adapters.github.system import GITHUB
from adapters.jira.system import JIRA
from adapters.local.system import LOCAL
from adapters.system import Registry

SYSTEMS = Registry((LOCAL, FILES, JIRA, GITHUB, CONFLUENCE))
