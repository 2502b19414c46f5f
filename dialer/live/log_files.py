"""Rotated log files, written by a thread of their own; the engine's thread only hands rounds over.

Best effort: a log that cannot be written says so once and stops; recovery never reads it.
"""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

import msgspec

from dialer import log
from dialer.core.commands import AnyCommand
from dialer.core.engine import Engine
from dialer.core.events import AnyEvent
from dialer.core.workspace import Workspace

logger = logging.getLogger(__name__)

ENTRY_BYTES = 150
"""About what an event or a command takes in a log: measured over simulated floors."""


class LogFiles:
    """Fits `Log`: `<instance>-0001.jsonl` and on, the oldest files removed beyond `keep`."""

    def __init__(self, folder: Path, instance: str, *, keep: int, file_bytes: int) -> None:
        self._folder = folder
        self._instance = instance
        self._keep = keep
        self._file_entries = file_bytes // ENTRY_BYTES
        self._entries = 0
        self._queue: SimpleQueue[bytes | log.LoggedRound | None] = SimpleQueue()
        self._queue.put(log.header(Workspace()))
        self._thread = threading.Thread(target=self._work, name="log", daemon=True)
        self._thread.start()

    def add(self, engine: Engine, events: Sequence[AnyEvent], commands: Sequence[AnyCommand]) -> None:
        """Keep one round; after a full file, begin the next with what the engine knows now."""
        self._queue.put(log.LoggedRound(list(events), list(commands)))
        self._entries += len(events) + len(commands)
        if self._entries >= self._file_entries:
            self._entries = 0
            self._queue.put(log.header(engine.workspace))

    def close(self) -> None:
        """Write what waits, and end."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write_files()
        except OSError as error:
            logger.warning("the log is not written any more", extra={"cause": str(error)})
            while self._queue.get() is not None:
                pass

    def _write_files(self) -> None:
        item = self._queue.get()
        number = 0
        while item is not None:
            number += 1
            with (self._folder / f"{self._instance}-{number:04}.jsonl").open("wb", buffering=1 << 16) as file:
                item = self._write_rounds(file, item)
            for old in sorted(self._folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)[
                : -self._keep
            ]:
                old.unlink(missing_ok=True)

    def _write_rounds(self, file: BinaryIO, item: bytes | log.LoggedRound | None) -> bytes | None:
        """Write a header and the rounds after it; return the next file's header, or None at the end."""
        encoder = msgspec.json.Encoder()
        while True:
            file.write((item if isinstance(item, bytes) else encoder.encode(item)) + b"\n")
            if self._queue.empty():
                file.flush()
            item = self._queue.get()
            if item is None or isinstance(item, bytes):
                return item
