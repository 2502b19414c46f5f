"""A WAV that two sides of a talk are recorded into; while it is paused they are silent in it, and time goes on."""

import contextlib
from collections.abc import Iterable

import pjsua2 as pj


class Recorder:
    """One file.

    Raises:
        pj.Error: If it cannot be made.
    """

    def __init__(self, path: str) -> None:
        self._media = pj.AudioMediaRecorder()
        self._media.createRecorder(path)
        self.paused = False

    def hear(self, sides: Iterable[pj.AudioMedia]) -> None:
        """Record these, or silence in their place.

        A file to which nothing is connected gets no frames at all: a pause would be a cut.
        """
        level = pj.AudioMediaTransmitParam()
        level.level = 0.0 if self.paused else 1.0
        for side in sides:
            with contextlib.suppress(pj.Error):  # it has just gone, which its call's state tells
                side.stopTransmit(self._media)
                side.startTransmit2(self._media, level)

    def close(self) -> None:
        """Write the header now, not when the collector comes round."""
        pj.AudioMediaRecorder.__swig_destroy__(self._media)
