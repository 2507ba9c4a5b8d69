"""Who is told of what is overdue."""
