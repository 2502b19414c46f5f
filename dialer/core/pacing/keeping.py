"""What pacing has learned of a campaign, put on record from time to time, so that a restart or a night costs none of it."""

from typing import Any

import msgspec

from dialer.core.business import Campaign
from dialer.core.pacing.forecast.learned import Learned
from dialer.core.pacing.forecast.outlook import Outlook
from dialer.core.pacing.forecast.price import Price
from dialer.core.records import PacingLearned
from dialer.core.step import Step

KEEP_EVERY_S = 600.0
"""How much may be lost at most if the run dies. A guess: in ten minutes little is learned that was not known, and it is 15 kB."""

FORMAT = 1
"""Counted up when what was kept before means something else now; it is learned anew then."""

_DIGITS = 6
"""What is kept of a number: more than is known of any, and the same on every machine."""


class _Kept(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    format: int
    learned: Learned
    log_risk: float


def look(step: Step, campaign: Campaign) -> None:
    """Put on record what was learned, if it is time."""
    if step.at >= campaign.kept_at + KEEP_EVERY_S:
        keep(step, campaign)


def keep(step: Step, campaign: Campaign) -> None:
    """Put on record what was learned, if that is anything new."""
    campaign.kept_at = step.at
    if campaign.outlook is None:
        return
    campaign.outlook.settle(step.at, every_s=KEEP_EVERY_S)  # nobody else does where nobody forecasts
    text = as_text(campaign.outlook)
    if text != campaign.learned:
        campaign.learned = text
        step.emit(PacingLearned(at=step.at, campaign_id=campaign.settings.campaign_id, learned=text))


def recall(step: Step, campaign: Campaign, text: str) -> None:
    """Go on from what an earlier run has learned."""
    campaign.kept_at, campaign.learned = step.at, text
    campaign.outlook = from_text(text, at=step.at)


def as_text(outlook: Outlook) -> str:
    """Return what is worth keeping of an outlook, as JSON; calls in progress and the counts of the day are not."""
    kept = _Kept(format=FORMAT, learned=outlook.learned, log_risk=outlook.price.log_risk)
    return msgspec.json.encode(_rounded(msgspec.to_builtins(kept))).decode()


def from_text(text: str, *, at: float) -> Outlook | None:
    """Return an outlook that begins with what was kept; None if that is nothing, or another version's."""
    try:
        kept = msgspec.json.decode(text, type=_Kept)
    except msgspec.DecodeError:
        return None
    if kept.format != FORMAT:
        return None
    return Outlook(learned=kept.learned, price=Price(log_risk=kept.log_risk), settled_at=at)


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return float(f"{value:.{_DIGITS}g}")
        case list():
            return [_rounded(each) for each in value]
        case dict():
            return {name: _rounded(each) for name, each in value.items()}
    return value
