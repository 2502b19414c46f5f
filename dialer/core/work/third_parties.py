"""What the switch says of third parties in a talk, and what that makes of the talk."""

from dialer.core.commands import PlayMessage
from dialer.core.events import Delivered, NotDelivered
from dialer.core.floor import agents
from dialer.core.ids import AgentId, CallId, LegId
from dialer.core.messages import Message
from dialer.core.states import CALL_MOVES, AgentMove, AgentState, CallMove, CallState, EndCause, advance
from dialer.core.step import Step
from dialer.core.switch_events import BridgeFailed, LegsBridged, LegsParted
from dialer.core.talk_parties import Guest, Transfer
from dialer.core.transfer_states import HandoverOutcome, TransferState
from dialer.core.work import call_ends, guests, handovers, previews, recording, transfers

_FITS = {
    TransferState.CALLING: (CallState.TALKING,),
    TransferState.AWAITED: (CallState.TRANSFERRED,),
    TransferState.CONSULTING: (CallState.HELD,),
    TransferState.CONFERRING: (CallState.TALKING, CallState.HELD),
    TransferState.HANDED_OVER: (CallState.TRANSFERRED,),
}
"""What the customer's call is then."""

_WITHOUT_AGENT = frozenset({TransferState.AWAITED, TransferState.HANDED_OVER})
JOINS = frozenset({TransferState.CONSULTING, TransferState.CONFERRING, TransferState.HANDED_OVER})
"""In which somebody has been, or is to be, joined with the third party."""
_OUR_FAULT = frozenset({EndCause.LOST, EndCause.NO_AUDIO})


def find(step: Step, *legs: LegId) -> Transfer | None:
    """Return in which transfer one of the legs is the third party's."""
    return next((one for one in step.workspace.transfers.values() if one.leg_id in legs), None)


def picked_up(step: Step, guest: Guest) -> None:
    """The phone of a third party is up."""
    transfer = find(step, guest.leg_id)
    if transfer is None:
        guests.hang_up(step, guest, "the talk is over")
    else:
        transfers.begin(step, transfer)


def bridged(step: Step, event: LegsBridged) -> bool:
    """Take in that two legs are joined; return whether one of them is a third party's."""
    transfer = find(step, event.customer_leg, event.agent_leg)
    if transfer is None:
        return False
    if transfer.state in JOINS and not transfer.joined:
        made(step, transfer)
    return True


def made(step: Step, transfer: Transfer) -> None:
    """The third party is joined as was ordered."""
    transfer.joined = True
    call = step.workspace.calls[transfer.call_id]
    guest = step.workspace.guests.get(transfer.leg_id)
    if guest is not None:
        guests.join(step, guest)
    other = step.workspace.agents[transfer.to_agent] if transfer.to_agent is not None else None
    if other is not None and other.state is AgentState.RESERVED:
        agents.move(step, other, AgentMove.CONNECT)
    transfers.note(step, transfer, f"{transfer.state}")
    if call.state is CallState.HELD and transfer.state is TransferState.CONFERRING:
        call.state = advance(CALL_MOVES, call.state, CallMove.CONFER)
    if transfer.state is not TransferState.CONSULTING:
        recording.rejoined(step, call)


def bridge_failed(step: Step, event: BridgeFailed) -> bool:
    """Take in that two legs could not be joined; return whether one of them is a third party's."""
    transfer = find(step, event.customer_leg, event.agent_leg)
    if transfer is None:
        return False
    if transfer.state in JOINS and not transfer.joined:
        part(step, transfer, f"not joined: {event.reason}")
    return True


def parted(step: Step, event: LegsParted) -> bool:
    """Take in that the way is gone by which two legs were joined; return whether one of them is a third party's."""
    transfer = find(step, event.customer_leg, event.agent_leg)
    if transfer is not None and transfer.joined:
        part(step, transfer, event.reason)
    return transfer is not None


def delivered(step: Step, event: Delivered) -> None:
    """An agent can read what is known of the customer: now they may be joined."""
    transfer = handovers.find(step, event.handover_id)
    if transfer is None:
        previews.delivered(step, event.handover_id)
    else:
        handovers.arrived(step, transfer)
        transfers.begin(step, transfer)


