"""The part that decides; computation only."""
