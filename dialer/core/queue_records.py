"""What a round leaves in the database of queues' calls."""

from dialer.core.ids import AgentId, CallId, LegId, QueueName, TrunkName
from dialer.core.record import Record
from dialer.core.states import Outcome


class QueueCallTaken(Record, frozen=True, kw_only=True):
    """A call that storage knows is taken from the switch."""

    call_id: CallId
    leg_id: LegId
    trunk: TrunkName


class QueueCallMoved(Record, frozen=True, kw_only=True):
    """A call waits for another queue from now on."""

    call_id: CallId
    queue: QueueName


class QueueCallAnswered(Record, frozen=True, kw_only=True):
    """Caller and agent hear each other for the first time."""

    call_id: CallId
    agent_id: AgentId


class QueueCallEnded(Record, frozen=True, kw_only=True):
    """A call is over, or nothing of ours any more."""

    call_id: CallId
    outcome: Outcome
    agent_id: AgentId | None = None
    wait_s: float | None = None
    """From the arrival to the bridge, or until the caller or we ended the wait."""
    talk_s: float | None = None


class CallDisposed(Record, frozen=True, kw_only=True):
    """What an agent, or the queue's default, says came of a queue's call; replaces what was said before."""

    call_id: CallId
    agent_id: AgentId
    disposition: str
    block: bool = False
    """Whether the number goes on the do-not-call list."""


class CallbackAsked(Record, frozen=True, kw_only=True):
    """A caller asked to be called back instead of waiting: by it, they consent to that call."""

    call_id: CallId


class CallbackStarted(Record, frozen=True, kw_only=True):
    """Somebody who asked for it is about to be called back."""

    call_id: CallId
    leg_id: LegId
    callback_of: CallId
    queue: QueueName
    trunk: TrunkName
    waiting_since: float


class CallbackSettled(Record, frozen=True, kw_only=True):
    """Nobody will be called back any more: it was done, or given up."""

    call_id: CallId
    """Of the call by which it was asked for."""
    outcome: Outcome


QueueRecord = (
    QueueCallTaken
    | QueueCallMoved
    | QueueCallAnswered
    | QueueCallEnded
    | CallDisposed
    | CallbackAsked
    | CallbackStarted
    | CallbackSettled
)
