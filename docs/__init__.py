"""The documentation, and what draws its generated pages from the code."""
