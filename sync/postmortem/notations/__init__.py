"""The notations of an item: list entries, table rows, headings and sentences. Pure."""
