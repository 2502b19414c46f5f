"""Calls that a machine of the network's speaks to: nobody is there, whether it was answered or not."""

from dialer.core.states import UNANSWERED_OUTCOMES, CallState
from dialer.core.step import Step
from dialer.core.switch_events import AnnouncementHeard
from dialer.core.work import call_ends
from dialer.core.workspace import Call

_OVER = frozenset({CallState.ENDING, CallState.ENDED})


def heard(step: Step, call: Call, event: AnnouncementHeard) -> None:
    """End a call at once for what was said; it counts as that, not as abandoned, nor as a talk."""
    if call.state in _OVER:
        return
    call.heard, call.heard_words = event.means, event.said
    call.outcome = UNANSWERED_OUTCOMES[event.means]
    step.journal("heard", f"{event.said}: {event.means}", attempt_id=call.attempt_id, leg_id=call.leg_id)
    call_ends.hang_up(step, call, "an announcement")
