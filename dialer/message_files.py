"""The recordings that the configuration names, as they are when a run begins: which version of each, and how long it is.

What people heard has to be provable, so the content of a file is its name on record.
"""

import logging
import wave
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from dialer.core.messages import MessageVersion

_logger = logging.getLogger(__name__)


def versions(recordings: Mapping[str, Path]) -> dict[str, MessageVersion]:
    """Return what can be read; a file that cannot is left out, with a warning, so that no campaign plays it."""
    found: dict[str, MessageVersion] = {}
    for name, path in recordings.items():
        try:
            found[name] = _version(path)
        except (OSError, wave.Error, EOFError) as error:
            _logger.warning(
                "a recording cannot be read", extra={"recording": name, "cause": str(error) or "it is no WAV"}
            )
    return found


def _version(path: Path) -> MessageVersion:
    with wave.open(str(path)) as file:
        form = (file.getframerate(), file.getsampwidth(), file.getnchannels())
        length_s = file.getnframes() / file.getframerate()
    if form != (8000, 2, 1):
        raise wave.Error(f"{path}: a WAV of 8 kHz, 16 bit, mono is needed")
    return MessageVersion(sha256=sha256(path.read_bytes()).hexdigest(), length_s=length_s)
