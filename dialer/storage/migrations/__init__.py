"""Alembic's own folder: one module a schema version."""
