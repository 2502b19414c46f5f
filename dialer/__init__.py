"""The domain: what is decided, recorded and reported."""
