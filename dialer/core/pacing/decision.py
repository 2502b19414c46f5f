"""What a pacing decision was, for people: the numbers it was made of, and its reason."""

from dialer.core.ids import CampaignId
from dialer.core.record import Record
from dialer.core.settings import PacingMode


class PacingDecided(Record, frozen=True, kw_only=True):
    """How many calls a campaign started at an instant, and why. Most decisions leave none: one every few seconds is enough."""

    campaign_id: CampaignId
    mode: PacingMode
    free: float
    """Agents of its set who were free, those kept for callers among them."""
    soon_free: float = 0.0
    """Agents expected to become free while calls that are started now ring; 0 where the mode does not look ahead."""
    waiting_inbound: float = 0.0
    """Agents kept for callers, those who wait and those who are expected."""
    in_flight: int
    """Its calls in progress before the decision, of which it was open whether they would need an agent."""
    expected_answers: float
    """How many agents those are expected to need."""
    price: float | None = None
    """The risk that one call more may carry; None: the mode has none."""
    budget_left: float | None = None
    """How many calls may be abandoned in what is left of the window; below 0: too many were."""
    abandonment: float | None = None
    """The rate of the window so far; None: nobody has answered."""
    limit: float
    placed: int
    reason: str
