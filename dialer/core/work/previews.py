"""Leads that agents are shown before the call, and call or skip.

Whoever is shown one is kept for it: nobody else takes it, and whoever picks up is joined with that agent at once. The time to
decide begins once the lead is on record, where the agent reads it. The agent's work ends a preview before every other thing:
a pause, a log-out and a lost phone give the lead back (`preview_ends.leave`, from the one place where agents' states change).
"""

from collections.abc import Callable, Mapping

from dialer.core.allocation import in_hand, links, reservation, routing
from dialer.core.business import Campaign
from dialer.core.commands import Deliver, PlayMessage
from dialer.core.floor import agents, roster
from dialer.core.ids import AgentId, HandoverId
from dialer.core.messages import Message
from dialer.core.pacing.supply import Supply
from dialer.core.presence_states import UNDECIDED, PausedBy
from dialer.core.preview import Preview
from dialer.core.preview_records import PreviewStarted
from dialer.core.preview_states import PreviewTimeout
from dialer.core.requests import CallLead, SkipLead
from dialer.core.states import AgentMove, CallState, CampaignState
from dialer.core.step import Step
from dialer.core.work import campaigns, placing, preview_ends, trunk_choice
from dialer.core.workspace import Agent, Pause
from dialer.errors import RuleError

NOT_IN_TIME = "not decided in time"
NO_LINE = "no line is free for the call: try again in a moment"
NO_LINE_S = 1.0
"""So long a call waits that is to be placed by itself when its trunks have no room. A guess: calls end all the time."""


# --- which lead is shown to whom -----------------------------------------------------------------


def show_one(step: Step, campaign: Campaign, supply: Supply, *, for_s: float) -> bool:
    """Show the next lead of a campaign to an agent who is free; return whether there was one of each, and a line for the call.

    Args:
        step: The step of now.
        campaign: Whose agents decide.
        supply: Who is free, as calls and previews are counted against them.
        for_s: By the roster, only agents who stay for so long are shown one.
    """
    settings = campaign.settings
    need = routing.first_need(step, settings)
    if not campaign.buffer or supply.left(need.set_id) < 1:
        return False
    agent_id = step.allocator.first_free(need, _Unfit(step, for_s))
    agent = None if agent_id is None else step.workspace.agents[agent_id]
    if agent is None or trunk_choice.choose_near(step, settings, near=agent.server) is None:
        return False
    lead = campaigns.next_lead(step, campaign)
    if lead is None:
        return False
    preview = Preview(HandoverId(step.new_id()), agent.agent_id, settings.campaign_id, lead)
    step.workspace.previews[agent.agent_id] = preview
    in_hand.count(step, agent)
    agents.move(step, agent, AgentMove.PREVIEW)
    step.emit(
        PreviewStarted(
            at=step.at,
            preview_id=preview.preview_id,
            campaign_id=preview.campaign_id,
            lead_id=lead.lead_id,
            agent_id=agent.agent_id,
        )
    )
    step.emit(Deliver(handover_id=preview.preview_id))
    supply.place(settings.campaign_id, agent.server)
    return True


class _Unfit:
    """Who is shown no lead though free: leaves soon, or is rung by another system for each call."""

    def __init__(self, step: Step, for_s: float) -> None:
        self._step = step
        self._for_s = for_s

    def __contains__(self, agent_id: object, /) -> bool:
        if not isinstance(agent_id, int):
            return True
        agent = self._step.workspace.agents[AgentId(agent_id)]
        cannot = agent.member is not None or agent.server in self._step.workspace.lost_servers
        return cannot or roster.leaves_soon(self._step, agent, self._for_s)


def delivered(step: Step, preview_id: HandoverId) -> None:
    """An agent can read the lead: the time to decide begins."""
    preview = _find(step, preview_id)
    if preview is None:
        return
    agent = step.workspace.agents[preview.agent_id]
    preview.shown_at = step.at
    preview.until = step.at + step.workspace.campaigns[preview.campaign_id].settings.preview_s
    step.start_timer(preview_ends.timer(preview.agent_id), preview.until)
    agents.say(step, agent)
    if agent.leg_id is not None:
        step.emit(PlayMessage(leg_id=agent.leg_id, message=Message.TONE_DONE))


def not_delivered(step: Step, preview_id: HandoverId, reason: str) -> None:
    """The lead cannot be recorded now where its agent would read it."""
    preview = _find(step, preview_id)
    if preview is not None:
        _withdraw(step, preview, f"not on record: {reason}")


def _find(step: Step, preview_id: HandoverId) -> Preview | None:
    return next((one for one in step.workspace.previews.values() if one.preview_id == preview_id), None)


# --- what the agent decides ------------------------------------------------------------------------


def call(step: Step, request: CallLead) -> str:
    """Call the lead that an agent is shown, for that agent."""
    agent, preview = _shown(step, request.agent_id)
    if why := _call(step, agent, preview):
        raise RuleError(why)
    return "the lead is being called"


