"""Characters of untrusted text that no output shows as they are. Values only."""

from __future__ import annotations

BIDI = "\u202a-\u202e\u2066-\u2069"
"""What turns the direction of text, and so reorders what a person reads: for a class of a regular expression."""
