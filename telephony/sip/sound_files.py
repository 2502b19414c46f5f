"""Where the sounds of a call are on disk: what is played to a leg, and the recording of a talk."""

from importlib.resources import files
from itertools import chain, count
from pathlib import Path

from dialer.config import SipConfig
from dialer.core.ids import CallId
from telephony.sip.translate import file_name

SAFE_HARBOUR = "safe-harbour"


def message(name: str, config: SipConfig) -> Path:
    """Return where a message's recording should be: the one that is set, else the one that is shipped."""
    if name == SAFE_HARBOUR and config.safe_harbour is not None:
        return config.safe_harbour
    shipped = files("telephony.sip") / "audio" / f"{name.replace('-', '_')}.wav"
    return Path(str(shipped))


def new_recording(call_id: CallId, config: SipConfig) -> Path:
    """Return where to record a call, numbered if it was joined and recorded before.

    Raises:
        OSError: If there is no such folder and none can be made.
        ValueError: If the call's id is no name for a file.
    """
    config.recordings.mkdir(parents=True, exist_ok=True)
    path = config.recordings.absolute() / file_name(call_id, ".wav")
    paths = chain([path], (path.with_stem(f"{path.stem}-{number}") for number in count(2)))
    return next(one for one in paths if not one.exists())
