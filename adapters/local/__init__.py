"""The embedded tracker: tickets in a SQLite file, for trying things out and for teams without a tracker."""
