"""What happens to a campaign's calls and agents, told to what pacing learns from. In every mode, so that a change finds it learned."""

from dialer.core.business import Campaign
from dialer.core.pacing.forecast.budget import Window, budget
from dialer.core.pacing.forecast.evidence import Evidence
from dialer.core.pacing.forecast.outlook import Outlook
from dialer.core.rules.dispositions import Flag, find
from dialer.core.rules.retry import DAY_S
from dialer.core.states import AgentState, EndCause
from dialer.core.step import Step
from dialer.core.workspace import Agent, Call, Leg, Talk

_WORKING_DAYS = 5 / 7
_MOST_A_DAY_S = 8 * 3600.0
"""Of a window of more than a day, so much of each day to come is counted on. A guess; a roster would tell."""

_NOT_OF_PEOPLE = frozenset({EndCause.CANCELLED, EndCause.LOST, EndCause.CONGESTION})


def outlook_of(step: Step, campaign: Campaign) -> Outlook:
    """Return what a campaign makes expect, in today's terms."""
    outlook = campaign.outlook = campaign.outlook or Outlook(settled_at=step.at)
    outlook.price.look(step.at, day_ends_at=step.workspace.day_ends_at)
    return outlook


def window_of(step: Step, campaign: Campaign, outlook: Outlook) -> Window:
    """Return a campaign's window of the rule."""
    tally = campaign.tally
    return outlook.window(
        limit=campaign.settings.abandon_limit,
        abandoned=tally.abandoned,
        connected=tally.connected,
        to_come=_to_come(step, campaign, outlook),
    )


def _to_come(step: Step, campaign: Campaign, outlook: Outlook) -> float:
    """Return how many answers are to be expected in the rest of a campaign's window: at the present rate, of the leads that are left."""
    expected = outlook.price.rate_at(step.at) * _left_s(step, campaign)
    if campaign.leads_left is None:
        return expected
    calls = campaign.leads_left + len(campaign.buffer) + campaign.in_flight
    return min(expected, calls * outlook.learned.odds.share())


def _left_s(step: Step, campaign: Campaign) -> float:
    """Return for how long a campaign may call in the rest of its window."""
    settings, day_ends_at = campaign.settings, step.workspace.day_ends_at
    closing = [
        window.until
        for group, zones in step.workspace.zones.items()
        if (window := step.windows.of(settings, group, zones, at=step.at)).is_open
    ]
    today_s = max(0.0, min(day_ends_at, max(closing, default=day_ends_at)) - step.at)
    days = max(0.0, campaign.tally.until_at - day_ends_at) / DAY_S
    hours_s = min(_MOST_A_DAY_S, (settings.window_closes_min - settings.window_opens_min) * 60)
    return today_s + days * _WORKING_DAYS * hours_s


def _of(step: Step, call: Call) -> Outlook | None:
    """Return the outlook of the campaign that dialed a call; None: nobody dialed it for a campaign."""
    if call.attempt is None or call.inbound:
        return None
    return outlook_of(step, step.workspace.campaigns[call.attempt.campaign_id])


def dialed(step: Step, call: Call) -> None:
    """A call begins."""
    if (outlook := _of(step, call)) is not None:
        outlook.dial(call.call_id, at=step.at, score=0.0 if call.attempt is None else call.attempt.lead.score)


def person(step: Step, call: Call, leg: Leg) -> None:
    """It is known that a call needs an agent."""
    if (outlook := _of(step, call)) is not None and leg.answered_at is not None:
        delay_s = 0.0 if call.amd is None else max(0.0, step.at - leg.answered_at)
        call.evidence = Evidence(rang_s=leg.answered_at - call.started_at, delay_s=delay_s)
        outlook.person(call.call_id, call.evidence)


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


def answer_counted(step: Step, campaign: Campaign, call: Call, *, abandoned: bool) -> None:
    """The campaign's tally has one answer more."""
    outlook = outlook_of(step, campaign)
    target = budget(window_of(step, campaign, outlook)).target
    person = outlook.learned.person(call.evidence) if abandoned else 1.0
    outlook.price.learn(abandoned=abandoned, target=target, at=step.at, person=person)


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
    learned.leaving.add(so=agent.state is not AgentState.READY)


def disposed(step: Step, talk: Talk) -> None:
    """A talk is left for good: its disposition may say whether it was with a person."""
    if talk.attempt is None:
        return
    campaign = step.workspace.campaigns[talk.attempt.campaign_id]
    chosen = find(campaign.settings.dispositions, talk.disposition)
    if chosen is not None and (Flag.PERSON in chosen.flags or Flag.MACHINE in chosen.flags):
        outlook_of(step, campaign).learned.disposed(talk.evidence, is_person=Flag.PERSON in chosen.flags)
