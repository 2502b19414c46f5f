"""Trunks: what room each has, whether it works, and how much of its day is used.

A campaign names a trunk or a group of them: its *route*.
"""

from collections.abc import Iterable

from dialer.core.allocation.reach import out_of_reach
from dialer.core.business import Campaign
from dialer.core.events import TrunkDefined, TrunkLost, TrunkRegained
from dialer.core.ids import CallId, TrunkName
from dialer.core.records import TrunkChanged
from dialer.core.rules import breaker
from dialer.core.rules.carrier_faults import in_words
from dialer.core.rules.machine_detection import missing_at
from dialer.core.rules.retry import DAY_S, day_of
from dialer.core.settings import CampaignSettings
from dialer.core.states import TRUNK_MOVES, TrunkMove, TrunkState, advance
from dialer.core.step import Step
from dialer.core.switch_events import LegEnded
from dialer.core.ways import Trunk
from dialer.core.workspace import Call, Leg, Workspace

BURST_S = 0.25
"""What pacing's interval misses of a trunk's calls per second may be caught up, and no more: with pacing at
most every 0.25 s, no second holds more calls than the rate."""

_ROUNDING = 1e-9


def trunk_timer(name: TrunkName) -> str:
    """Return the name of the timer that has pacing look at a trunk again."""
    return f"trunk:{name}"


def longest_timer(name: TrunkName) -> str:
    """Return the name of the timer that ends calls of a trunk that last too long."""
    return f"longest:{name}"


def defined(step: Step, event: TrunkDefined) -> None:
    """Know a trunk, or its new settings; one that was out when an earlier run ended is probed first."""
    name = event.trunk.name
    known = step.workspace.trunks.get(name)
    if known is not None:
        known.settings = event.trunk
        return
    trunk = step.workspace.trunks[name] = Trunk(
        settings=event.trunk, since_at=step.at, used_day=event.used_day, used_s=event.used_s
    )
    if event.state in (TrunkState.OUT, TrunkState.PROBING):
        trunk.state, trunk.reason, trunk.until = TrunkState.OUT, event.reason, step.at
        trunk.probe_wait_s = breaker.next_wait_s(0.0, trunk.settings)
    _record(step, trunk)


def of_route(workspace: Workspace, route: TrunkName) -> list[Trunk]:
    """Return the trunks that a campaign may use, in order; none if the name is neither a trunk's nor a group's."""
    named = workspace.trunks.get(route)
    if named is not None:
        return [named]
    return [trunk for trunk in workspace.trunks.values() if trunk.settings.group == route]


def of_routes(workspace: Workspace, campaigns: Iterable[Campaign]) -> list[Trunk]:
    """Return the trunks that some campaigns may use, each once."""
    routes = {one.settings.trunk: None for one in campaigns}
    found = {trunk.settings.name: trunk for route in routes for trunk in of_route(workspace, route)}
    return list(found.values())


def lines(workspace: Workspace, route: TrunkName) -> int:
    """Return how many calls a route can hold at a time."""
    return sum(trunk.settings.lines for trunk in of_route(workspace, route))


# --- room ------------------------------------------------------------------------------------------


def room(step: Step, trunk: Trunk) -> int:
    """Return how many calls may start through a trunk now; one if it is out and a probe is due."""
    if trunk.lost:
        return 0
    free = max(0, min(trunk.settings.lines - trunk.lines_used, _tokens(step, trunk)))
    if trunk.state is TrunkState.UP:
        return free
    if trunk.state is TrunkState.OUT and trunk.until is not None and step.at >= trunk.until:
        return 0 if _is_spent(step, trunk) else min(1, free)
    return 0


def room_of_route(step: Step, route: TrunkName) -> int:
    """Return how many calls may start through a route now."""
    return sum(room(step, trunk) for trunk in of_route(step.workspace, route))


def next_at(step: Step, route: TrunkName) -> float | None:
    """Return when a trunk of a route takes a call again that only its calls per second hold back; None if there is none."""
    there = (one for one in of_route(step.workspace, route) if one.state is TrunkState.UP and not one.lost)
    idle = [one for one in there if one.lines_used < one.settings.lines and _tokens(step, one) == 0]
    return min((step.at + (1 - one.tokens) / one.settings.calls_per_second for one in idle), default=None)


def _tokens(step: Step, trunk: Trunk) -> int:
    rate = trunk.settings.calls_per_second
    trunk.tokens = min(max(1.0, rate * BURST_S), trunk.tokens + (step.at - trunk.tokens_at) * rate)
    trunk.tokens_at = step.at
    return int(trunk.tokens + _ROUNDING)


