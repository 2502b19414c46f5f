"""What an agent is given to read of a customer before they speak: nobody is joined before it is on record.

The core knows only that it is there, and for whom. If it cannot be recorded in time, the customer stays where it is.
"""

from dialer.core.commands import Deliver
from dialer.core.floor import agents
from dialer.core.ids import CallId, HandoverId
from dialer.core.records import HandoverEnded, HandoverStarted
from dialer.core.step import Step
from dialer.core.talk_parties import Transfer
from dialer.core.transfer_states import HandoverOutcome
from dialer.core.workspace import Agent

DELIVERY_S = 3.0
"""How long the record may take. A guess: about what an agent waits before asking again; writing it takes milliseconds."""


def timer(call_id: CallId) -> str:
    """Return the name of the timer after which a record comes too late."""
    return f"handover:{call_id}"


def begin(step: Step, transfer: Transfer, other: Agent) -> None:
    """Choose an agent for another's talk, and have the record delivered."""
    if other.leg_id is None:
        return
    agents.reserve(step, other)
    transfer.to_agent, transfer.leg_id = other.agent_id, other.leg_id
    handover_id = HandoverId(step.new_id())
    transfer.handover_id, transfer.delivered = handover_id, False
    call = step.workspace.calls[transfer.call_id]
    step.emit(
        HandoverStarted(
            at=step.at,
            handover_id=handover_id,
            way=transfer.way,
            call_id=call.call_id,
            attempt_id=call.attempt_id,
            agent_id=transfer.agent_id,
            to_agent_id=other.agent_id,
        )
    )
    step.emit(Deliver(handover_id=handover_id))
    step.start_timer(timer(call.call_id), step.at + DELIVERY_S)


def find(step: Step, handover_id: HandoverId) -> Transfer | None:
    """Return the transfer that waits for a record; None if it does no more."""
    waiting = (one for one in step.workspace.transfers.values() if not one.delivered)
    return next((one for one in waiting if one.handover_id == handover_id), None)


def arrived(step: Step, transfer: Transfer) -> None:
    """Note that the record can be read."""
    transfer.delivered = True
    step.stop_timer(timer(transfer.call_id))


def over(step: Step, transfer: Transfer, outcome: HandoverOutcome) -> None:
    """Put on record what became of the customer whose record was given."""
    step.stop_timer(timer(transfer.call_id))
    if transfer.handover_id is not None:
        step.emit(HandoverEnded(at=step.at, handover_id=transfer.handover_id, outcome=outcome))
        transfer.handover_id, transfer.delivered = None, False
