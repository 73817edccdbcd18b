"""How Alembic runs the migrations: in the transaction that :func:`engine.migrate` began."""

from alembic import context

from afterword.store.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
