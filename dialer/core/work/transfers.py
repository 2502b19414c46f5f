"""Third parties in a talk: called by its agent, to be consulted, to take the customer over, or to make it three.

The customer is never nobody's: whatever becomes of the third party, the customer is with it, with the agent, held for either, or
goes to the next agent as one does whose agent is lost. What the switch says of a third party is in `third_parties`.
"""

from dialer.core.allocation import links, operations, reservation, sought
from dialer.core.allocation.suitability import facts_of, unsuited
from dialer.core.allocation.workflow import WorkflowStep
from dialer.core.commands import Bridge, Confer, LeaveTalk, PlayMessage
from dialer.core.floor import agents, presence
from dialer.core.guest_states import GuestKind
from dialer.core.ids import AgentId, LegId
from dialer.core.messages import Message
from dialer.core.requests import ArrangeTalk, CallThirdParty
from dialer.core.states import CALL_MOVES, AgentState, CallMove, CallState, advance
from dialer.core.step import Step
from dialer.core.talk_parties import Transfer
from dialer.core.transfer_states import (
    TRANSFER_MOVES,
    Arrangement,
    HandoverOutcome,
    TransferMove,
    TransferState,
    Way,
)
from dialer.core.ways import Trunk
from dialer.core.work import calls, dispositions, guests, handovers, recording, returning, trunks
from dialer.core.work.lines import settings_of
from dialer.core.work.trunk_choice import spare as spare_trunk
from dialer.core.workspace import Agent, Call
from dialer.errors import RuleError

_CALLED = {
    Way.BLIND: "the customer is held until the other one picks up; the agent is free",
    Way.CONSULT: "the other one is being called; the customer is held once they pick up",
    Way.CONFERENCE: "the other one is being called, and joins the talk once they pick up",
}

# --- requests ----------------------------------------------------------------------------------------


def asked(step: Step, request: CallThirdParty) -> str:
    """Call somebody to an agent's talk.

    Raises:
        RuleError: If there is no talk, it has a third party already, or nobody can be called.
    """
    agent = presence.find(step, request.agent_id)
    call = step.workspace.calls.get(agent.call_id) if agent.call_id is not None else None
    if call is not None and call.call_id in step.workspace.transfers:
        raise RuleError(
            "the talk has a third party: `dialer call return` lets it go, `dialer call complete` leaves it the customer"
        )
    if call is None or call.state is not CallState.TALKING:
        raise RuleError(f"the agent is {agent.state}: others are called to a talk that goes on")
    if agent.member is not None and request.way is not Way.BLIND:
        raise RuleError(
            "the phone of a queue's member is there for one talk only: use `dialer call transfer`"
        )
    if request.to_agent is not None:
        return _ask_agent(step, call, agent, request.way, _free_agent(step, call, request.to_agent))
    if request.wanted is not None or request.workflow or request.queue:
        return _ask_any(step, call, agent, request)
    return _call(step, call, agent, request)


def _call(step: Step, call: Call, agent: Agent, request: CallThirdParty) -> str:
    guests.check_possible(step)
    if request.guest_id is None or agent.leg_id is None:
        raise RuleError("nobody is named to be called")
    settings = settings_of(step, call)
    by = guests.Line(_trunk(step, call, request), settings.caller_id) if request.dials else None
    beside = call.leg_id if request.way is Way.BLIND else agent.leg_id
    guest = guests.call(step, request.guest_id, GuestKind.THIRD, agent, beside=beside, by=by)
    step.start_timer(guests.ring_timer(guest.leg_id), step.at + settings.post_dial_s + settings.ring_s)
    transfer = Transfer(call_id=call.call_id, agent_id=agent.agent_id, leg_id=guest.leg_id, way=request.way)
    step.workspace.transfers[call.call_id] = transfer
    if request.way is Way.BLIND:
        _leave(step, transfer, call, agent)
    return _CALLED[request.way]


def _trunk(step: Step, call: Call, request: CallThirdParty) -> Trunk:
    route = request.trunk or call.trunk
    if not trunks.of_route(step.workspace, route):
        raise RuleError(trunks.missing(route))
    found = spare_trunk(step, route, near=call.server)
    if found is None:
        raise RuleError(f"no line of {route} can be had now: try again, or name another with --trunk")
    return found


