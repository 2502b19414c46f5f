"""What Alembic runs: the migrations, in the transaction that `dialer.storage.database` opened."""

from alembic import context

from dialer.storage import schema

context.configure(
    connection=context.config.attributes["connection"], target_metadata=schema.workspace.metadata
)
with context.begin_transaction():
    context.run_migrations()
