"""Markdown as GitHub has it."""