def _free_agent(step: Step, call: Call, agent_id: AgentId) -> Agent:
    other = presence.find(step, agent_id)
    operations.check(other.profile, call.attributes)
    if other.state is not AgentState.READY or other.leg_id is None:
        what = "a member of a queue" if other.member is not None else str(other.state)
        raise RuleError(f"the other agent is {what}: choose one who is ready")
    if why := returning.cannot_speak(step, other):
        raise RuleError(f"the other agent {why}: choose one with less text")
    _check_reach(step, call, other)
    return other


def _check_reach(step: Step, call: Call, other: Agent) -> None:
    if other.server != call.server and links.delay_ms(step.workspace, call, other.server) is None:
        raise RuleError(
            f"the other agent's phone is at {other.server}, and {call.server} has no way to it now"
        )


def _ask_agent(step: Step, call: Call, agent: Agent, way: Way, other: Agent) -> str:
    transfer = Transfer(call_id=call.call_id, agent_id=agent.agent_id, leg_id=LegId(""), way=way)
    step.workspace.transfers[call.call_id] = transfer
    handovers.begin(step, transfer, other)
    return "the talk goes on until the other agent has the record; then they are joined"


def _check_sought(step: Step, agent: Agent, wanted: WorkflowStep) -> None:
    others = (one for one in step.workspace.agents.values() if one.state is not AgentState.LOGGED_OUT)
    if not any(_may_have(wanted, one) for one in others if one is not agent):
        raise RuleError("nobody else who is logged in may have the customer by that: name somebody else")


def _ask_any(step: Step, call: Call, agent: Agent, request: CallThirdParty) -> str:
    wanted, workflow = sought.asked_for(step, request)
    if wanted is not None:
        _check_sought(step, agent, wanted)
    transfer = Transfer(
        call_id=call.call_id,
        agent_id=agent.agent_id,
        leg_id=LegId(""),
        way=request.way,
        wanted=wanted,
        workflow=workflow,
        until=step.at + request.within_s,
    )
    step.workspace.transfers[call.call_id] = transfer
    seek(step, transfer, call)
    reservation.assign(step)
    if transfer.leg_id:
        return "the talk goes on until the agent who is free has the record; then they are joined"
    if request.way is Way.BLIND:
        _leave(step, transfer, call, agent)
        return "nobody is free: the customer waits for the first who is"
    return "nobody is free: the talk goes on until somebody is; then they are joined"


def _may_have(wanted: WorkflowStep, agent: Agent) -> bool:
    return agent.member is None and unsuited(wanted, facts_of(agent.profile), {}) is None


def seek(step: Step, transfer: Transfer, call: Call) -> None:
    """Let a customer, who may still be spoken with, wait for the agent whom a transfer wants."""
    transfer.leg_id, transfer.to_agent = LegId(""), None
    call.waiting_since = step.at
    reservation.enqueue(step, call)
    step.start_timer(handovers.timer(call.call_id), transfer.until)


def arrange(step: Step, request: ArrangeTalk) -> str:
    """Let a talk with a third party go on in another way.

    Raises:
        RuleError: If there is none, or it cannot be now.
    """
    agent = presence.find(step, request.agent_id)
    transfer = step.workspace.transfers.get(agent.call_id) if agent.call_id is not None else None
    if transfer is None:
        raise RuleError(
            f"the agent is {agent.state}, with no third party: `dialer call consult` or `conference` calls one"
        )
    call = step.workspace.calls[transfer.call_id]
    if request.arrangement is Arrangement.RETURN:
        return _return(step, transfer, call, agent)
    if transfer.state is TransferState.CALLING:
        return _arrange_called(step, transfer, request.arrangement)
    if not transfer.joined:
        raise RuleError("they are being joined with each other: try again in a second")
    if request.arrangement is Arrangement.COMPLETE:
        return _complete(step, transfer, call, agent)
    if transfer.state is TransferState.CONFERRING:
        raise RuleError("all three speak with each other already")
    if call.server != agent.server:
        raise RuleError(
            f"the customer is at {call.server}, the agent at {agent.server}: a talk of three after a consult is at one server"
        )
    _move(transfer, TransferMove.CONFER)
    step.emit(Confer(leg_id=call.leg_id, beside=transfer.leg_id))
    return "the customer joins"


