"""Whether the database can be used: it opens, has the right schema, can be written, holds together."""

from collections.abc import Iterator
from contextlib import contextmanager

from cli.doctor.findings import Finding, failure, ok
from dialer.errors import ConfigError, SchemaTooOldError, StorageError
from dialer.storage.database import Database, open_database
from dialer.storage.health import Health, examine
from dialer.storage.schema import REVISIONS

_CHECK = "database"


@contextmanager
def opened(url: str) -> Iterator[tuple[Database | None, Finding]]:
    """Open a database without making one, and say how it is; None if it cannot be used."""
    database: Database | None = None
    try:
        database = open_database(url, create=False)
        finding = judge(database.url, examine(database))
    except SchemaTooOldError as error:
        finding = failure(_CHECK, str(error), "`dialer db upgrade`, which keeps a copy")
    except (StorageError, ConfigError) as error:
        text, _, remedy = str(error).rpartition("; ")
        finding = failure(_CHECK, text or remedy, remedy)
    try:
        yield database, finding
    finally:
        if database is not None:
            database.close()


def judge(url: str, health: Health) -> Finding:
    """Return whether a database that opens is well."""
    size = "" if health.size_bytes is None else f", {health.size_bytes / 1e6:,.1f} MB"
    about = f"{url}: schema {REVISIONS[-1]}{size}, can be written"
    if health.errors:
        remedy = "end the run, keep the file, restore the last backup (docs/howto/backups.md)"
        return failure(_CHECK, f"{url} is damaged: {'; '.join(health.errors)}", remedy)
    return ok(_CHECK, f"{about}, {'no damage found' if health.checked else 'not read through'}")
