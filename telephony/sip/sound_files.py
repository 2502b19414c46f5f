"""Where the sounds of a call are on disk: what is played to a leg, and the recording of a talk."""

from importlib.resources import files
from pathlib import Path

from dialer.config import SipConfig
from dialer.core.messages import Message
from telephony.sip.translate import file_name


def message(name: str, config: SipConfig) -> Path:
    """Return where a message's recording should be: the one that is set, else the one that is shipped."""
    own: dict[str, Path | None] = {
        Message.SAFE_HARBOUR: config.safe_harbour,
        Message.RECORDING: config.recording_announcement,
        Message.HOLD: config.hold,
    }
    if (path := own.get(name) or config.messages.get(name)) is not None:
        return path
    shipped = files("telephony.sip") / "audio" / f"{name.replace('-', '_')}.wav"
    return Path(str(shipped))


def recording(file: str, config: SipConfig) -> Path:
    """Return where a talk is recorded.

    Raises:
        OSError: If there is no such folder and none can be made.
        ValueError: If that is no name for a file.
    """
    name = file_name(file.removesuffix(".wav"), ".wav")
    config.recordings.mkdir(parents=True, exist_ok=True)
    return config.recordings.absolute() / name
