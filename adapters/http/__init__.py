"""How calls over HTTP are made, whichever system they go to."""
