"""What a round leaves in the database of calls that no agent takes."""

from dialer.core.ids import CallId
from dialer.core.record import Record


class MessageBegan(Record, frozen=True, kw_only=True):
    """Whoever picked up hears a recording from now on, or is in a context of the dialplan."""

    call_id: CallId
    message: str = ""
    version: str = ""
    """SHA-256 of the recording's file; empty: not known."""
    context: str = ""
    to_machine: bool = False


class MessageOver(Record, frozen=True, kw_only=True):
    """It is over."""

    call_id: CallId
    heard: bool | None = None
    """Whether to its end; None: nobody can tell, as in a dialplan's context."""
    failed: str = ""
    """Why there was nothing to hear."""


class OptedOut(Record, frozen=True, kw_only=True):
    """The person asked by a key to be called no more; that the number is on the do-not-call list is another record."""

    call_id: CallId
    digit: str


AgentlessRecord = MessageBegan | MessageOver | OptedOut
