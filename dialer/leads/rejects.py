"""The rejects file: `line,reason,raw` of every row that is no lead.

It is as far as the checkpoint says: whatever an import that was killed wrote beyond it is cut off when
the import goes on.
"""

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from dialer.errors import ConfigError


class RejectsFile:
    """An open rejects file; one that stays empty is taken away again at the end."""

    def __init__(self, path: Path, offset: int) -> None:
        """Open a file and cut it off at an offset in bytes.

        Raises:
            ConfigError: If it cannot be written.
        """
        try:
            # Somebody may have taken the file away while the import lay still.
            offset = min(offset, path.stat().st_size) if path.exists() else 0
            self._file = path.open("r+b" if offset else "wb")
            self._file.truncate(offset)
        except OSError as error:
            raise ConfigError(
                f"{path}: rejected rows cannot be written there: {error.strerror}; give another --rejects"
            ) from error
        self._path = path
        self._file.seek(offset)
        self.offset = offset
        """How far it is written, in bytes."""

    def add(self, rows: Sequence[tuple[int, str, str]]) -> None:
        """Write rows, which `sync` sees onto the disk."""
        if not rows:
            return
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        if not self.offset:
            writer.writerow(("line", "reason", "raw"))
        writer.writerows(rows)
        self._file.write(text.getvalue().encode("utf-8", "backslashreplace"))
        self.offset = self._file.tell()

    def sync(self) -> None:
        """See what was written onto the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if not self.offset:
            self._path.unlink(missing_ok=True)
