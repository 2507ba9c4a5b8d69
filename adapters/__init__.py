"""The world outside: one folder a system, each with its client, its schemas and what the service asks of it."""
