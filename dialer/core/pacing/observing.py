"""What happens to a campaign's calls and agents, told to what pacing learns from. In every mode, so that a change finds it learned."""

from dialer.core.business import Campaign
from dialer.core.pacing.forecast.budget import Budget, budget
from dialer.core.pacing.forecast.outlook import Outlook
from dialer.core.states import AgentState, EndCause
from dialer.core.step import Step
from dialer.core.workspace import Agent, Call, Leg

_NOT_OF_PEOPLE = frozenset({EndCause.CANCELLED, EndCause.LOST, EndCause.CONGESTION})


def outlook_of(step: Step, campaign: Campaign) -> Outlook:
    """Return what a campaign makes expect, in today's terms."""
    outlook = campaign.outlook = campaign.outlook or Outlook(settled_at=step.at)
    outlook.price.look(step.at, day_ends_at=step.workspace.day_ends_at)
    return outlook


def left_of(step: Step, campaign: Campaign, outlook: Outlook, *, left_s: float) -> Budget:
    """Return what may yet be abandoned of a campaign's window."""
    return budget(
        limit=campaign.settings.abandon_limit,
        abandoned=outlook.price.abandoned,
        connected=outlook.price.answers - outlook.price.abandoned,
        to_come=outlook.price.rate_at(step.at) * left_s,
        human=outlook.learned.people_share,
    )


def day_left_s(step: Step, campaign: Campaign) -> float:
    """Return for how long the campaign may call today, in the zone of its list where that is longest."""
    until = step.workspace.day_ends_at
    closing = [
        window.until
        for group, zones in step.workspace.zones.items()
        if (window := step.windows.of(campaign.settings, group, zones, at=step.at)).is_open
    ]
    return max(0.0, min(until, max(closing, default=until)) - step.at)


def _of(step: Step, call: Call) -> Outlook | None:
    """Return the outlook of the campaign that dialed a call; None: nobody dialed it for a campaign."""
    if call.attempt is None or call.inbound:
        return None
    return outlook_of(step, step.workspace.campaigns[call.attempt.campaign_id])


def dialed(step: Step, call: Call) -> None:
    """A call begins."""
    if (outlook := _of(step, call)) is not None:
        outlook.dial(call.call_id, at=step.at)


def person(step: Step, call: Call, leg: Leg) -> None:
    """It is known that a call needs an agent."""
    if (outlook := _of(step, call)) is not None and leg.answered_at is not None:
        delay_s = 0.0 if call.amd is None else max(0.0, step.at - leg.answered_at)
        outlook.person(call.call_id, rang_s=leg.answered_at - call.started_at, delay_s=delay_s)


def machine(step: Step, call: Call, leg: Leg) -> None:
    """Detection says that a machine answered."""
    if (outlook := _of(step, call)) is not None and leg.answered_at is not None:
        rang_s = leg.answered_at - call.started_at
        outlook.machine(call.call_id, rang_s=rang_s, delay_s=max(0.0, step.at - leg.answered_at))


def over(step: Step, call: Call, cause: EndCause | None) -> None:
    """A call is over; that says something if it was open until now whether it would need an agent."""
    outlook = _of(step, call)
    if outlook is None or not outlook.is_open(call.call_id):
        return
    if cause is None or call.carrier_fault or (cause in _NOT_OF_PEOPLE and call.outcome is None):
        outlook.void(call.call_id)
    else:
        outlook.nobody(call.call_id, after_s=step.at - call.started_at)


def answer_counted(step: Step, call: Call, *, abandoned: bool) -> None:
    """A live answer was connected with an agent for the first time, or abandoned."""
    if (outlook := _of(step, call)) is None or call.attempt is None:
        return
    campaign = step.workspace.campaigns[call.attempt.campaign_id]
    left = left_of(step, campaign, outlook, left_s=day_left_s(step, campaign))
    outlook.price.learn(abandoned=abandoned, target=left.target, at=step.at)


def talk_over(step: Step, call: Call) -> None:
    """A talk ended."""
    if call.attempt is None or call.bridged_at is None or call.talk_ended_at is None:
        return
    outlook = outlook_of(step, step.workspace.campaigns[call.attempt.campaign_id])
    outlook.learned.talk.add(call.talk_ended_at - call.bridged_at)


def agent_moved(step: Step, agent: Agent, before: AgentState) -> None:
    """An agent's state changed; `talk` still says what a wrap-up that ended was about."""
    if before is not AgentState.WRAP_UP or agent.state is before:
        return
    if agent.talk is None or agent.talk.attempt is None:
        return
    learned = outlook_of(step, step.workspace.campaigns[agent.talk.attempt.campaign_id]).learned
    learned.wrap_up.add(step.at - agent.since)
    learned.wrap_ups += 1
    learned.breaks += agent.state is not AgentState.READY
