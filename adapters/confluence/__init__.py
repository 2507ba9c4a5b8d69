"""Confluence: pages as a source of postmortems, Cloud and Data Center."""
