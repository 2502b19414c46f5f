"""What a switch says, of legs it was ordered to begin and of those that come in."""

from dialer.core.allocation.capacity import Channel
from dialer.core.event import Event
from dialer.core.ids import AgentId, AttemptId, CampaignId, LegId, TrunkName
from dialer.core.lead import Lead
from dialer.core.rules.machine_detection import Verdict
from dialer.core.states import EndCause


class OriginateRefused(Event, frozen=True, kw_only=True):
    """A call that we ordered will not be placed.

    The database says `do_not_call`, `no_consent`, `number_in_use` or `number_resting`, the writer `not_recorded`, the
    switch `no_line`, or `no_switch` while it cannot be reached.
    """

    leg_id: LegId
    reason: str


class LegDialing(Event, frozen=True, kw_only=True):
    """The first INVITE of a leg has left."""

    leg_id: LegId


class LegRinging(Event, frozen=True, kw_only=True):
    """The far end rings; may come more than once."""

    leg_id: LegId
    sip_code: int = 180
    early_media: bool = False


class LegAnswered(Event, frozen=True, kw_only=True):
    """The far end picked up."""

    leg_id: LegId
    server: str = ""
    """Where the leg is, of a switch that has several servers; empty: it has but one, or does not tell."""
    answered_at: float | None = None
    """When, if the switch could not tell at once."""
    waited_s: float | None = None
    """After so long the switch played the message by itself meanwhile; None: it did not."""


class LegShowsVideo(Event, frozen=True, kw_only=True):
    """A leg that is up carries video beside its audio."""

    leg_id: LegId


class LegSpoke(Event, frozen=True, kw_only=True):
    """Voice was heard from the far end of a leg that is up; may come more than once."""

    leg_id: LegId


class LegClassified(Event, frozen=True, kw_only=True):
    """Answering machine detection says who picked up."""

    leg_id: LegId
    verdict: Verdict
    cause: str = ""
    """The switch's own words, such as HUMAN-800-800."""


class AnnouncementHeard(Event, frozen=True, kw_only=True):
    """A machine of the network's speaks at the far end of a customer's leg, before or after an answer."""

    leg_id: LegId
    means: EndCause
    said: str
    """Which tones, or which known recording."""


class LegDigit(Event, frozen=True, kw_only=True):
    """The far end of a leg that is up pressed a key of its phone."""

    leg_id: LegId
    digit: str
    """One of 0 to 9, *, #, A to D. Source: RFC 4733 section 3.2."""


class LegEnded(Event, frozen=True, kw_only=True):
    """A leg is gone; always the last event of a leg."""

    leg_id: LegId
    cause: EndCause
    sip_code: int | None = None
    q850: int | None = None
    text: str = ""
    """The network's own words."""


class CallerArrived(Event, frozen=True, kw_only=True):
    """A lead calls one of our caller ids back; the call rings and nobody has answered it.

    Unless it is taken within a few seconds the switch plays the message by itself.
    """

    arrival: str
    """What the switch calls it."""
    attempt_id: AttemptId
    """The last one at this lead."""
    campaign_id: CampaignId
    lead: Lead
    trunk: TrunkName
    caller_id: str
    """The number that was called."""
    channel: Channel = Channel.VOICE
    """Video, if the caller brings some."""
    served_by: AgentId | None = None
    """Who talked with the lead in that attempt, if anybody."""


class LegsBridged(Event, frozen=True, kw_only=True):
    """Two legs hear each other that were ordered to, by the words of the order: `customer_leg` first."""

    customer_leg: LegId
    agent_leg: LegId


class LegsParted(Event, frozen=True, kw_only=True):
    """What customer and agent were joined by is gone, though both are there: they hear each other no more."""

    customer_leg: LegId
    agent_leg: LegId
    reason: str


class BridgeFailed(Event, frozen=True, kw_only=True):
    """Two legs could not be joined; `dead_leg` is the one at fault, if known."""

    customer_leg: LegId
    agent_leg: LegId
    reason: str
    dead_leg: LegId | None = None


class MessagePlayed(Event, frozen=True, kw_only=True):
    """A message reached its end, or could not be played (`failed`)."""

    leg_id: LegId
    failed: str = ""


class RecordingFailed(Event, frozen=True, kw_only=True):
    """Nothing is recorded, or no more, though it was ordered."""

    leg_id: LegId
    file: str
    reason: str


class LegsOpen(Event, frozen=True, kw_only=True):
    """What is really there, told every few seconds: an adapter's legs, and customers joined with agents."""

    legs: tuple[LegId, ...]
    """Those that wait for a place or for their record are among them."""
    bridges: tuple[tuple[LegId, LegId], ...] = ()
    """Each the customer's leg and the agent's."""


class AnomalySeen(Event, frozen=True, kw_only=True):
    """An adapter saw something that should not be, or repaired something."""

    kind: str
    leg_id: LegId | None = None
    detail: str = ""


SwitchEvent = (
    OriginateRefused
    | LegDialing
    | LegRinging
    | LegAnswered
    | LegShowsVideo
    | LegSpoke
    | LegClassified
    | AnnouncementHeard
    | LegDigit
    | LegEnded
    | CallerArrived
    | LegsBridged
    | LegsParted
    | BridgeFailed
    | MessagePlayed
    | RecordingFailed
    | LegsOpen
    | AnomalySeen
)
