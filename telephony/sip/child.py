"""How a process that serves a parent begins and ends: with the pipe that its command line names, and at once."""

import logging
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

_logger = logging.getLogger(__name__)


def serve_parent(serve: Callable[[socket.socket], None]) -> NoReturn:
    """Serve the descriptor that the parent named, then leave at once: PJSIP cannot be trusted to end cleanly.

    Exits with 1 if `serve` raises, which is logged; what is still buffered of the logs is written.
    """
    status = 0
    try:
        serve(socket.socket(fileno=int(sys.argv[1])))
    except Exception:  # whatever it is, the process ends and its parent starts another
        _logger.exception("the %s process failed", Path(sys.argv[0]).stem)
        status = 1
    logging.shutdown()
    os._exit(status)
