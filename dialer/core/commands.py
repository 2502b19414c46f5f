"""What can be asked of the world, and when it may leave.

`NOW` commands leave at once: a person is waiting for them. `ONCE_RECORDED` commands wait until the round
that made them is in the database, so that a call that was placed always has a row. Records (see
`records.py`) are what the round leaves in the database.
"""

import msgspec

from dialer.core.guest_states import Supervision
from dialer.core.ids import (
    AgentId,
    AttemptId,
    CallId,
    CampaignId,
    GuestId,
    HandoverId,
    LeadId,
    LegId,
    TimerId,
    TrunkName,
    ZoneGroupId,
)
from dialer.core.records import AnyRecord
from dialer.core.rules.machine_detection import AmdSettings
from dialer.core.states import RecordingMove


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="command", tag=True):
    """Something the world shall do."""


class Originate(Command, frozen=True, kw_only=True):
    """Call a lead, or somebody back; the edge resolves the number."""

    leg_id: LegId
    call_id: CallId
    attempt_id: AttemptId | None = None
    lead_id: LeadId | None = None
    trunk: TrunkName
    caller_id: str = ""
    amd: AmdSettings | None = None
    """How detection listens once the call is answered, and tells by `LegClassified`; None: not at all."""
    connect_within_s: float = 2.0
    """How long who answers may wait for an agent: a switch that can sees to it even if the run dies."""


class CallAgent(Command, frozen=True, kw_only=True):
    """Call an agent's phone, whose leg then stays up; the edge resolves the address."""

    leg_id: LegId
    agent_id: AgentId


class RingMember(Command, frozen=True, kw_only=True):
    """Ring a member of a queue for a customer who waits; the leg ends with the talk."""

    leg_id: LegId
    member: str
    """As `MemberSeen` names it."""


class CallGuest(Command, frozen=True, kw_only=True):
    """Call somebody to a talk, who waits to be joined; the edge resolves the address."""

    leg_id: LegId
    guest_id: GuestId
    beside: LegId
    """A leg of that talk: the switch that holds it places the call."""
    trunk: TrunkName | None = None
    """What a number is called through; None: it is the address of a phone."""
    caller_id: str = ""


class Bridge(Command, frozen=True, kw_only=True):
    """Let a customer and an agent hear each other, after a short tone to the agent; or either and a third party."""

    call_id: CallId
    customer_leg: LegId
    agent_leg: LegId


class Confer(Command, frozen=True, kw_only=True):
    """Let a leg that waits hear, and be heard by, all whom another one is joined with.

    Answered as a `Bridge` of the two would be. When one of three goes away the others may be parted: they are joined anew.
    """

    leg_id: LegId
    beside: LegId


class LeaveTalk(Command, frozen=True, kw_only=True):
    """Take an agent's leg out of a talk, to where agents wait; if two are left, they go on."""

    leg_id: LegId


class RecordTalk(Command, frozen=True, kw_only=True):
    """Start, pause, go on with or stop recording both sides of a customer's talk.

    A pause leaves silence. A recording goes on from talk to talk until it is stopped or the customer's leg ends; one that fails
    is told by `RecordingFailed`.
    """

    leg_id: LegId
    """The customer's."""
    move: RecordingMove
    file: str
    """Name of the WAV, without a directory."""


class Supervise(Command, frozen=True, kw_only=True):
    """Let a guest hear an agent and whomever the agent talks with, now and later; replaces an earlier order.

    The guest's leg ends with the agent's at the latest.
    """

    leg_id: LegId
    """The guest's."""
    agent_leg: LegId
    mode: Supervision


class HangUp(Command, frozen=True, kw_only=True):
    """End a leg, in whatever state it is; unknown legs are ignored."""

    leg_id: LegId


class PlayMessage(Command, frozen=True, kw_only=True):
    """Play a named recording to a leg: once, or again and again until the leg is joined or hears another."""

    leg_id: LegId
    message: str
    repeat: bool = False
    """Then no `MessagePlayed` follows."""
    after_beep: bool = False
    """Whether a machine is to say its greeting first, to its beep."""
    opt_out_key: str = ""
    """A key that ends the recording and is confirmed by a tone, until `KEY_S` after its end, too; told by `LegDigit`.
    `MessagePlayed` says only that the recording was played to its end."""


class TakeCall(Command, frozen=True, kw_only=True):
    """Answer a call that arrived; from now on it is this leg, which waits as an answered customer's does."""

    leg_id: LegId
    arrival: str
    """As `CallerArrived` names it."""
    wait_s: float
    """How long the caller may wait for an agent."""


class AnnouncePlace(Command, frozen=True, kw_only=True):
    """Tell a caller who waits the place in the line and the wait to expect, without taking it from where it waits."""

    leg_id: LegId
    place: int
    """1 for the first."""
    wait_min: int
    """Whole minutes, rounded up; 0: nobody can tell."""


class LeaveToDialplan(Command, frozen=True, kw_only=True):
    """Give a call back to the switch's own logic, which goes on with it; for us the leg ends, by `LegEnded`."""

    leg_id: LegId


class SendToDialplan(Command, frozen=True, kw_only=True):
    """Let a leg that waits go on in a context of the switch's own logic, at its extension `s`; it stays our leg."""

    leg_id: LegId
    context: str


class StartTimer(Command, frozen=True, kw_only=True):
    """Answer with `TimerFired` at `due_at`."""

    timer_id: TimerId
    generation: int
    due_at: float


class FetchLeads(Command, frozen=True, kw_only=True):
    """Claim up to `count` due leads of a campaign, outside the closed zone groups."""

    campaign_id: CampaignId
    count: int
    closed_groups: tuple[ZoneGroupId, ...] = ()
    consent_for: str | None = None
    """The seller to whose calls leads must have consented, for the leads to say so; None: that is no matter."""
    score_attribute: str = ""
    """The column of the list with the leads' scores; empty: none."""


class ReturnLeads(Command, frozen=True, kw_only=True):
    """Give claimed leads back unused; they cost nothing."""

    campaign_id: CampaignId
    lead_ids: tuple[LeadId, ...]


class FetchShifts(Command, frozen=True, kw_only=True):
    """Tell the shifts of which a part lies in a span, by `ShiftsLoaded`."""

    from_at: float
    until_at: float


class Deliver(Command, frozen=True, kw_only=True):
    """Say by `Delivered` once an agent can read what a handover gives, or by `NotDelivered` that it cannot be recorded now."""

    handover_id: HandoverId


class EndRun(Command, frozen=True, kw_only=True):
    """Nothing is left to do: write what waits and end."""


SwitchCommand = (
    Bridge
    | Confer
    | LeaveTalk
    | RingMember
    | RecordTalk
    | Supervise
    | HangUp
    | PlayMessage
    | TakeCall
    | AnnouncePlace
    | LeaveToDialplan
    | SendToDialplan
)
OriginateCommand = Originate | CallAgent | CallGuest
StorageCommand = FetchLeads | ReturnLeads | FetchShifts
AnyCommand = SwitchCommand | OriginateCommand | StorageCommand | Deliver | StartTimer | EndRun | AnyRecord

ONCE_RECORDED: frozenset[type] = frozenset({Originate, CallAgent, CallGuest, Deliver})
