"""Whose phone has video: its agent can serve video calls, if the profile allows it."""

from dialer.core.allocation import index, reservation
from dialer.core.step import Step
from dialer.core.switch_events import LegShowsVideo


def seen(step: Step, event: LegShowsVideo) -> None:
    """Note it of an agent's phone; a customer who brings video and calls by itself was told of as it came."""
    leg = step.workspace.legs.get(event.leg_id)
    agent = None if leg is None or leg.agent_id is None else step.workspace.agents.get(leg.agent_id)
    if agent is not None:
        agent.video_leg = event.leg_id
        index.know(step, agent)
        reservation.assign(step)
