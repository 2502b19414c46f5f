"""Writing who picked up, as answering machine detection says."""

from collections.abc import Sequence

from sqlalchemy import Connection

from dialer.core.records import AttemptClassified
from dialer.storage.changes import change
from dialer.storage.schema import attempt

_CLASSIFY = change(attempt, "attempt", "amd_verdict", "amd_cause", "amd_s")


def write(connection: Connection, batch: Sequence[AttemptClassified]) -> None:
    """Write verdicts."""
    rows = [
        {
            "attempt": record.attempt_id,
            "new_amd_verdict": record.verdict,
            "new_amd_cause": record.cause,
            "new_amd_s": record.after_s,
        }
        for record in batch
    ]
    connection.execute(_CLASSIFY, rows)
