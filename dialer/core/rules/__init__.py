"""Whether a lead may be called, and when again."""