def _arrange_called(step: Step, transfer: Transfer, arrangement: Arrangement) -> str:
    """Change what a third party is wanted for who has not picked up."""
    if arrangement is Arrangement.CONFERENCE:
        transfer.way = Way.CONFERENCE
    else:
        transfer.way = Way.BLIND
        call, agent = step.workspace.calls[transfer.call_id], step.workspace.agents[transfer.agent_id]
        _leave(step, transfer, call, agent)
    return _CALLED[transfer.way]


def _return(step: Step, transfer: Transfer, call: Call, agent: Agent) -> str:
    was_called = transfer.state is TransferState.CALLING
    dismiss(step, transfer, "returned to the customer")
    if not was_called:
        rejoin(step, call, agent)
    return "the third party is let go"


def _complete(step: Step, transfer: Transfer, call: Call, agent: Agent) -> str:
    other = step.workspace.agents[transfer.to_agent] if transfer.to_agent is not None else None
    if other is not None:
        _check_reach(step, call, other)
    if agent.leg_id is not None:
        step.emit(LeaveTalk(leg_id=agent.leg_id))
    if other is not None:
        _pass_on(step, transfer, call, other)
        _let_go(step, call, agent)
        return "the customer is the other agent's"
    call.agent_id = None
    links.give_back(step, call)
    call.state = advance(CALL_MOVES, call.state, CallMove.TRANSFER)
    hand_over(step, transfer)
    _let_go(step, call, agent)
    return "the customer is left to the third party"


# --- who speaks with whom ----------------------------------------------------------------------------


def begin(step: Step, transfer: Transfer) -> None:
    """The third party is there, and has the record if it is an agent: what was it wanted for?"""
    call = step.workspace.calls[transfer.call_id]
    if transfer.to_agent is not None and transfer.way is Way.BLIND:
        _give(step, transfer, call, step.workspace.agents[transfer.to_agent])
    elif transfer.state is TransferState.AWAITED:
        hand_over(step, transfer)
    elif transfer.way is Way.CONFERENCE:
        _move(transfer, TransferMove.CONFER)
        step.emit(Confer(leg_id=transfer.leg_id, beside=call.leg_id))
    else:
        _consult(step, transfer, call)


def _consult(step: Step, transfer: Transfer, call: Call) -> None:
    agent = step.workspace.agents[transfer.agent_id]
    _move(transfer, TransferMove.CONSULT)
    call.state = advance(CALL_MOVES, call.state, CallMove.HOLD)
    _hold(step, call)
    if agent.leg_id is not None:
        step.emit(Bridge(call_id=call.call_id, customer_leg=transfer.leg_id, agent_leg=agent.leg_id))
    reservation.assign(step)  # whoever waited for the slot that the customer had


def _give(step: Step, transfer: Transfer, call: Call, other: Agent) -> None:
    """Let a customer go to an agent who has the record, and stay if there is no way there now."""
    if other.server != call.server and links.delay_ms(step.workspace, call, other.server) is None:
        fail(step, transfer, f"no way from {call.server} to {other.server} now")
        return
    is_left, agent = transfer.state is TransferState.AWAITED, step.workspace.agents[transfer.agent_id]
    _pass_on(step, transfer, call, other)
    if not is_left:
        _let_go(step, call, agent)


def fail(step: Step, transfer: Transfer, why: str) -> None:
    """Let nobody join a talk after all: it goes on, and its agent hears that; a customer who was left comes back."""
    call, agent = step.workspace.calls[transfer.call_id], step.workspace.agents[transfer.agent_id]
    is_left = transfer.state is TransferState.AWAITED
    dismiss(step, transfer, why)
    if is_left:
        give_back(step, transfer, call)
    elif agent.leg_id is not None:
        step.emit(PlayMessage(leg_id=agent.leg_id, message=Message.TONE_REFUSED))


def hand_over(step: Step, transfer: Transfer) -> None:
    """Join the customer, whose agent is gone, with the third party."""
    call = step.workspace.calls[transfer.call_id]
    _move(transfer, TransferMove.HAND_OVER)
    note(step, transfer, "handed over")
    step.emit(Bridge(call_id=call.call_id, customer_leg=call.leg_id, agent_leg=transfer.leg_id))


