"""Understanding of a document, whatever format it is written in. Pure."""
