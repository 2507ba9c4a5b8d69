"""postmortem-sync: keeps the action items of published postmortems and their tickets in step."""

__version__ = "0.1.0"
