"""What of the engine's tables is about the floor: who takes which event, request and timer."""

from collections.abc import Callable

from dialer.core.event import Event
from dialer.core.events import (
    AgentCalledIn,
    AgentDefined,
    MemberSeen,
    PausesDefined,
    PresenceDefined,
    ShiftsLoaded,
)
from dialer.core.floor import (
    call_ins,
    client,
    members,
    pauses,
    presence,
    profiles,
    reconnection,
    roster,
    video,
)
from dialer.core.ids import AgentId
from dialer.core.requests import (
    CallLead,
    ClientTold,
    Dispose,
    EndWrapUp,
    LogIn,
    LogOut,
    MakeReady,
    MoreTime,
    PauseAgent,
    Request,
    SkipLead,
    TakeUpRoster,
)
from dialer.core.step import Step
from dialer.core.switch_events import LegShowsVideo
from dialer.core.work import previews

EVENTS: dict[type[Event], Callable[..., None]] = {
    AgentDefined: presence.defined,
    PausesDefined: pauses.defined,
    PresenceDefined: client.defined,
    MemberSeen: members.seen,
    AgentCalledIn: call_ins.called_in,
    ShiftsLoaded: roster.loaded,
    LegShowsVideo: video.seen,
    **profiles.EVENTS,
}

REQUESTS: dict[type[Request], Callable[..., str]] = {
    LogIn: presence.log_in,
    LogOut: presence.log_out,
    MakeReady: presence.make_ready,
    PauseAgent: presence.pause,
    ClientTold: client.told,
    Dispose: presence.dispose,
    CallLead: previews.call,
    SkipLead: previews.skip,
    EndWrapUp: presence.end_wrap_up,
    MoreTime: presence.more_time,
    TakeUpRoster: roster.take_up,
    **profiles.REQUESTS,
}


def _of_agent(due: Callable[[Step, AgentId], None]) -> Callable[[Step, str], None]:
    return lambda step, subject: due(step, AgentId(int(subject)))


TIMERS: dict[str, Callable[[Step, str], None]] = {
    "wrap-up": _of_agent(presence.wrap_up_over),
    "preview": _of_agent(previews.time_over),
    "pause": _of_agent(pauses.limit_over),
    "client": _of_agent(client.stayed),
    "phone": _of_agent(presence.call_phone_again),
    "rest": _of_agent(members.rested),
    roster.ROSTER_TIMER: lambda step, _: roster.is_due(step),
    "reconnect": _of_agent(reconnection.give_up),
}
