"""From settings to sources, trackers and an engine. Only here, and in the commands, settings and adapters are known."""