def not_delivered(step: Step, event: NotDelivered) -> None:
    """It cannot be recorded now: the customer stays."""
    transfer = handovers.find(step, event.handover_id)
    if transfer is None:
        previews.not_delivered(step, event.handover_id, event.reason)
    else:
        transfers.fail(step, transfer, f"the record was not delivered: {event.reason}")


def too_late(step: Step, call_id: CallId) -> None:
    """Nobody was found, or the record was not there, in time: the customer stays."""
    transfer = step.workspace.transfers.get(call_id)
    if transfer is not None and not transfer.delivered:
        late = "the record was not delivered in time" if transfer.leg_id else "nobody was free in time"
        transfers.fail(step, transfer, late)


def part(step: Step, transfer: Transfer, why: str = "not joined") -> None:
    """Let a third party go, and the customer go on without."""
    if transfer.state not in JOINS:
        transfers.fail(step, transfer, why)
        return
    transfers.dismiss(step, transfer, why)
    _without(step, transfer)


def gone(step: Step, leg_id: LegId, cause: EndCause) -> None:
    """The leg of a third party has ended."""
    transfer = find(step, leg_id)
    if transfer is None:
        return
    state, joined = transfer.state, transfer.joined
    transfers.note(step, transfer, f"gone: {cause}")
    transfers.forget(step, transfer)
    call, agent = step.workspace.calls[transfer.call_id], step.workspace.agents[transfer.agent_id]
    if state is TransferState.CALLING:
        if agent.leg_id is not None:
            step.emit(PlayMessage(leg_id=agent.leg_id, message=Message.TONE_REFUSED))
    elif state is TransferState.HANDED_OVER and joined and cause not in _OUR_FAULT:
        call_ends.hang_up(step, call, "the third party hung up")
    else:
        _without(step, transfer)


def look_after(step: Step) -> None:
    """Let those third parties go whose talk is over or not as it was, whatever the cause."""
    for transfer in list(step.workspace.transfers.values()):
        call = step.workspace.calls.get(transfer.call_id)
        if call is None or call.state not in _FITS[transfer.state] or not _has_agent(step, transfer):
            transfers.dismiss(step, transfer, "the talk is over, or its agent gone")
        elif _is_there(step, transfer):
            continue
        elif (transfer.wanted is not None or transfer.workflow) and transfer.state not in JOINS:
            handovers.over(step, transfer, HandoverOutcome.RETURNED)
            transfers.seek(step, transfer, call)
        else:
            part(step, transfer, "the other agent is gone")


def _without(step: Step, transfer: Transfer) -> None:
    """Let a customer go on whose third party is none any more."""
    call = step.workspace.calls[transfer.call_id]
    if call.state is CallState.TRANSFERRED:
        transfers.give_back(step, transfer, call)
    else:
        transfers.rejoin(step, call, step.workspace.agents[transfer.agent_id])


def _has_agent(step: Step, transfer: Transfer) -> bool:
    agent = step.workspace.agents[transfer.agent_id]
    if transfer.state in _WITHOUT_AGENT:
        return True
    return agent.state is AgentState.TALKING and agent.call_id == transfer.call_id


def _is_there(step: Step, transfer: Transfer) -> bool:
    """Return whether an agent who is the third party still is; others tell by their legs."""
    if transfer.to_agent is None:
        return True
    other = step.workspace.agents[transfer.to_agent]
    busy = other.state in (AgentState.RESERVED, AgentState.TALKING) and other.call_id is None
    return busy and other.leg_id == transfer.leg_id


def is_third(step: Step, agent_id: AgentId) -> bool:
    """Return whether an agent is the third party of another's talk."""
    return any(one.to_agent == agent_id for one in step.workspace.transfers.values())


def pair(step: Step, transfer: Transfer) -> tuple[LegId, LegId] | None:
    """Return who is to be joined with the third party, as a switch tells it; None of a talk of three."""
    call, agent = step.workspace.calls[transfer.call_id], step.workspace.agents[transfer.agent_id]
    if transfer.state is TransferState.HANDED_OVER:
        return call.leg_id, transfer.leg_id
    if transfer.state is TransferState.CONSULTING and agent.leg_id is not None:
        return transfer.leg_id, agent.leg_id
    return None
