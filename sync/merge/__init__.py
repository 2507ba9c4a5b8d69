"""What a document and a ticket say of one item, merged with what was last pushed."""
