"""The words for a task on its way to an agent and through its hands, and every allowed change between them."""

from collections.abc import Mapping
from enum import StrEnum


class TaskState(StrEnum):
    """What becomes of a task."""

    WAITING = "waiting"  # for an agent
    OFFERED = "offered"  # an agent was asked, and has not said anything yet
    WORKING = "working"
    ENDED = "ended"


class TaskMove(StrEnum):
    """What makes a task's state change."""

    OFFER = "offer"
    GIVE = "give"  # without asking
    ACCEPT = "accept"
    DECLINE = "decline"
    LAPSE = "lapse"  # nothing was said in time
    WITHDRAW = "withdraw"  # the agent cannot have it any more, or is gone
    HAND_ON = "hand_on"  # to another queue or agent
    END = "end"  # by its agent
    CANCEL = "cancel"  # by its customer, or whoever brought it


_T, _M = TaskState, TaskMove

TASK_MOVES: Mapping[tuple[TaskState, TaskMove], TaskState] = {
    (_T.WAITING, _M.OFFER): _T.OFFERED,
    (_T.WAITING, _M.GIVE): _T.WORKING,
    (_T.OFFERED, _M.ACCEPT): _T.WORKING,
    (_T.OFFERED, _M.DECLINE): _T.WAITING,
    (_T.OFFERED, _M.LAPSE): _T.WAITING,
    (_T.OFFERED, _M.WITHDRAW): _T.WAITING,
    (_T.WORKING, _M.WITHDRAW): _T.WAITING,
    (_T.WORKING, _M.HAND_ON): _T.WAITING,
    (_T.WORKING, _M.END): _T.ENDED,
    # A customer may leave at any moment.
    **{(state, _M.CANCEL): _T.ENDED for state in _T if state is not _T.ENDED},
}
