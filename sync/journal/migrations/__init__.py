"""What brings a state store from one shape to the next, by Alembic."""
