"""The errors this program means to raise.

SyncError                     a sentence for a person, and its cure
├── StopRun                   nothing further can be trusted: the run ends
│   ├── SettingsError         a setting is wrong               exit status 2
│   ├── UsageError            the call is wrong                exit status 2
│   ├── CredentialsError      a tracker or source refuses us   exit status 2
│   ├── JournalError          the state store cannot be used   exit status 2
│   ├── OutputError           nothing more can be printed      exit status 1
│   └── LimitReached          a limit of the settings          exit status 3
└── ItemError                 one document or item fails, the others go on   exit status 1
    ├── DocumentError         the bytes of a document cannot be understood
    ├── SourceError           a document cannot be read or written
    │   └── SourceChanged     somebody changed it since it was read
    └── TrackerError          the tracker refused or failed
        ├── TicketMissing     it has no such ticket (deleted or invisible)
        ├── ProjectHidden     it has no such project or repository (gone or invisible)
        ├── Throttled         it asks us to come back later
        └── OutcomeUnknown    a write may or may not have happened
"""

from __future__ import annotations


class SyncError(Exception):
    """A failure told in one sentence, with its cure.

    Args:
        message: what is wrong, naming the file, the line or the key.
        cure: what the reader can do about it, as a sentence; may be empty.
    """

    exit_status = 1

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message} {self.cure}".strip()


class StopRun(SyncError):
    """The run ends here; nothing after it can be trusted."""

    exit_status = 2


class SettingsError(StopRun):
    """A setting is unknown, of the wrong type, or missing."""


class UsageError(StopRun):
    """The program was called in a way it does not understand."""


class CredentialsError(StopRun):
    """A tracker or a source refuses our credentials."""


class JournalError(StopRun):
    """The state store cannot be opened, read or written."""


class OutputError(StopRun):
    """Standard output takes no more, as when a disk is full."""

    exit_status = 1


class LimitReached(StopRun):
    """A limit of the settings would be passed."""

    exit_status = 3


class ItemError(SyncError):
    """One document or one item fails; the others go on."""


class DocumentError(ItemError):
    """The bytes of a document cannot be understood."""


class SourceError(ItemError):
    """A document cannot be read or written."""


class SourceChanged(SourceError):
    """Somebody changed the document since it was read."""


class TrackerError(ItemError):
    """The tracker refused a call, or failed."""


class TicketMissing(TrackerError):
    """The tracker has no such ticket: deleted, or invisible to us."""


class ProjectHidden(TrackerError):
    """The tracker has no such project or repository, or does not show it: nothing follows from what it leaves out."""


class Throttled(TrackerError):
    """The tracker asks us to come back later.

    Args:
        seconds: how long it asks us to wait, when it says so.
    """

    def __init__(self, message: str, cure: str = "", seconds: float | None = None) -> None:
        super().__init__(message, cure)
        self.seconds = seconds


class OutcomeUnknown(TrackerError):
    """A write may or may not have happened; it must be looked for, not repeated."""
