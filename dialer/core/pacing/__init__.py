"""How many calls to start."""
