"""What is told of queues, their calls, and whom they call back."""

import msgspec

from dialer.core.event import Event
from dialer.core.ids import AgentId, CallId, LegId, QueueName, TrunkName
from dialer.core.settings import QueueSettings
from dialer.core.states import CallState


class QueueDefined(Event, frozen=True, kw_only=True):
    """A queue is there, or has new settings."""

    queue: QueueSettings


class CallArrived(Event, frozen=True, kw_only=True):
    """Somebody calls a queue; unless the call is taken within a few seconds the switch goes on with it by itself."""

    arrival: str
    """What the switch calls it."""
    call_id: CallId
    """Storage made it, with the caller's number, which nobody else is told."""
    queue: QueueName
    came_at: float | None = None
    """When; None: just now."""
    server: str = ""
    """Where the call is, of a switch that has several servers."""
    region: str = ""
    """ISO 3166 code of the caller's number; empty: not known, or withheld."""
    has_number: bool = False
    """Whether the caller could be called back."""
    attributes: dict[str, str] = msgspec.field(default_factory=dict)
    served_by: AgentId | None = None
    """Who had this caller last time, if anybody."""


class QueueCallFound(Event, frozen=True, kw_only=True):
    """A queue's call of an earlier run is still up at the switch; who talks in it, if anybody, was defined before."""

    call_id: CallId
    queue: QueueName
    leg_id: LegId
    trunk: TrunkName
    state: CallState
    """One of `dialing`, `ringing`, `answered`, `talking` and `message`."""
    inbound: bool
    started_at: float
    waiting_since: float
    region: str = ""
    has_number: bool = False
    attributes: dict[str, str] = msgspec.field(default_factory=dict)
    ringing_at: float | None = None
    answered_at: float | None = None
    bridged_at: float | None = None
    agent_leg: LegId | None = None
    callback_of: CallId | None = None
    disposition: str = ""
    recordings: int = 0
    """How many files there are of it."""
    file: str = ""
    """The one that is not over."""


class CallbackLeft(Event, frozen=True, kw_only=True):
    """Somebody whom an earlier run was to call back was not reached yet."""

    call_id: CallId
    """Of the call by which they asked for it."""
    queue: QueueName
    waiting_since: float
    region: str = ""
    attributes: dict[str, str] = msgspec.field(default_factory=dict)
    tries: int = 0
    """How often they were called back in vain."""


QueueEvent = QueueDefined | CallArrived | QueueCallFound | CallbackLeft
