"""A file for each language. Data only."""
