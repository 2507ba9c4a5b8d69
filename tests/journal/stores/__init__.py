"""Stores as released versions left them, one for each revision of the schema; written once and never changed.

`python -m tests.journal.stores` writes that of the present revision, when there is none yet.
"""