def take(step: Step, trunk: Trunk, call_id: CallId) -> None:
    """Give a line to a call, which is a probe if the trunk is out."""
    trunk.lines_used += 1
    trunk.tokens -= 1
    if trunk.state is TrunkState.OUT:
        trunk.probe = call_id
        _move(step, trunk, TrunkMove.PROBE)


def occupy(step: Step, name: TrunkName) -> None:
    """Count a line of a call that we did not start, whether or not one is left for us: an inbound one, or an earlier run's."""
    step.workspace.trunks[name].lines_used += 1


def lend(trunk: Trunk) -> None:
    """Give a line to a call that is no attempt."""
    trunk.lines_used += 1
    trunk.tokens -= 1


def give_back(step: Step, name: TrunkName, leg: Leg) -> None:
    """Take that line back, and count its answered seconds."""
    _free(step, step.workspace.trunks[name], leg)


def limit_length(step: Step, call: Call) -> None:
    """Have the trunk's oldest answered call ended when it lasts too long; one timer a trunk sees to all."""
    limit_min = step.workspace.trunks[call.trunk].settings.longest_call_min
    timer = longest_timer(call.trunk)
    if timer not in step.workspace.timers:
        step.start_timer(timer, (step.workspace.legs[call.leg_id].answered_at or step.at) + limit_min * 60)


def release(step: Step, call: Call, leg: Leg) -> None:
    """Take a line back from a call that is over, and count its answered seconds."""
    trunk = step.workspace.trunks[call.trunk]
    if trunk.probe == call.call_id:  # it told nothing: another one, after the same wait
        _leave_alone(step, trunk)
    _free(step, trunk, leg)


def _free(step: Step, trunk: Trunk, leg: Leg) -> None:
    trunk.lines_used -= 1
    step.workspace.pacing_due = True
    if leg.answered_at is not None:
        _begin_day(step, trunk)
        trunk.used_s += _seconds_today(leg.answered_at, at=step.at)
        _record(step, trunk)


# --- whether it works ------------------------------------------------------------------------------


def went_through(step: Step, call: Call) -> None:
    """A call showed that its trunk works: it rang, was answered, or was refused for the number's sake."""
    trunk = step.workspace.trunks[call.trunk]
    if call.judged:
        return
    call.judged = True
    if trunk.probe == call.call_id:
        _recover(step, trunk)
    elif _is_evidence(trunk, call):
        trunk.recent = breaker.remembered(trunk.recent, trunk.settings, fault=False)


def faulted(step: Step, call: Call, end: LegEnded) -> bool:
    """A call failed for the carrier; return whether that takes its trunk out of use."""
    trunk = step.workspace.trunks[call.trunk]
    if call.judged:
        return False
    call.judged = True
    if trunk.probe == call.call_id:
        trunk.probes_failed += 1
        trunk.probe_wait_s = breaker.next_wait_s(trunk.probe_wait_s, trunk.settings)
        trunk.reason = f"{in_words(end)} (failed probes: {trunk.probes_failed})"
        _leave_alone(step, trunk)
    elif _is_evidence(trunk, call):
        trunk.recent = breaker.remembered(trunk.recent, trunk.settings, fault=True)
        if breaker.trips(trunk.recent, trunk.settings):
            _trip(step, trunk, in_words(end))
            return True
    return False


def _is_evidence(trunk: Trunk, call: Call) -> bool:
    """Calls from before the last change of the trunk's state say nothing about the present."""
    return trunk.state is TrunkState.UP and call.started_at >= trunk.since_at


def _trip(step: Step, trunk: Trunk, words: str) -> None:
    wait_s = breaker.next_wait_s(0.0, trunk.settings)
    trunk.reason = f"{words} ({sum(trunk.recent)} of the last {len(trunk.recent)} calls)"
    trunk.recent = []
    trunk.probe_wait_s, trunk.probes_failed = wait_s, 0
    trunk.until = step.at + wait_s
    step.start_timer(trunk_timer(trunk.settings.name), trunk.until)
    _move(step, trunk, TrunkMove.TRIP)
    step.journal("alarm", f"{in_short(trunk)}; next probe in {wait_s:g} s")


def _leave_alone(step: Step, trunk: Trunk) -> None:
    """Wait before the next probe."""
    trunk.probe = None
    trunk.until = step.at + trunk.probe_wait_s
    step.start_timer(trunk_timer(trunk.settings.name), trunk.until)
    _move(step, trunk, TrunkMove.PROBE_FAILED)


def _recover(step: Step, trunk: Trunk) -> None:
    step.journal("alarm_over", f"trunk {trunk.settings.name} is up again, it was out: {trunk.reason}")
    trunk.probe, trunk.until, trunk.reason = None, None, ""
    step.stop_timer(trunk_timer(trunk.settings.name))
    _move(step, trunk, TrunkMove.RECOVER)


