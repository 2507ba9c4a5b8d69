"""A document: bytes in, items out, bytes back. Pure."""

from sync.postmortem.edits import apply_edits
from sync.postmortem.parse import MAX_BYTES, parse
from sync.postmortem.write_back import write_back

__all__ = ["MAX_BYTES", "apply_edits", "parse", "write_back"]
