"""Deletes old notes of a floor while it runs, so that a database that runs for years does not grow for years.

A batch at a time, with pauses: a commit of the floor waits for one small batch at the most.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final

from dialer.errors import LeaseLostError, StorageError
from dialer.live.clock import Clock
from dialer.live.threads import Died, start_thread
from dialer.storage.database import Database
from dialer.storage.fence import Fence
from dialer.storage.pruning import OldNotes

_logger = logging.getLogger(__name__)

_DAY_S: Final = 86_400.0

# 2,000 rows a second at the most. An attempt leaves 10 (measured) and 60 lines start about 3 a second (a guess), so
# it catches up with any floor that this adapter carries, and holds the lock for 2-3 % of the time meanwhile.
_BATCH_PAUSE_S: Final = 0.1

# Often enough that a pass is short, seldom enough that nobody sees it.
_PASS_PAUSE_S: Final = 3_600.0


class Pruner:
    """Deletes notes older than `keep_days`, in a thread of its own, from construction until `close`."""

    def __init__(
        self,
        database: Database,
        fence: Fence,
        *,
        keep_days: int,
        clock: Clock,
        died: Died,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        """Start the thread.

        Args:
            database: Where the notes are.
            fence: Checked in every transaction.
            keep_days: 0 keeps everything.
            clock: The world's.
            died: Told if the thread dies.
            busy: Whether the database has more urgent things to do.
        """
        self._database = database
        self._fence = fence
        self._keep_s = keep_days * _DAY_S
        self._clock = clock
        self._busy = busy
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        if keep_days:
            self._thread = start_thread("pruner", self._run, died=died)

    @property
    def is_alive(self) -> bool:
        """Return whether there is anything that it would still delete, now or later."""
        return self._thread is not None and self._thread.is_alive()

    def close(self) -> None:
        """End the thread; the next run goes on where it stopped."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        pause_s = 0.0
        while not self._closing.wait(pause_s):
            try:
                self._delete_old()
            except LeaseLostError:
                return  # the writer says so, and ends the run
            except StorageError as error:
                _logger.warning("old notes could not be deleted", extra={"cause": str(error)})
            pause_s = _PASS_PAUSE_S

    def _delete_old(self) -> None:
        notes = OldNotes(self._fence.workspace_id, before=self._clock.now() - self._keep_s)
        total = 0
        deleted: int | None = 0
        while deleted is not None and not self._closing.wait(_BATCH_PAUSE_S):
            if self._busy():
                continue
            with self._database.write() as connection:
                self._fence.check(connection)
                deleted = notes.step(connection)
            total += deleted or 0
        if total:
            _logger.info("old notes were deleted", extra={"rows": total})
