"""Putting pacing decisions on record: not every one, but one every few seconds, and rather one that starts calls."""

from dialer.core.allocation import routing
from dialer.core.business import Campaign
from dialer.core.pacing import inbound_work
from dialer.core.pacing.calls_per_agent import calls_per_agent
from dialer.core.pacing.decision import PacingDecided
from dialer.core.pacing.forecast.decide import Decision, Entrant
from dialer.core.pacing.in_flight import free_of, within_of
from dialer.core.step import Step
from dialer.core.work import trunks

SAY_EVERY_S = 5.0
"""At most so often a campaign's decision is put on record. A guess: people read no faster."""

IDLE_EVERY_S = 15.0
"""And so often, if it starts no call. A guess."""


def is_due(step: Step, campaign: Campaign, *, placed: int) -> bool:
    """Return whether a decision that starts so many calls is one to put on record."""
    return step.at >= campaign.decided_at + (SAY_EVERY_S if placed else IDLE_EVERY_S)


def say(step: Step, campaign: Campaign, decided: PacingDecided) -> None:
    """Put a decision on record."""
    campaign.decided_at = step.at
    step.emit(decided)


def say_counted(step: Step, campaign: Campaign, *, placed: int, for_s: float) -> None:
    """Put on record what a mode decided that starts a fixed number of calls a free agent, if it is time.

    Args:
        step: The step of now, after the calls were started.
        campaign: Which one it was.
        placed: Calls started.
        for_s: By the roster, only agents who stay for so long count.
    """
    if not is_due(step, campaign, placed=placed):
        return
    settings, tally = campaign.settings, campaign.tally
    set_id = routing.first_set(step, settings)
    free = free_of(step, set_id, for_s=for_s, within=within_of(step, campaign))
    kept = min(free, sum(agents for of, agents in inbound_work.kept(step) if of == set_id))
    in_flight, each = campaign.in_flight - placed, calls_per_agent(campaign)
    decided = PacingDecided(
        at=step.at,
        campaign_id=settings.campaign_id,
        mode=settings.mode,
        free=free,
        waiting_inbound=kept,
        in_flight=in_flight,
        expected_answers=in_flight / each,
        budget_left=tally.left(settings.abandon_limit),
        abandonment=tally.rate,
        limit=settings.abandon_limit,
        placed=placed,
        reason=_reason(step, campaign, room=(free - kept) * each - in_flight, placed=placed),
    )
    say(step, campaign, decided)


def say_forecast(
    step: Step, campaign: Campaign, entrant: Entrant, decision: Decision, *, placed: int
) -> None:
    """Put on record what predictive pacing decided, if it is time.

    Args:
        step: The step of now, after the calls were started.
        campaign: Which one it was.
        entrant: What was known.
        decision: What followed.
        placed: Calls started.
    """
    if not is_due(step, campaign, placed=placed):
        return
    settings, tally = campaign.settings, campaign.tally
    decided = PacingDecided(
        at=step.at,
        campaign_id=settings.campaign_id,
        mode=settings.mode,
        free=entrant.free,
        soon_free=round(entrant.supply.expected, 2),
        in_flight=campaign.in_flight - placed,
        expected_answers=round(entrant.demand.expected, 2),
        price=entrant.price,
        budget_left=tally.left(settings.abandon_limit),
        abandonment=tally.rate,
        limit=settings.abandon_limit,
        placed=placed,
        reason=forecast_reason(entrant, decision, placed=placed),
    )
    say(step, campaign, decided)


def forecast_reason(entrant: Entrant, decision: Decision, *, placed: int) -> str:
    """Return in words why so many calls were started."""
    if entrant.knows:
        within = decision.risk < entrant.price
        words = (
            f"{decision.at_hand} for agents who are free and {decision.ahead} for those who will be; "
            f"one more would find nobody with {decision.risk:.1%}, "
            f"{'within the' if within else 'above the'} {entrant.price:.1%} that the budget allows"
        )
    else:
        words = (
            f"{decision.at_hand} for agents who are free; too few calls have told yet how many people answer"
        )
    if decision.held:
        words += "; for those, another campaign that shares the agents has its turn first"
    elif decision.calls == entrant.at_most and decision.risk < entrant.price:
        words += "; there are no leads or lines for more"
    return words if placed == decision.calls else f"{words}; leads or lines were there for {placed} only"


def _reason(step: Step, campaign: Campaign, *, room: float, placed: int) -> str:
    """Return why so many calls were started where the free agents have room for `room`."""
    allowed = max(0, int(room + 1e-9))
    if placed >= allowed:
        return f"as many as free agents allow: {allowed}"
    if not campaign.buffer:
        return f"free agents allow {allowed}: no lead is at hand"
    if not any(
        trunks.room(step, trunk) for trunk in trunks.of_route(step.workspace, campaign.settings.trunk)
    ):
        return f"free agents allow {allowed}: no line is free, or no call may start in this second"
    return f"free agents allow {allowed}: calls of other campaigns need the others"
