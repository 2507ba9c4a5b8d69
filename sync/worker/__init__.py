"""Many machines: the same engine as tasks of a queue on PostgreSQL (Procrastinate), one postmortem at a time."""
