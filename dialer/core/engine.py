"""The engine: an event goes in, commands come out. It routes by tables and decides nothing itself."""

from collections.abc import Callable

from dialer.core import audit, ending
from dialer.core.allocation import index, links, reservation, servers, workflow_versions
from dialer.core.commands import AnyCommand, PlayMessage
from dialer.core.event import Event
from dialer.core.events import (
    AnyEvent,
    AttemptLeftOpen,
    CallFound,
    CampaignDefined,
    Delivered,
    LeadsLoaded,
    LinkDefined,
    NotDelivered,
    RequestReceived,
    RoundEnded,
    RunStarted,
    ServerLost,
    ServerRegained,
    ShutdownRequested,
    TimerFired,
    TrunkDefined,
    TrunkLost,
    TrunkRegained,
)
from dialer.core.floor import keys, marks, presence, routes
from dialer.core.ids import CallId, CampaignId, LegId, TrunkName
from dialer.core.messages import Message
from dialer.core.pacing import pace
from dialer.core.pacing.in_flight import spared
from dialer.core.queue_events import CallArrived, CallbackLeft, QueueCallFound, QueueDefined
from dialer.core.records import HaltChanged, RequestAnswered
from dialer.core.requests import (
    ArrangeTalk,
    CallThirdParty,
    Halt,
    RecordCall,
    Request,
    Resume,
    SuperviseAgent,
)
from dialer.core.states import RecordingState
from dialer.core.step import Step
from dialer.core.switch_events import (
    AnnouncementHeard,
    AnomalySeen,
    BridgeFailed,
    CallerArrived,
    LegAnswered,
    LegClassified,
    LegDialing,
    LegDigit,
    LegEnded,
    LegRinging,
    LegsBridged,
    LegsOpen,
    LegsParted,
    LegSpoke,
    MessagePlayed,
    OriginateRefused,
    RecordingFailed,
)
from dialer.core.work import (
    agentless,
    announcements,
    attempts,
    call_ends,
    callbacks,
    calls,
    campaigns,
    customer_keys,
    detection,
    guest_legs,
    guests,
    inbound,
    longest,
    overflow,
    parting,
    queue_calls,
    recording,
    supervision,
    takeover,
    tallies,
    tasks,
    third_parties,
    transfers,
    trunks,
)
from dialer.core.workspace import Agent, Call, Leg, Workspace
from dialer.errors import IllegalTransitionError, RuleError


class Engine:
    """Decides for one workspace. Same events, same commands, always."""

    def __init__(self, workspace: Workspace | None = None) -> None:
        self.workspace = workspace or Workspace()
        self._step = Step(self.workspace)
        index.build(self._step, spared)
        self.allocator = self._step.allocator

    def handle(self, event: AnyEvent) -> list[AnyCommand]:
        """Return what shall be done about an event, in order; for an event from the past, time stands still."""
        step = self._step
        step.at, step.out = max(step.at, event.at), []
        marks.look(step)
        tallies.look(step)
        EVENTS[type(event)](step, event)
        if self.workspace.transfers:
            third_parties.look_after(step)
        reservation.assign(step)
        return step.out


Handler = Callable[[Step, AnyEvent], None]


# --- the run -----------------------------------------------------------------------------------------


def _run_started(step: Step, event: RunStarted) -> None:
    step.workspace.instance = event.instance
    step.workspace.halted = event.halted
    step.workspace.zone = event.zone
    marks.begin_day(step)


def _round_ended(step: Step, event: RoundEnded) -> None:
    pace.round_ended(step, event.lag_s)
    ending.look(step)


# --- timers ------------------------------------------------------------------------------------------


def _timer_fired(step: Step, event: TimerFired) -> None:
    timers = step.workspace.timers
    if timers.get(event.timer_id) != event.generation:
        return
    del timers[event.timer_id]
    kind, _, subject = event.timer_id.partition(":")
    TIMERS[kind](step, subject)


def _ring_limit(step: Step, subject: str) -> None:
    calls.ring_limit(step, step.workspace.legs[LegId(subject)])


def _message_limit(step: Step, subject: str) -> None:
    call = step.workspace.calls.get(CallId(subject))
    if call is not None:
        calls.message_over(step, call)


def _pacing_due(step: Step, _: str) -> None:
    step.workspace.pacing_due = True


def _leads_due(step: Step, subject: str) -> None:
    campaign = step.workspace.campaigns[CampaignId(int(subject))]
    campaign.fetch_after = min(campaign.fetch_after, step.at)
    step.workspace.pacing_due = True


