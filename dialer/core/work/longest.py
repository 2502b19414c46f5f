"""Calls that last longer than their trunk lets a call last: they are ended, so that no mistake costs days of minutes."""

from dialer.core.ids import TrunkName
from dialer.core.states import CallState
from dialer.core.step import Step
from dialer.core.work import call_ends, trunks


def longest_call(step: Step, name: TrunkName) -> None:
    """End what has lasted too long on a trunk, and look again when the next call will have."""
    limit_min = step.workspace.trunks[name].settings.longest_call_min
    for call in list(step.workspace.calls.values()):
        answered_at = step.workspace.legs[call.leg_id].answered_at
        if call.trunk == name and answered_at is not None and step.at >= answered_at + limit_min * 60:
            detail = f"a call may last {limit_min:g} minutes"
            step.journal("longest_call", detail, attempt_id=call.attempt_id, leg_id=call.leg_id)
            call_ends.hang_up(step, call, "the longest call of its trunk")
    left = (call for call in step.workspace.calls.values() if call.state is not CallState.ENDING)
    legs = (step.workspace.legs[call.leg_id] for call in left if call.trunk == name)
    answers = [leg.answered_at for leg in legs if leg.answered_at is not None]
    if answers:
        step.start_timer(trunks.longest_timer(name), min(answers) + limit_min * 60)
