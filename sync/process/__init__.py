"""The process: logs, redaction, signals, atomic files, a terminal, the clock."""
