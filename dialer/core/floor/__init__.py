"""Who is there: agents and their states."""
