"""Jira Cloud and Jira Data Center: one tracker in two dialects."""
