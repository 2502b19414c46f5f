"""`dialer deploy` and what it prints."""
