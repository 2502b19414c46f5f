"""The engine's beliefs beside what is really open: what does not fit for long enough is repaired, on record.

Every few seconds a switch tells which legs are open and who is joined with whom. What an audit finds counts once
a later audit still finds it, and its grace is over: news and commands may be on their way. Every repair
leaves a journal entry of kind `anomaly` with its cause.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from dialer.core.allocation import reservation
from dialer.core.floor import agents, presence, reconnection
from dialer.core.ids import AttemptId, LegId
from dialer.core.states import AgentState, CallState, EndCause
from dialer.core.step import Step
from dialer.core.switch_events import BridgeFailed, LegEnded, LegsBridged, LegsOpen
from dialer.core.talk_parties import Transfer
from dialer.core.work import call_ends, calls, guest_legs, supervision, third_parties
from dialer.core.work.lines import settings_of
from dialer.core.workspace import Agent, Call, Leg

BRIDGE_S = 5.0
"""A bridge that is neither told nor seen by now is not made: the SIP adapter gives one up after 1.5 s."""
HANG_UP_S = 6.0
"""A leg that is still open so long after its hang-up is hung up again."""
NO_NEWS_S = 30.0
"""A call that was ordered so long ago and has not left is given up: the agent it was for is at work elsewhere.
A guess; a database that is slow for so long is the only known way to it."""
PHONE_S = 25.0
"""A phone that is not picked up by now will not be. A guess: as long as a customer's rings by default."""

_SERVED = frozenset({CallState.CONNECTING, CallState.TALKING, CallState.HELD})
_PHONE_UP = frozenset(
    {
        AgentState.READY,
        AgentState.PREVIEWING,
        AgentState.RESERVED,
        AgentState.TALKING,
        AgentState.WRAP_UP,
        AgentState.PAUSED,
    }
)


class Finding(NamedTuple):
    """Something that does not fit; `key` names it in every audit that finds it."""

    key: str
    cause: str
    repair: Callable[[Step], None]
    grace_s: float = 0.0
    leg_id: LegId | None = None
    attempt_id: AttemptId | None = None


def audit(step: Step, event: LegsOpen) -> None:
    """Compare, and repair what did not fit before either."""
    known, step.workspace.suspects = step.workspace.suspects, {}
    # Lazily: a repair changes what the next finding looks at.
    for find in (_legs, _calls, _transfers, _agents):
        for finding in find(step, event):
            since = known.get(finding.key)
            if since is None or step.at - since < finding.grace_s:
                step.workspace.suspects[finding.key] = step.at if since is None else since
                continue
            step.anomaly(finding.cause, leg_id=finding.leg_id, attempt_id=finding.attempt_id)
            finding.repair(step)
            third_parties.look_after(step)


# --- legs --------------------------------------------------------------------------------------------


def _legs(step: Step, event: LegsOpen) -> Iterator[Finding]:
    known, really = step.workspace.legs, frozenset(event.legs)
    for leg in [leg for leg in known.values() if leg.leg_id not in really]:
        if leg.leg_id in known:
            yield _lost(step, leg)
    for leg_id in event.legs:
        if leg_id not in known:
            yield _unowned(leg_id)


def _unowned(leg_id: LegId) -> Finding:
    cause = "a leg is open that nobody owns: hung up"
    return Finding(f"unowned {leg_id}", cause, lambda step: step.hang_up(leg_id), leg_id=leg_id)


def _lost(step: Step, leg: Leg) -> Finding:
    call = step.workspace.calls.get(leg.call_id) if leg.call_id is not None else None
    text = "no process holds this leg: it counts as lost"

    def end(step: Step) -> None:
        step.hang_up(leg.leg_id)
        ended = LegEnded(at=step.at, leg_id=leg.leg_id, cause=EndCause.LOST, text=text)
        if call is not None:
            call_ends.ended(step, call, leg, ended)
        elif leg.agent_id is not None:
            supervision.phone_ended(step, step.workspace.agents[leg.agent_id], leg, ended)
        else:
            guest_legs.heard(step, step.workspace.guests[leg.leg_id], leg, ended)

    return Finding(
        f"lost {leg.leg_id}", text, end, leg_id=leg.leg_id, attempt_id=call.attempt_id if call else None
    )


# --- calls -------------------------------------------------------------------------------------------


def _calls(step: Step, event: LegsOpen) -> Iterator[Finding]:
    bridges = frozenset(event.bridges)
    for call in list(step.workspace.calls.values()):
        if call.call_id not in step.workspace.calls:
            continue
        if reservation.is_offered(step, call):
            continue
        if call.state in _SERVED:
            yield from _served(step, call, bridges)
        elif call.state in (CallState.REQUESTED, CallState.ENDING):
            yield _slow(call)
        elif call.state is CallState.TRANSFERRED and call.call_id not in step.workspace.transfers:
            cause = "handed over to nobody: the next agent"
            yield _finding(call, cause, partial(calls.agent_lost, call=call))


def _slow(call: Call) -> Finding:
    if call.state is CallState.ENDING:
        again = "hung up, but open still: hung up again"
        return _finding(call, again, lambda step: step.hang_up(call.leg_id), grace_s=HANG_UP_S)
    never = "ordered, but never dialed: given up"
    return _finding(call, never, lambda step: call_ends.hang_up(step, call, never), grace_s=NO_NEWS_S)


