"""Questions in, tables out."""
