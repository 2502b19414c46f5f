"""Threads that a run cannot do without: when one of them dies, somebody is told."""

import logging
import threading
from collections.abc import Callable

_logger = logging.getLogger(__name__)

Died = Callable[[str, Exception], None]
"""Takes the name of a thread and what ended it, in that thread."""


def start_thread(name: str, work: Callable[[], None], *, died: Died) -> threading.Thread:
    """Start a thread that says so when an error ends it; no error of its work is expected."""

    def guarded() -> None:
        try:
            work()
        except Exception as error:
            _logger.exception("a thread of the run died", extra={"died": name})
            died(name, error)

    thread = threading.Thread(target=guarded, name=name, daemon=True)
    thread.start()
    return thread
