"""What can happen: everything the engine is ever told.

An event is past tense, never changes, and carries its time. Events name leads, agents and campaigns by
id only, so that a log of them holds no personal data. They are msgspec structs: made ten times faster than
frozen dataclasses, and they survive JSON and back by construction.
"""

import msgspec

from dialer.core.ids import (
    AgentId,
    AttemptId,
    CallId,
    CampaignId,
    LeadId,
    LegId,
    RequestId,
    TimerId,
    TrunkName,
    ZoneGroupId,
)
from dialer.core.requests import Request
from dialer.core.rules.machine_detection import Verdict
from dialer.core.rules.number_kinds import NumberKind
from dialer.core.settings import CampaignSettings, LinkSettings, PauseCode, TrunkSettings
from dialer.core.states import AgentState, CallState, CampaignState, EndCause, Outcome, Presence, TrunkState


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """Something that happened at `at`, seconds since the epoch, UTC."""

    at: float


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine knows of a claimed lead: no name, no number."""

    lead_id: LeadId
    zone_group: ZoneGroupId
    region: str
    """ISO 3166 code of the number, "001" for numbers of no country."""
    kind: NumberKind
    attempts: int = 0
    tries: dict[Outcome, int] = msgspec.field(default_factory=dict)
    """Attempts so far by outcome."""
    faults: int = 0
    """Faults of the carrier's that it met on `faults_day`."""
    faults_day: int = 0
    """Days since the epoch, UTC."""
    do_not_call: bool = False
    promised: bool = False
    """Whether somebody was told that this call would come."""


# --- the run -----------------------------------------------------------------------------------------


class RunStarted(Event, frozen=True, kw_only=True):
    """A run took the workspace; the first event of every log."""

    instance: str
    halted: bool = False


class ShutdownRequested(Event, frozen=True, kw_only=True):
    """The run shall end: no new calls, talks may last `finish_within_s` more (0: at once)."""

    finish_within_s: float


class RoundEnded(Event, frozen=True, kw_only=True):
    """A round is over; the only event on which pacing runs.

    `lag_s` is the age of the oldest round that is not on record, or of the oldest event that waited.
    """

    round: int
    lag_s: float = 0.0


class TimerFired(Event, frozen=True, kw_only=True):
    """A timer is due; an older generation than the newest started one is stale."""

    timer_id: TimerId
    generation: int


class RequestReceived(Event, frozen=True, kw_only=True):
    """Another process asks for something."""

    request_id: RequestId
    request: Request


# --- what storage knows ------------------------------------------------------------------------------


class TrunkDefined(Event, frozen=True, kw_only=True):
    """A trunk is there, or has new settings; what an earlier run left of it counts only the first time."""

    trunk: TrunkSettings
    state: TrunkState = TrunkState.UP
    reason: str = ""
    used_day: int = 0
    used_s: float = 0.0


class LinkDefined(Event, frozen=True, kw_only=True):
    """There is a way between two servers of the switch, or it has new settings; where none is, nobody is joined across."""

    link: LinkSettings


class TrunkLost(Event, frozen=True, kw_only=True):
    """The switch that a trunk is at cannot be reached: nothing can be called through it; talks go on."""

    trunk: TrunkName
    reason: str


class TrunkRegained(Event, frozen=True, kw_only=True):
    """The switch that a trunk is at can be reached again."""

    trunk: TrunkName


class ServerLost(Event, frozen=True, kw_only=True):
    """A server of the switch cannot be reached: agents there can be joined with nobody; talks go on."""

    server: str


class ServerRegained(Event, frozen=True, kw_only=True):
    """A server of the switch can be reached again; legs that it has lost meanwhile end before this is told."""

    server: str


class CampaignDefined(Event, frozen=True, kw_only=True):
    """A campaign is there, or has new settings; `state` counts only the first time."""

    campaign: CampaignSettings
    state: CampaignState = CampaignState.STOPPED


