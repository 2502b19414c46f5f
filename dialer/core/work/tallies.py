"""The tallies of campaigns: each answered call counts once, as soon as it is known how, in the window it was dialed in.

Nothing is recorded for it: what is counted follows from the attempts on record, and a start is told it by storage.
"""

from dialer.core.business import Campaign
from dialer.core.events import AttemptLeftOpen
from dialer.core.pacing import observing
from dialer.core.rules.abandonment import Count, Tally, counts_as, empty
from dialer.core.states import Outcome
from dialer.core.step import Step
from dialer.core.workspace import Call


def begin(step: Step, campaign: Campaign, on_record: Tally | None = None) -> None:
    """Count anew from what is on record, and the calls beyond it that were counted already."""
    workspace = step.workspace
    campaign.tally = on_record or empty(
        campaign.settings.abandon_window, at=step.at, zone=workspace.zone, first_at=step.at
    )
    for call in workspace.calls.values():
        if call.tallied and _campaign_of(step, call) is campaign:
            _add(campaign, _count(call, campaign), dialed_at=call.started_at)
    workspace.tallies_end_at = min(workspace.tallies_end_at, campaign.tally.until_at)


def look(step: Step) -> None:
    """Begin new windows where the last ones are over; before anything of the new ones is decided."""
    workspace = step.workspace
    if step.at < workspace.tallies_end_at:
        return
    for campaign in workspace.campaigns.values():
        if step.at >= campaign.tally.until_at:
            campaign.tally = empty(
                campaign.settings.abandon_window,
                at=step.at,
                zone=workspace.zone,
                first_at=campaign.tally.since_at,
            )
    ends = (campaign.tally.until_at for campaign in workspace.campaigns.values())
    workspace.tallies_end_at = min(ends, default=workspace.day_ends_at)


def count(step: Step, call: Call) -> None:
    """Count a call of which it is known now whether somebody was abandoned, unless it is counted."""
    campaign = _campaign_of(step, call)
    if call.tallied or campaign is None:
        return
    if (how := _count(call, campaign)) is not None:
        call.tallied = True
        _add(campaign, how, dialed_at=call.started_at)
        observing.answer_counted(step, campaign, call, abandoned=how is Count.ABANDONED)


def count_left(step: Step, event: AttemptLeftOpen, outcome: Outcome) -> None:
    """Count an attempt of a run that died."""
    campaign = step.workspace.campaigns[event.campaign_id]
    how = counts_as(outcome, event.waited_s, within_s=campaign.settings.connect_within_s)
    _add(campaign, how, dialed_at=event.started_at)


def _campaign_of(step: Step, call: Call) -> Campaign | None:
    """Return the campaign that dialed a call, if one did."""
    if call.attempt is None or call.inbound:
        return None
    return step.workspace.campaigns[call.attempt.campaign_id]


def _count(call: Call, campaign: Campaign) -> Count | None:
    outcome = Outcome.CONNECTED if call.bridged_at is not None else call.outcome
    if outcome is None:
        return None
    return counts_as(outcome, call.wait_s, within_s=campaign.settings.connect_within_s)


def _add(campaign: Campaign, how: Count | None, *, dialed_at: float) -> None:
    if how is not None and dialed_at >= campaign.tally.since_at:
        campaign.tally = campaign.tally.plus(how)
