"""GitHub: Issues as a tracker, repositories as a source of postmortems."""
