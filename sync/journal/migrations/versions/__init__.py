"""The migrations, one a file, in their order."""
