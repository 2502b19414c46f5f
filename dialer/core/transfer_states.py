"""The words for how a third party takes part in a talk, and every allowed change between them.

A talk has one third party at a time: somebody outside, whom the switch calls, or another agent, who is there already.
"""

from collections.abc import Mapping
from enum import StrEnum


class Way(StrEnum):
    """What a third party is wanted for."""

    BLIND = "blind"  # takes the customer at once; the agent is free
    CONSULT = "consult"  # speaks with the agent first, while the customer is held
    CONFERENCE = "conference"  # all three speak


class Arrangement(StrEnum):
    """What an agent can make of a talk that has a third party."""

    CONFERENCE = "conference"  # all three speak
    COMPLETE = "complete"  # the agent leaves the other two to each other
    RETURN = "return"  # the third party goes


class TransferState(StrEnum):
    """Who speaks with whom."""

    CALLING = "calling"  # the third party's phone rings, or an agent is sought or given the record; customer and agent speak
    AWAITED = "awaited"  # likewise; the customer is held for it, and the agent gone
    CONSULTING = "consulting"  # agent and third party speak; the customer is held
    CONFERRING = "conferring"  # all three do
    HANDED_OVER = "handed_over"  # customer and third party do; the agent is gone
    OVER = "over"  # the third party is out of it


class HandoverOutcome(StrEnum):
    """What became of a customer whose record an agent was given."""

    TAKEN = "taken"  # the customer is that agent's
    RETURNED = "returned"  # and stayed with, or came back to, who handed over
    UNKNOWN = "unknown"  # the run died meanwhile


class TransferMove(StrEnum):
    """What makes it change."""

    LEAVE = "leave"  # the agent goes before anybody picked up
    CONSULT = "consult"
    CONFER = "confer"
    HAND_OVER = "hand_over"
    END = "end"


_S, _M = TransferState, TransferMove

TRANSFER_MOVES: Mapping[tuple[TransferState, TransferMove], TransferState] = {
    (_S.CALLING, _M.LEAVE): _S.AWAITED,
    (_S.CALLING, _M.CONSULT): _S.CONSULTING,
    (_S.CALLING, _M.CONFER): _S.CONFERRING,
    (_S.AWAITED, _M.HAND_OVER): _S.HANDED_OVER,
    (_S.CONSULTING, _M.CONFER): _S.CONFERRING,
    (_S.CONSULTING, _M.HAND_OVER): _S.HANDED_OVER,
    (_S.CONFERRING, _M.HAND_OVER): _S.HANDED_OVER,
    **{(state, _M.END): _S.OVER for state in _S if state is not _S.OVER},
}