TIMERS: dict[str, Callable[[Step, str], None]] = {
    "ring": _ring_limit,
    "connect": lambda step, subject: calls.connect_limit(step, CallId(subject)),
    "verdict": lambda step, subject: detection.no_verdict(step, CallId(subject)),
    "message": _message_limit,
    "handover": lambda step, subject: third_parties.too_late(step, CallId(subject)),
    "place": lambda step, subject: queue_calls.announce(step, CallId(subject)),
    "callback": lambda step, subject: callbacks.again(step, CallId(subject)),
    "guest": lambda step, subject: guests.ring_limit(step, LegId(subject)),
    "due": _leads_due,
    "trunk": _pacing_due,
    "link": servers.try_link_again,
    **tasks.TIMERS,
    **overflow.TIMERS,
    "longest": lambda step, subject: longest.longest_call(step, TrunkName(subject)),
    pace.PACE_TIMER: _pacing_due,
    ending.TALKS_TIMER: lambda step, _: ending.talks_over(step),
    ending.FINISH_TIMER: lambda step, _: ending.finish_over(step),
    **routes.TIMERS,
}


# --- requests ----------------------------------------------------------------------------------------


def _request(step: Step, event: RequestReceived) -> None:
    done, text = _carry_out(step, event.request)
    step.emit(RequestAnswered(at=step.at, request_id=event.request_id, done=done, text=text))


def _carry_out(step: Step, request: Request) -> tuple[bool, str]:
    """Do what somebody asks for; return whether it may be, and what to tell them."""
    try:
        return True, REQUESTS[type(request)](step, request)
    except (RuleError, IllegalTransitionError) as error:
        return False, str(error)


def _halt(step: Step, request: Halt) -> str:
    pace.halt(step)
    step.emit(HaltChanged(at=step.at, halted=True, reason=request.reason))
    return "halted"


def _resume(step: Step, _: Resume) -> str:
    step.workspace.halted = False
    step.workspace.pacing_due = True
    step.emit(HaltChanged(at=step.at, halted=False))
    return "resumed"


REQUESTS: dict[type[Request], Callable[..., str]] = {
    **campaigns.REQUESTS,
    **tasks.REQUESTS,
    RecordCall: lambda step, request: recording.asked(step, presence.find(step, request.agent_id), request),
    SuperviseAgent: supervision.asked,
    CallThirdParty: transfers.asked,
    ArrangeTalk: transfers.arrange,
    Halt: _halt,
    Resume: _resume,
    **routes.REQUESTS,
    **workflow_versions.REQUESTS,
}


# --- legs --------------------------------------------------------------------------------------------

LegEvent = (
    LegDialing
    | LegRinging
    | LegAnswered
    | AnnouncementHeard
    | LegSpoke
    | LegClassified
    | LegDigit
    | LegEnded
    | OriginateRefused
)


def _leg_event(step: Step, event: LegEvent) -> None:
    """Find out whose leg an event is about: a customer's, an agent's, a guest's, or nobody's."""
    leg = step.workspace.legs.get(event.leg_id)
    if leg is None:
        step.anomaly(f"{type(event).__name__} of a leg that nobody owns", leg_id=event.leg_id)
        if not isinstance(event, LegEnded | OriginateRefused):
            step.hang_up(event.leg_id)
    elif leg.call_id is not None:
        CALL_LEG[type(event)](step, step.workspace.calls[leg.call_id], leg, event)
    elif leg.agent_id is not None:
        PHONE_LEG[type(event)](step, step.workspace.agents[leg.agent_id], leg, event)
    else:
        guest_legs.heard(step, step.workspace.guests[leg.leg_id], leg, event)


CALL_LEG: dict[type[LegEvent], Callable[..., None]] = {
    LegDialing: lambda step, call, leg, _: calls.dialing(step, call, leg),
    LegRinging: calls.ringing,
    LegAnswered: calls.answered,
    AnnouncementHeard: lambda step, call, _, event: announcements.heard(step, call, event),
    LegSpoke: lambda step, call, leg, _: detection.spoke(step, call, leg),
    LegClassified: detection.classified,
    LegDigit: lambda step, call, _, event: customer_keys.pressed(step, call, event.digit),
    LegEnded: call_ends.ended,
    OriginateRefused: lambda step, call, _, event: call_ends.refused(step, call, event),
}


def _phone_dialing(step: Step, _agent: object, leg: Leg, _event: LegDialing) -> None:
    leg.dialing_at = step.at


def _phone_ringing(step: Step, _agent: object, leg: Leg, _event: LegRinging) -> None:
    leg.ringing_at = leg.ringing_at or step.at


