"""A document: bytes in, items out, bytes back. Pure."""

from sync.postmortem.parse import MAX_BYTES, parse

__all__ = ["MAX_BYTES", "parse"]
