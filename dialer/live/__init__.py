"""The real world: one queue, rounds, a writer."""
