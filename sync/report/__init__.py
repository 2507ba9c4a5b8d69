"""What became of the action items, as figures and as pages."""
