"""The durable record of what was begun and concluded, and a cache of what trackers showed."""
