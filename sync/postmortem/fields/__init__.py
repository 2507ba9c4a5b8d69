"""The fields of an item: owner, due date, state, tickets, and the words by which documents name them. Pure."""
