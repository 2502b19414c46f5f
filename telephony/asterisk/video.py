"""Video beside the audio of a call: what is offered, and who carries it. Pure."""

from collections.abc import Mapping

CODECS = ("vp8", "h264")
"""What is passed on; Asterisk codes no video, so customer and agent must have one in common."""

AUDIO = ("ulaw", "alaw")
"""What all calls are made with."""

SHOWS = "DialerVideo"
"""The dialplan's UserEvent of a channel that carries video."""


def codecs(*, video: bool) -> str:
    """Return what is offered, as Asterisk's files and its Originate have it."""
    return ",".join((*AUDIO, *CODECS) if video else AUDIO)


def offering(
    action: Mapping[str, str | Mapping[str, str]], *, video: bool
) -> Mapping[str, str | Mapping[str, str]]:
    """Return an Originate whose INVITE offers video, too; without being told, Asterisk offers audio alone."""
    return {**action, "Codecs": codecs(video=True)} if video else action


def carries_video(headers: Mapping[str, str]) -> bool:
    """Return whether a UserEvent of the dialplan says so by its `Video`, the names of codecs."""
    return any(codec in headers.get("Video", "").lower() for codec in CODECS)