def _served(step: Step, call: Call, bridges: frozenset[tuple[LegId, LegId]]) -> Iterator[Finding]:
    agent = step.workspace.agents.get(call.agent_id) if call.agent_id is not None else None
    if agent is None or agent.call_id != call.call_id:
        yield _finding(
            call,
            f"{call.state} with an agent who is gone: the next agent",
            lambda step: calls.agent_lost(step, call),
        )
    elif agent.leg_id is not None and call.state is not CallState.HELD:
        joined = (call.leg_id, agent.leg_id) in bridges
        if call.state is CallState.CONNECTING:
            yield _connecting(call, agent.leg_id, joined=joined)
        elif not joined:
            yield _finding(
                call,
                "talking, but not joined with the agent: the next agent",
                lambda step: _part(step, call, agent),
            )


def _connecting(call: Call, agent_leg: LegId, *, joined: bool) -> Finding:
    legs = {"customer_leg": call.leg_id, "agent_leg": agent_leg}
    if joined:
        return _finding(
            call,
            "joined, but nobody said so: the talk goes on",
            lambda step: calls.bridged(step, call, LegsBridged(at=step.at, **legs)),
        )
    return _finding(
        call,
        "the bridge was neither made nor given up: the next agent",
        lambda step: calls.bridge_failed(
            step, call, BridgeFailed(at=step.at, reason="no answer to the order", **legs)
        ),
        grace_s=BRIDGE_S,
    )


def _part(step: Step, call: Call, agent: Agent) -> None:
    agents.finish_call(step, agent, settings_of(step, call).wrap_up_s)
    calls.agent_lost(step, call)


def _finding(call: Call, cause: str, repair: Callable[[Step], None], *, grace_s: float = 0.0) -> Finding:
    key = f"{call.state} {call.call_id} {call.agent_id or ''} {cause}"
    return Finding(key, cause, repair, grace_s, leg_id=call.leg_id, attempt_id=call.attempt_id)


# --- third parties ---------------------------------------------------------------------------------


def _transfers(step: Step, event: LegsOpen) -> Iterator[Finding]:
    bridges = frozenset(event.bridges)
    for transfer in list(step.workspace.transfers.values()):
        if transfer.call_id not in step.workspace.transfers or transfer.state not in third_parties.JOINS:
            continue
        pair = third_parties.pair(step, transfer)
        if transfer.joined and pair is not None and pair not in bridges:
            yield _third(step, transfer, "not joined with the third party any more: parted")
        elif not transfer.joined and pair in bridges:
            yield _third(
                step, transfer, "joined with the third party, but nobody said so: they go on", is_made=True
            )
        elif not transfer.joined:
            yield _third(
                step, transfer, "the third party was neither joined nor given up: parted", grace_s=BRIDGE_S
            )


def _third(
    step: Step, transfer: Transfer, cause: str, *, is_made: bool = False, grace_s: float = 0.0
) -> Finding:
    repair = third_parties.made if is_made else third_parties.part
    call = step.workspace.calls[transfer.call_id]
    return Finding(
        f"{transfer.state} {transfer.leg_id} {cause}",
        cause,
        lambda step: repair(step, transfer),
        grace_s,
        leg_id=transfer.leg_id,
        attempt_id=call.attempt_id,
    )


# --- agents ------------------------------------------------------------------------------------------


def _agents(step: Step, _: LegsOpen) -> Iterator[Finding]:
    for agent in step.workspace.agents.values():
        if (finding := _agent(step, agent)) is not None:
            yield finding


def _agent(step: Step, agent: Agent) -> Finding | None:
    if agent.state in _PHONE_UP and agent.member is None and agent.leg_id not in step.workspace.legs:
        cause = f"{agent.state} without a phone: logged out"
        return _about(agent, cause, lambda step: presence.phone_missing(step, agent, "phone: lost"))
    if agent.state in (AgentState.RESERVED, AgentState.TALKING) and not _is_served(step, agent):
        return _about(agent, f"{agent.state} without a customer: freed", lambda step: _free(step, agent))
    if agent.state is AgentState.LOGGING_IN:
        cause = "phone: not picked up"
        return _about(agent, cause, lambda step: presence.phone_missing(step, agent, cause), grace_s=PHONE_S)
    if agent.state is AgentState.RECONNECTING:
        cause = "the phone did not come back: logged out"
        grace_s = 2 * reconnection.RECONNECT_S
        return _about(agent, cause, lambda step: reconnection.give_up(step, agent.agent_id), grace_s=grace_s)
    return None


def _is_served(step: Step, agent: Agent) -> bool:
    call = step.workspace.calls.get(agent.call_id) if agent.call_id is not None else None
    if call is None:
        return third_parties.is_third(step, agent.agent_id)
    return call.agent_id == agent.agent_id


def _free(step: Step, agent: Agent) -> None:
    if agent.state is AgentState.RESERVED:
        agents.release(step, agent)
    else:
        agents.finish_call(step, agent, 0.0)


def _about(agent: Agent, cause: str, repair: Callable[[Step], None], *, grace_s: float = 0.0) -> Finding:
    return Finding(f"{agent.agent_id} {cause}", cause, repair, grace_s, leg_id=agent.leg_id)