def rejoin(step: Step, call: Call, agent: Agent) -> None:
    """Let customer and agent speak with each other alone again."""
    _part(step, call)
    if agent.leg_id is not None and links.delay_ms(step.workspace, call, agent.server) is not None:
        reservation.reserve(step, call, agent, agent.leg_id)
        return
    call.agent_id = None
    _let_go(step, call, agent)
    calls.agent_lost(step, call)


def give_back(step: Step, transfer: Transfer, call: Call) -> None:
    """Let the customer of a third party who is none any more go back to the agent, or as one whose agent is lost."""
    call.waiting_since, call.starter = step.at, transfer.agent_id
    if not returning.to_starter(step, call):
        calls.agent_lost(step, call)


def dismiss(step: Step, transfer: Transfer, why: str) -> None:
    """Let a third party go that is still there."""
    spoke = transfer.state not in (TransferState.CALLING, TransferState.AWAITED)
    forget(step, transfer)
    note(step, transfer, why)
    guest = step.workspace.guests.get(transfer.leg_id)
    if guest is not None:
        guests.hang_up(step, guest, why)
    other = step.workspace.agents[transfer.to_agent] if transfer.to_agent is not None else None
    if other is None or other.leg_id != transfer.leg_id or other.call_id is not None:
        return
    if spoke:
        step.emit(LeaveTalk(leg_id=transfer.leg_id))
    if other.state is AgentState.RESERVED:
        agents.release(step, other)
    elif other.state is AgentState.TALKING:
        agents.finish_call(step, other, 0.0)
    reservation.assign(step)


def forget(step: Step, transfer: Transfer, outcome: HandoverOutcome = HandoverOutcome.RETURNED) -> None:
    """Know a third party no more."""
    handovers.over(step, transfer, outcome)
    call = step.workspace.calls.get(transfer.call_id)
    if call is not None and sought.transfer_of(step, call) is transfer:
        reservation.dequeue(step, call)
    _move(transfer, TransferMove.END)
    del step.workspace.transfers[transfer.call_id]


def note(step: Step, transfer: Transfer, detail: str) -> None:
    """Put on record what becomes of a talk with a third party."""
    call = step.workspace.calls.get(transfer.call_id)
    step.journal(
        "transfer",
        f"{transfer.way}: {detail}",
        attempt_id=None if call is None else call.attempt_id,
        leg_id=transfer.leg_id,
        agent_id=transfer.agent_id,
    )


def _move(transfer: Transfer, move: TransferMove) -> None:
    transfer.state = advance(TRANSFER_MOVES, transfer.state, move)
    transfer.joined = False


def _leave(step: Step, transfer: Transfer, call: Call, agent: Agent) -> None:
    """Let the customer wait alone for who has not picked up."""
    _move(transfer, TransferMove.LEAVE)
    call.agent_id = None
    call.state = advance(CALL_MOVES, call.state, CallMove.TRANSFER)
    _hold(step, call)
    _let_go(step, call, agent)


def _hold(step: Step, call: Call) -> None:
    links.give_back(step, call)
    recording.held(step, call)
    step.journal("held", attempt_id=call.attempt_id, leg_id=call.leg_id)
    step.emit(PlayMessage(leg_id=call.leg_id, message=Message.HOLD, repeat=True))


def _pass_on(step: Step, transfer: Transfer, call: Call, other: Agent) -> None:
    """Give the customer to another agent, who is there and has the record."""
    note(step, transfer, f"the customer is agent {other.agent_id}'s")
    forget(step, transfer, HandoverOutcome.TAKEN)
    step.journal("passed_on", attempt_id=call.attempt_id, leg_id=call.leg_id, agent_id=other.agent_id)
    _part(step, call)
    call.agent_id, call.starter = None, transfer.agent_id
    if other.leg_id is not None:
        reservation.reserve(step, call, other, other.leg_id)


def _part(step: Step, call: Call) -> None:
    """Have a customer be with nobody, for the moment."""
    call.waiting_since = step.at
    links.give_back(step, call)
    if call.state is CallState.TALKING:
        call.state = advance(CALL_MOVES, call.state, CallMove.HOLD)


def _let_go(step: Step, call: Call, agent: Agent) -> None:
    """End the talk for its agent alone."""
    if call.talk_ended_at is None:
        call.talk_ended_at = step.at
    talk = dispositions.talk_of(step, call)
    agents.finish_call(step, agent, settings_of(step, call).wrap_up_s, talk)
    reservation.assign(step)
