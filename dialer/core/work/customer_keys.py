"""What the keys of a customer's phone ask for."""

from dialer.core.step import Step
from dialer.core.work import agentless, inbound, queue_calls
from dialer.core.workspace import Call


def pressed(step: Step, call: Call, digit: str) -> None:
    """Take a key as the line of business means it that the call belongs to."""
    if call.agentless is not None:
        agentless.pressed(step, call, call.agentless, digit)
    elif call.queue:
        queue_calls.pressed(step, call, digit)
    else:
        inbound.pressed(step, call, digit)
