"""How a run ends: no new calls, talks for as long as they may last, then the phones, and the switch's word for it."""

from dialer.core.commands import EndRun
from dialer.core.events import ShutdownRequested
from dialer.core.floor import agents
from dialer.core.pacing import keeping
from dialer.core.states import AgentState, CallState
from dialer.core.step import Step
from dialer.core.work import call_ends, campaigns

LAST_LEGS_S = 5.0
"""How long the end of a run waits for the switch to confirm the last hang-ups."""

TALKS_TIMER = "talks"
FINISH_TIMER = "finish"


def shutdown(step: Step, event: ShutdownRequested) -> None:
    """Start no more calls, and end those that may not last."""
    workspace = step.workspace
    workspace.finishing = True
    for campaign in workspace.campaigns.values():
        campaigns.return_leads(step, campaign)
    for call in list(workspace.calls.values()):
        if call.state is CallState.REQUESTED or event.finish_within_s <= 0:
            call_ends.hang_up(step, call, "the run ends")
    if event.finish_within_s > 0:
        step.start_timer(TALKS_TIMER, event.at + event.finish_within_s)
    else:
        step.start_timer(FINISH_TIMER, event.at + LAST_LEGS_S)


def look(step: Step) -> None:
    """Let the agents go once no call is left, and end the run once no leg is."""
    workspace = step.workspace
    if not workspace.finishing or workspace.ended or workspace.calls:
        return
    for agent in workspace.agents.values():
        if agent.state is not AgentState.LOGGED_OUT:
            agents.log_out(step, agent, "the run ended")
    if not workspace.legs:
        _end(step)
    elif FINISH_TIMER not in workspace.timers:
        step.start_timer(FINISH_TIMER, step.at + LAST_LEGS_S)


def talks_over(step: Step) -> None:
    """The time for talks is over."""
    for call in list(step.workspace.calls.values()):
        call_ends.hang_up(step, call, "the run ends")
    step.start_timer(FINISH_TIMER, step.at + LAST_LEGS_S)


def finish_over(step: Step) -> None:
    """The switch has had its time to confirm."""
    for leg_id in step.workspace.legs:
        step.anomaly("the switch did not confirm the end of this leg", leg_id=leg_id)
    _end(step)


def _end(step: Step) -> None:
    if not step.workspace.ended:
        step.workspace.ended = True
        for campaign in step.workspace.campaigns.values():
            keeping.keep(step, campaign)
        step.emit(EndRun())