def _phone_digit(step: Step, agent: Agent, leg: Leg, event: LegDigit) -> None:
    """Take a key of an agent's phone for the request that it stands for."""
    request = keys.pressed(step, agent, event.digit)
    if request is None:
        return
    done, text = _carry_out(step, request)
    kind = "keys" if done else "keys_refused"
    step.journal(kind, text, leg_id=leg.leg_id, agent_id=agent.agent_id)
    if agent.leg_id is not None:
        tone = Message.TONE_DONE if done else Message.TONE_REFUSED
        step.emit(PlayMessage(leg_id=agent.leg_id, message=tone))


PHONE_LEG: dict[type[LegEvent], Callable[..., None]] = {
    LegDialing: _phone_dialing,
    LegRinging: _phone_ringing,
    LegAnswered: presence.phone_answered,
    AnnouncementHeard: lambda *_: None,
    LegSpoke: lambda *_: None,
    LegClassified: lambda *_: None,  # whoever answers an agent's phone is the agent
    LegDigit: _phone_digit,
    LegEnded: supervision.phone_ended,
    OriginateRefused: lambda step, agent, leg, event: presence.phone_gone(step, agent, leg, event.reason),
}


def _call_of(step: Step, leg_id: LegId) -> Call | None:
    leg = step.workspace.legs.get(leg_id)
    return step.workspace.calls.get(leg.call_id) if leg is not None and leg.call_id is not None else None


def _bridged(step: Step, event: LegsBridged) -> None:
    if third_parties.bridged(step, event):
        return
    if (call := _call_of(step, event.customer_leg)) is not None:
        calls.bridged(step, call, event)
        supervision.talk_begins(step, call)


def _parted(step: Step, event: LegsParted) -> None:
    if third_parties.parted(step, event):
        return
    if (call := _call_of(step, event.customer_leg)) is not None:
        parting.parted(step, call, event)


def _bridge_failed(step: Step, event: BridgeFailed) -> None:
    if third_parties.bridge_failed(step, event):
        return
    if (call := _call_of(step, event.customer_leg)) is not None:
        calls.bridge_failed(step, call, event)


def _message_played(step: Step, event: MessagePlayed) -> None:
    call = _call_of(step, event.leg_id)
    if call is not None and call.recording is RecordingState.ANNOUNCED:
        recording.announced(step, call, event)
    elif call is not None:
        calls.message_over(step, call, event)


def _recording_failed(step: Step, event: RecordingFailed) -> None:
    if (call := _call_of(step, event.leg_id)) is not None:
        recording.failed(step, call, event)


def _anomaly(step: Step, event: AnomalySeen) -> None:
    call = _call_of(step, event.leg_id) if event.leg_id is not None else None
    step.anomaly(
        f"{event.kind}: {event.detail}", leg_id=event.leg_id, attempt_id=call.attempt_id if call else None
    )


EVENTS: dict[type[Event], Callable[..., None]] = {
    RunStarted: _run_started,
    ShutdownRequested: ending.shutdown,
    RoundEnded: _round_ended,
    TimerFired: _timer_fired,
    RequestReceived: _request,
    TrunkDefined: trunks.defined,
    LinkDefined: links.defined,
    TrunkLost: call_ends.trunk_lost,
    TrunkRegained: trunks.regained,
    ServerLost: servers.lost,
    ServerRegained: servers.regained,
    CampaignDefined: campaigns.defined,
    **agentless.EVENTS,
    **tasks.EVENTS,
    AttemptLeftOpen: attempts.left_open,
    CallFound: takeover.found,
    QueueDefined: queue_calls.defined,
    CallArrived: queue_calls.arrived,
    QueueCallFound: takeover.found_of_queue,
    CallbackLeft: callbacks.left,
    LeadsLoaded: campaigns.loaded,
    Delivered: third_parties.delivered,
    NotDelivered: third_parties.not_delivered,
    OriginateRefused: _leg_event,
    LegDialing: _leg_event,
    LegRinging: _leg_event,
    LegAnswered: _leg_event,
    LegSpoke: _leg_event,
    AnnouncementHeard: _leg_event,
    LegClassified: _leg_event,
    LegDigit: _leg_event,
    LegEnded: _leg_event,
    CallerArrived: inbound.arrived,
    LegsBridged: _bridged,
    LegsParted: _parted,
    BridgeFailed: _bridge_failed,
    MessagePlayed: _message_played,
    RecordingFailed: _recording_failed,
    LegsOpen: audit.audit,
    AnomalySeen: _anomaly,
    **routes.EVENTS,
    **workflow_versions.EVENTS,
}
