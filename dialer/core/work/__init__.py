"""What lives and how it ends: campaigns, attempts, calls."""
