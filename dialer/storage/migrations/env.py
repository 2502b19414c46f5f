"""What Alembic runs: the migrations, in the transaction that `dialer.storage.database` opened."""

from alembic import context

from dialer.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