class AgentDefined(Event, frozen=True, kw_only=True):
    """An agent is there; `state` is the one on record when an earlier run died, to be restored."""

    agent_id: AgentId
    state: AgentState = AgentState.LOGGED_OUT
    reason: str = ""
    leg_id: LegId | None = None
    """The phone's leg, if the switch held it while nothing ran."""
    member: bool = False
    """Whether another system owns it, and will say what it does."""
    phone_up: bool = False
    """Whether that leg was answered; else it rings."""
    server: str = ""
    """Where that leg is, of a switch that has several servers."""


class PausesDefined(Event, frozen=True, kw_only=True):
    """Agents pause for these reasons, and no others; empty: for any."""

    pauses: tuple[PauseCode, ...]


class MemberSeen(Event, frozen=True, kw_only=True):
    """What the system that an agent belongs to says of it; the first time, that there is such a one."""

    agent_id: AgentId
    member: str
    """What the switch calls it."""
    presence: Presence
    reason: str = ""
    wrap_up_s: float = 0.0
    """How long it wraps up after a talk, by the rule of its queue."""
    server: str = ""
    """Where it is rung, of a switch that has several servers."""


class AgentCalledIn(Event, frozen=True, kw_only=True):
    """The phone of an agent who calls in instead of being called is there, and waits for its leg."""

    agent_id: AgentId


class _LeftOpen(Event, frozen=True, kw_only=True):
    """An attempt that was open when an earlier run died."""

    attempt_id: AttemptId
    campaign_id: CampaignId
    lead: Lead
    started_at: float
    answered_at: float | None = None
    """When somebody picked up, if that is known."""
    waited_s: float | None = None
    """How long somebody waited for whom nobody came, until the switch's own message if it tells."""
    disposition: str = ""
    """What its agent chose before the run died; empty: nothing."""
    retry_at: float | None = None
    """When the lead is due by that choice."""


class AttemptLeftOpen(_LeftOpen, frozen=True, kw_only=True):
    """None of its legs is alive; who answered (`answered_at`) and was spoken to by nobody was abandoned."""

    call_id: CallId | None


class CallFound(_LeftOpen, frozen=True, kw_only=True):
    """Its call is still up at the switch; who talks in it, if anybody, was defined before."""

    call_id: CallId
    leg_id: LegId
    trunk: TrunkName
    state: CallState
    """One of `dialing`, `ringing`, `answered`, `talking` and `message`."""
    ringing_at: float | None = None
    bridged_at: float | None = None
    machine: bool = False
    """Whether detection had said that a machine answered."""
    agent_leg: LegId | None = None
    recordings: int = 0
    """How many files there are of it."""
    file: str = ""
    """The one that is not over."""


class LeadsLoaded(Event, frozen=True, kw_only=True):
    """The answer to `FetchLeads`: claimed leads, best first."""

    campaign_id: CampaignId
    leads: tuple[Lead, ...]
    zone_groups: dict[ZoneGroupId, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """The zones of every group that `leads` and the rest of the campaign's hopper use."""
    next_due_at: float | None = None
    """When the next lead that is not due yet will be, closed groups left out."""
    remaining: bool = False
    """Whether unclaimed leads are left, due or not, closed or not."""


class OriginateRefused(Event, frozen=True, kw_only=True):
    """A call that we ordered will not be placed.

    The database says `do_not_call`, `number_in_use` or `number_resting`, the writer `not_recorded`, the
    switch `no_line`, or `no_switch` while it cannot be reached.
    """

    leg_id: LegId
    reason: str


# --- what a switch says ------------------------------------------------------------------------------


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

AnyEvent = (
    RunStarted
    | ShutdownRequested
    | RoundEnded
    | TimerFired
    | RequestReceived
    | TrunkDefined
    | LinkDefined
    | TrunkLost
    | TrunkRegained
    | ServerLost
    | ServerRegained
    | CampaignDefined
    | AgentDefined
    | PausesDefined
    | AgentCalledIn
    | MemberSeen
    | AttemptLeftOpen
    | CallFound
    | LeadsLoaded
    | SwitchEvent
)
