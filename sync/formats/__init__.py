"""A document: bytes in, items out, bytes back. Pure."""

from sync.formats.edits import apply_edits
from sync.formats.markdown.render import render
from sync.postmortem.understanding import MAX_BYTES, parse

__all__ = ["MAX_BYTES", "apply_edits", "parse", "render"]
