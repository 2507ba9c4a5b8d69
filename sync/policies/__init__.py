"""How soon an action item has an owner and a due date, and is done."""
