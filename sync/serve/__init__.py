"""Receives what trackers and sources tell by themselves, so that a status is back in seconds."""
