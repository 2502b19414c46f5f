"""A lead who calls back, as the switch tells of it before anybody has looked up who that is."""

from typing import NamedTuple

from dialer.core.allocation.capacity import Channel
from dialer.core.ids import AttemptId


class CallBack(NamedTuple):
    """One call that waits at the switch."""

    attempt_id: AttemptId
    """The last one at this lead."""
    arrival: str
    """What the switch calls it."""
    channel: Channel = Channel.VOICE
    """Video, if the caller brings some."""
