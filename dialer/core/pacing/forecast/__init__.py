"""What calls in flight and busy agents will come to, and what follows for how many calls to start."""
