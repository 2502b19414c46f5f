"""Pieces made in a process of their own, while the importing one writes them.

Preparing rows and writing them take about the same time, so two cores halve the whole. Frames are a
length and marshalled columns: both ends are one interpreter, and nobody else can write to the pipe.
The child ends with its parent, for a closed pipe kills it.
"""

import gc
import marshal
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from typing import BinaryIO

import msgspec

from dialer.errors import LeadFileError
from dialer.leads.pieces import Piece, Source, pieces

_LENGTH_BYTES = 4
_PIPE = 1 << 20
"""Bytes in the pipe: a piece passes in one go. The most that Linux grants anybody."""

_AHEAD = 40
"""Pieces that may wait, about 15 MB: enough to work through a commit of the other process."""


class _Job(msgspec.Struct, frozen=True):
    source: Source
    offset: int
    line: int


class Worker:
    """A process that prepares the rows of one file.

    It is started before it is known what to read: it takes about as long to start as a file to survey.
    """

    def __init__(self) -> None:
        command = (sys.executable, "-m", "dialer.leads.worker")
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pipesize=_PIPE)

    def pieces(self, source: Source, *, offset: int, line: int) -> Generator[Piece, None, None]:
        """Yield what `dialer.leads.pieces.pieces` yields; once.

        Raises:
            LeadFileError: If the process ends before the file does.
        """
        child = self._child
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("pipes were asked for")
        try:
            child.stdin.write(msgspec.json.encode(_Job(source, offset, line)))
            child.stdin.close()
        except BrokenPipeError:
            pass  # it ended already, which the missing frames tell
        while size := int.from_bytes(child.stdout.read(_LENGTH_BYTES), "big"):
            yield Piece(*marshal.loads(child.stdout.read(size)))  # noqa: S302 - from our own child
        if child.wait():
            raise LeadFileError(f"{source.path}: the process that read it ended early; import it again")

    def close(self) -> None:
        """End the process, whatever it does."""
        self._child.kill()
        with self._child:
            pass


def main() -> None:
    """Serve one job from standard input; frames go to standard output."""
    # The parent hears of the interrupt too, and ends this process by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # Rows make no cycles; looking for some takes a fifth of the time.
    gc.disable()
    # The sender has little to do, and would wait its usual 5 ms for each turn.
    sys.setswitchinterval(0.0001)
    asked = sys.stdin.buffer.read()
    if not asked:
        return
    job = msgspec.json.decode(asked, type=_Job)
    frames: queue.Queue[bytes | None] = queue.Queue(_AHEAD)
    sender = threading.Thread(target=_send, args=(frames, sys.stdout.buffer))
    sender.start()
    try:
        for piece in pieces(job.source, offset=job.offset, line=job.line):
            frames.put(marshal.dumps(tuple(piece)))
    finally:
        frames.put(None)
        sender.join()


def _send(frames: queue.Queue[bytes | None], out: BinaryIO) -> None:
    while (frame := frames.get()) is not None:
        out.write(len(frame).to_bytes(_LENGTH_BYTES, "big") + frame)
        out.flush()


if __name__ == "__main__":
    main()
