"""Calls in flight, from the decision to dial until it is known whether they need an agent: how many, of whom and where."""

from dialer.core.states import CallState
from dialer.core.step import Step
from dialer.core.workspace import Call

UNANSWERED = frozenset({CallState.REQUESTED, CallState.DIALING, CallState.RINGING})
PENDING = UNANSWERED | {CallState.CLASSIFYING}
"""It is open whether they need an agent."""


def begins(step: Step, call: Call) -> None:
    """Count a call."""
    _count(step, call, 1)


def is_over(step: Step, call: Call) -> None:
    """Count a call no more: it was answered by a person, or it is gone."""
    _count(step, call, -1)


def _count(step: Step, call: Call, change: int) -> None:
    if call.attempt is None or call.previewed or call.agentless is not None:
        return  # its agent is supply no more, or it has none: nothing is paced by it
    campaign = step.workspace.campaigns[call.attempt.campaign_id]
    campaign.in_flight += change
    campaign.in_flight_at[call.server] = campaign.in_flight_at.get(call.server, 0) + change