def lost(step: Step, event: TrunkLost) -> bool:
    """Start no call through a trunk whose switch is away; return whether that is news."""
    trunk = step.workspace.trunks.get(event.trunk)
    if trunk is None or trunk.lost:
        return False
    trunk.lost = event.reason or "no reason is known"
    step.workspace.pacing_due = True
    step.journal("alarm", in_short(trunk))
    return True


def regained(step: Step, event: TrunkRegained) -> None:
    """Use a trunk again whose switch is back."""
    trunk = step.workspace.trunks.get(event.trunk)
    if trunk is None or not trunk.lost:
        return
    step.journal("alarm_over", f"trunk {event.trunk} can be reached again")
    trunk.lost = ""
    step.workspace.pacing_due = True


# --- the day's minutes -----------------------------------------------------------------------------


def review(step: Step) -> None:
    """See which trunks have used their day up, and which have a new one."""
    for trunk in step.workspace.trunks.values():
        if trunk.state is TrunkState.UP and _is_spent(step, trunk):
            trunk.reason = f"the day's {trunk.settings.daily_minutes:g} minutes are used up"
            trunk.until = (day_of(step.at) + 1) * DAY_S
            step.start_timer(trunk_timer(trunk.settings.name), trunk.until)
            _move(step, trunk, TrunkMove.SPEND)
            step.journal("alarm", in_short(trunk))
        elif trunk.state is TrunkState.SPENT and not _is_spent(step, trunk):
            trunk.reason, trunk.until = "", None
            _begin_day(step, trunk)
            _move(step, trunk, TrunkMove.NEW_DAY)


def _is_spent(step: Step, trunk: Trunk) -> bool:
    limit = trunk.settings.daily_minutes
    if limit is None:
        return False
    used_s = trunk.used_s if trunk.used_day == day_of(step.at) else 0.0
    workspace = step.workspace
    for call in workspace.calls.values():
        answered_at = workspace.legs[call.leg_id].answered_at
        if call.trunk == trunk.settings.name and answered_at is not None:
            used_s += _seconds_today(answered_at, at=step.at)
    return used_s >= limit * 60


def _begin_day(step: Step, trunk: Trunk) -> None:
    today = day_of(step.at)
    if trunk.used_day != today:
        trunk.used_day, trunk.used_s = today, 0.0


def _seconds_today(answered_at: float, *, at: float) -> float:
    return at - max(answered_at, day_of(at) * DAY_S)


# --- what is said of it ----------------------------------------------------------------------------


def in_short(trunk: Trunk) -> str:
    """Return why a trunk takes no calls, in a few words."""
    if trunk.lost:
        return f"trunk {trunk.settings.name} cannot be reached: {trunk.lost}"
    state = TrunkState.OUT if trunk.state is TrunkState.PROBING else trunk.state
    return f"trunk {trunk.settings.name} is {state}: {trunk.reason}"


def missing(route: TrunkName) -> str:
    """Return what to say of a route that does not exist."""
    return f"trunk {route} is not in the run's configuration: add [trunks.{route}] to it"


def unfit(workspace: Workspace, settings: CampaignSettings) -> str:
    """Return why a campaign cannot be called through its route, empty if it can."""
    found = of_route(workspace, settings.trunk)
    if not found:
        return missing(settings.trunk)
    if not settings.amd.on:
        return ""
    lacking = (one.settings for one in found if not one.settings.detects_machines)
    return next((missing_at(trunk.name) for trunk in lacking), "")


def obstacle(step: Step, settings: CampaignSettings) -> tuple[str, float | None] | None:
    """Return why no trunk of a route takes calls, or no agent could take theirs, and until when; None if one does."""
    found = of_route(step.workspace, settings.trunk)
    if not found:
        return missing(settings.trunk), None
    up = [trunk.settings.server for trunk in found if trunk.state is TrunkState.UP and not trunk.lost]
    if up:
        why = out_of_reach(step.workspace, up) if settings.needs_agents else ""
        return (why, None) if why else None
    until = min((one.until for one in found if one.until is not None and not one.lost), default=None)
    return "; ".join(in_short(trunk) for trunk in found), until


def _move(step: Step, trunk: Trunk, move: TrunkMove) -> None:
    trunk.state = advance(TRUNK_MOVES, trunk.state, move)
    trunk.since_at = step.at
    step.workspace.pacing_due = True
    _record(step, trunk)


def _record(step: Step, trunk: Trunk) -> None:
    step.emit(
        TrunkChanged(
            at=step.at,
            trunk=trunk.settings.name,
            state=trunk.state,
            since_at=trunk.since_at,
            reason=trunk.reason,
            until=trunk.until,
            used_day=trunk.used_day,
            used_s=trunk.used_s,
        )
    )