def skip(step: Step, request: SkipLead) -> str:
    """Put off the lead that an agent is shown; the next one follows."""
    agent, preview = _shown(step, request.agent_id)
    retry_at = _skip(step, agent, preview, request.reason)
    return "skipped; the lead is finished" if retry_at is None else "skipped; the lead comes again later"


def _shown(step: Step, agent_id: AgentId) -> tuple[Agent, Preview]:
    """Return an agent and what it is shown.

    Raises:
        RuleError: If that is nothing, or nobody can have read it yet.
    """
    preview = step.workspace.previews.get(agent_id)
    agent = step.workspace.agents.get(agent_id)
    if agent is None or preview is None:
        state = "not known to the run" if agent is None else agent.state
        raise RuleError(f"the agent is {state}: there is no lead to decide about")
    if preview.shown_at is None:
        raise RuleError("the lead is not there to read yet: try again in a moment")
    return agent, preview


def _call(step: Step, agent: Agent, preview: Preview) -> str:
    """Call a lead for its agent; return why not, empty if it is called."""
    campaign = step.workspace.campaigns[preview.campaign_id]
    if not _may_call(step, campaign):
        _withdraw(step, preview, "the campaign does not call now")
        return "the campaign does not call now: the lead is given back"
    why = campaigns.refusal_of(step, campaign, preview.lead)
    if why is not None:
        preview_ends.refused(step, preview, why)
        agents.release(step, agent)
        return f"the lead may not be called: {why.reason}"
    trunk = trunk_choice.choose_near(step, campaign.settings, near=agent.server)
    if trunk is None:
        return NO_LINE
    attempt = placing.new_attempt(step, campaign, preview.lead)
    preview_ends.called(step, preview, attempt.attempt_id)
    placing.begin(step, campaign, attempt, trunk, agent=agent)
    return ""


def _skip(step: Step, agent: Agent, preview: Preview, reason: str) -> float | None:
    retry_at = preview_ends.skipped(step, preview, reason)
    agents.release(step, agent)
    return retry_at


# --- what happens if nobody decides ----------------------------------------------------------------


def time_over(step: Step, agent_id: AgentId) -> None:
    """An agent has not decided in time."""
    preview = step.workspace.previews.get(agent_id)
    if preview is not None:
        settings = step.workspace.campaigns[preview.campaign_id].settings
        _TIMEOUTS[settings.preview_timeout](step, step.workspace.agents[agent_id], preview)


def _call_in_time(step: Step, agent: Agent, preview: Preview) -> None:
    if _call(step, agent, preview) == NO_LINE:
        step.start_timer(preview_ends.timer(agent.agent_id), step.at + NO_LINE_S)


def _skip_in_time(step: Step, agent: Agent, preview: Preview) -> None:
    _skip(step, agent, preview, NOT_IN_TIME)


def _pause_in_time(step: Step, agent: Agent, preview: Preview) -> None:
    preview_ends.give_back(step, preview, NOT_IN_TIME)
    agents.pause(step, agent, Pause(UNDECIDED, PausedBy.SYSTEM))


_TIMEOUTS: Mapping[PreviewTimeout, Callable[[Step, Agent, Preview], None]] = {
    PreviewTimeout.CALL: _call_in_time,
    PreviewTimeout.SKIP: _skip_in_time,
    PreviewTimeout.PAUSE: _pause_in_time,
}


# --- what comes before it --------------------------------------------------------------------------


def review(step: Step) -> None:
    """Give leads back that may be called no more, and let customers who wait have agents whose campaigns yield them."""
    for preview in list(step.workspace.previews.values()):
        if not _may_call(step, step.workspace.campaigns[preview.campaign_id]):
            _withdraw(step, preview, "the campaign does not call now")
    yields = [one for one in step.workspace.previews.values() if _yields(step, one)]
    if yields:
        _make_way(step, yields)


def _may_call(step: Step, campaign: Campaign) -> bool:
    workspace = step.workspace
    return campaign.state is CampaignState.RUNNING and not (workspace.halted or workspace.finishing)


def _yields(step: Step, preview: Preview) -> bool:
    return step.workspace.campaigns[preview.campaign_id].settings.preview_yields


def _make_way(step: Step, yields: list[Preview]) -> None:
    workspace = step.workspace
    waiting = [one for one in workspace.calls.values() if one.state is CallState.ANSWERED]
    for call in sorted(waiting, key=lambda one: (one.waiting_since, one.call_id)):
        needed = step.allocator.need_of(reservation.task_id(call))
        for preview in yields if needed is not None else ():
            agent = workspace.agents[preview.agent_id]
            in_set = needed is not None and needed.set_id in step.sets.of_agent(agent.agent_id)
            if in_set and links.delay_ms(workspace, call, agent.server) is not None:
                yields.remove(preview)
                _withdraw(step, preview, "a customer waited whom nobody else could take")
                reservation.assign(step)
                break


def _withdraw(step: Step, preview: Preview, why: str) -> None:
    preview_ends.give_back(step, preview, why)
    agents.release(step, step.workspace.agents[preview.agent_id])
