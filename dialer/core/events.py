"""What can happen: everything the engine is ever told.

An event is past tense, never changes, and carries its time. Events name leads, agents and campaigns by
id only, so that a log of them holds no personal data. They are msgspec structs: made ten times faster than
frozen dataclasses, and they survive JSON and back by construction.
"""

import msgspec

from dialer.core.allocation.capacity import Channel
from dialer.core.allocation.profile import Profile, SharedLimits
from dialer.core.allocation.task_facts import Attributes
from dialer.core.allocation.workflow import Workflow
from dialer.core.event import Event
from dialer.core.ids import (
    AgentId,
    AttemptId,
    CallId,
    CampaignId,
    HandoverId,
    LegId,
    QueueName,
    RequestId,
    TaskId,
    TimerId,
    TrunkName,
    ZoneGroupId,
)
from dialer.core.lead import Lead
from dialer.core.messages import MessageVersion
from dialer.core.presence_states import PausedBy
from dialer.core.queue_events import QueueEvent
from dialer.core.requests import Request
from dialer.core.rules.abandonment import Tally
from dialer.core.settings import CampaignSettings, ClientRule, LinkSettings, PauseCode, TrunkSettings
from dialer.core.shift import Shift
from dialer.core.states import AgentState, CallState, CampaignState, Presence, TrunkState
from dialer.core.switch_events import SwitchEvent

# --- the run -----------------------------------------------------------------------------------------


class RunStarted(Event, frozen=True, kw_only=True):
    """A run took the workspace; the first event of every log."""

    instance: str
    halted: bool = False
    zone: str = "UTC"
    """Whose midnight ends the day's counts of agents."""


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
    tally: Tally | None = None
    """The attempts on record that ended in the present window: counts the first time, and if the kind of window is
    another. None: there are none."""
    learned: str = ""
    """What pacing learned of it in earlier runs, as they put it on record; counts the first time."""


class AgentDefined(Event, frozen=True, kw_only=True):
    """An agent is there; `state` is the one on record when an earlier run died, to be restored."""

    agent_id: AgentId
    state: AgentState = AgentState.LOGGED_OUT
    reason: str = ""
    paused_by: PausedBy = PausedBy.REQUEST
    """Who paused it, if it is paused."""
    served_today: int = 0
    """Customers it was joined with since the workspace's midnight."""
    leg_id: LegId | None = None
    """The phone's leg, if the switch held it while nothing ran."""
    member: bool = False
    """Whether another system owns it, and will say what it does."""
    phone_up: bool = False
    """Whether that leg was answered; else it rings."""
    server: str = ""
    """Where that leg is, of a switch that has several servers."""
    profile: Profile = Profile()


class AgentProfiled(Event, frozen=True, kw_only=True):
    """What an agent is has changed: skills, teams, attributes, kind or limits."""

    agent_id: AgentId
    profile: Profile


class LimitsDefined(Event, frozen=True, kw_only=True):
    """The limits of text volume of agents who have none of their own."""

    limits: SharedLimits


class WorkflowDefined(Event, frozen=True, kw_only=True):
    """A version of a workflow is there; the newest is for tasks that come."""

    workflow: Workflow


class PausesDefined(Event, frozen=True, kw_only=True):
    """Agents pause for these reasons, and no others; empty: for any."""

    pauses: tuple[PauseCode, ...]


class MessagesDefined(Event, frozen=True, kw_only=True):
    """These recordings can be played by name, and no others but our own."""

    messages: dict[str, MessageVersion]


class PresenceDefined(Event, frozen=True, kw_only=True):
    """These states of agents' clients make busy, and no others."""

    rules: tuple[ClientRule, ...]


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
    agentless: bool = False
    """Whether it was placed for no agent."""


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
    message_at: float | None = None
    """When a call for no agent began to say what it had to say."""
    agent_leg: LegId | None = None
    recordings: int = 0
    """How many files there are of it."""
    file: str = ""
    """The one that is not over."""


class TaskLeftOpen(Event, frozen=True, kw_only=True):
    """A text session that was not over when an earlier run ended; agents were defined before."""

    task_id: TaskId
    channel: Channel
    weight: int
    queue: QueueName
    attributes: Attributes
    arrived_at: float
    ranked_at: float
    workflow: str = ""
    version: int = 0
    step: int = 0
    agent_id: AgentId | None = None
    """Who worked on it; None: nobody had accepted it."""


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
    left: int | None = None
    """How many; None: more than are counted."""
    consent_for: str | None = None
    """As `FetchLeads` asked."""


class ShiftsLoaded(Event, frozen=True, kw_only=True):
    """The roster of the hours around now; it replaces what was known of it."""

    shifts: tuple[Shift, ...]


class Delivered(Event, frozen=True, kw_only=True):
    """The answer to `Deliver`: what a handover gives is on record, where its agent reads it."""

    handover_id: HandoverId


class NotDelivered(Event, frozen=True, kw_only=True):
    """The answer to `Deliver` if it could not be put on record."""

    handover_id: HandoverId
    reason: str


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
    | AgentProfiled
    | LimitsDefined
    | WorkflowDefined
    | PausesDefined
    | PresenceDefined
    | MessagesDefined
    | AgentCalledIn
    | MemberSeen
    | AttemptLeftOpen
    | CallFound
    | TaskLeftOpen
    | LeadsLoaded
    | ShiftsLoaded
    | Delivered
    | NotDelivered
    | QueueEvent
    | SwitchEvent
)
