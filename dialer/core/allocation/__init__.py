"""Who takes a task."""
