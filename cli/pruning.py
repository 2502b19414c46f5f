"""What `dialer db prune` deletes."""

from cli.ask import runs
from cli.options import Workplace
from dialer.errors import ConfigError
from dialer.live.clock import Clock
from dialer.storage.pruning import OldAttempts, OldNotes, OldQueueWork, prune

# Four times as long as a batch holds the lock: a run's commits find it free at once, as a rule.
_PAUSE_BESIDE_RUN_S = 0.01


def delete_before(place: Workplace, before: float, *, attempts: bool) -> tuple[int, int]:
    """Delete what is older than an instant; return how many notes went, and how many attempts, calls and text sessions.

    Raises:
        ConfigError: If the instant is still to come.
        StorageError: If the database cannot be written.
    """
    if before > Clock().now():
        raise ConfigError("--before names a day that is still to come: what is being written would go too")
    pause_s = _PAUSE_BESIDE_RUN_S if runs(place) else 0.0
    gone = 0
    if attempts:
        old = OldAttempts(place.workspace_id, before=before)
        gone = prune(place.database, old, pause_s=pause_s)
        gone += prune(place.database, OldQueueWork(place.workspace_id, before=before), pause_s=pause_s)
    notes = OldNotes(place.workspace_id, before=before)
    return prune(place.database, notes, pause_s=pause_s), gone
