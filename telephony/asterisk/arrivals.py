"""Channels that came to Asterisk by themselves and wait to be taken: leads who call back, callers of queues, agents who dial in."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from dialer.call_back import CallBack
from dialer.core.allocation.capacity import Channel
from dialer.core.ids import AgentId, AttemptId, CallId
from telephony.asterisk.translate import Headers, number
from telephony.asterisk.video import carries_video

_COMES = ("DialerArrived", "DialerCalledIn", "DialerQueued")


class Arrival(NamedTuple):
    """A channel that waits."""

    server: str
    channel: str
    uniqueid: str


def _ignore(*_: object) -> None:
    """Tell nobody."""


class Arrivals:
    """The channels that wait, until they are taken or gone."""

    def __init__(self) -> None:
        self._waiting: dict[str, Arrival] = {}
        self.on_call_in: Callable[[AgentId], None] = _ignore
        self.on_call_back: Callable[[CallBack], None] = _ignore
        self.on_queue_call: Callable[[CallId, str, str], None] = _ignore

    def hear(self, server: str, messages: Sequence[Headers]) -> None:
        """Take in what the dialplan tells of channels that came, and the ends of channels."""
        for headers in messages:
            self._hear(server, headers)

    def _hear(self, server: str, headers: Headers) -> None:
        arrival = Arrival(server, headers.get("Channel", ""), headers.get("Uniqueid", ""))
        match headers:
            case {"Event": "Hangup"}:
                for key in [key for key, one in self._waiting.items() if one.uniqueid == arrival.uniqueid]:
                    del self._waiting[key]
            case {"UserEvent": "DialerCalledIn", "Agent": agent} if (agent_id := number(agent)) is not None:
                self._waiting[of_agent(AgentId(agent_id))] = arrival
                self.on_call_in(AgentId(agent_id))
            case {"UserEvent": "DialerArrived", "Attempt": attempt_id}:
                self._waiting[arrival.uniqueid] = arrival
                channel = Channel.VIDEO if carries_video(headers) else Channel.VOICE
                self.on_call_back(CallBack(AttemptId(attempt_id), arrival.uniqueid, channel))

            case {"UserEvent": "DialerQueued", "Call": call_id}:
                self._waiting[arrival.uniqueid] = arrival
                self.on_queue_call(CallId(call_id), arrival.uniqueid, server)

    def take(self, key: str) -> Arrival | None:
        """Return a channel that waits, and forget it."""
        return self._waiting.pop(key, None)


def is_of_arrival(headers: Headers) -> bool:
    """Return whether an event may be about a channel that came by itself: the dialplan's UserEvents, and every end."""
    return headers.get("UserEvent") in _COMES or headers.get("Event") == "Hangup"


def of_agent(agent_id: AgentId) -> str:
    """Return the key of the channel that an agent came by; the newest counts."""
    return f"agent {agent_id}"
