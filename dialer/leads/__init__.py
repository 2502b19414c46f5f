"""Lead files: reading, normalising, importing."""
