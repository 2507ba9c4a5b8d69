"""Postmortems as files of this machine: a folder, or a git work tree."""
