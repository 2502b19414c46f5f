"""Records of handovers that wait to be in the database: told of once an agent can read them, or at the first failure."""

from dialer.core.commands import Deliver
from dialer.core.events import Delivered, NotDelivered
from dialer.core.ids import HandoverId
from dialer.live.rounds import NotRecorded, Recorded

_NOT_RECORDED = "the database took no record"


class Deliveries:
    """Handovers by the round that made them."""

    def __init__(self) -> None:
        self._held: dict[HandoverId, int] = {}

    def hold(self, round_: int, command: Deliver) -> None:
        """Tell of a handover once its round is recorded."""
        self._held[command.handover_id] = round_

    def release(self, recorded: Recorded, *, at: float) -> list[Delivered | NotDelivered]:
        """Return what is to be told of the handovers whose rounds are recorded."""
        there = [one for one, round_ in self._held.items() if round_ <= recorded.round]
        for handover_id in there:
            del self._held[handover_id]
        return [
            NotDelivered(at=at, handover_id=one, reason=_NOT_RECORDED)
            if one in recorded.undelivered
            else Delivered(at=at, handover_id=one)
            for one in there
        ]

    def cancel(self, lost: NotRecorded, *, at: float) -> list[NotDelivered]:
        """Return what is to be told of those whose round could not be recorded; nobody waits for a second try."""
        failed = [one for one, round_ in self._held.items() if round_ in lost.rounds]
        for handover_id in failed:
            del self._held[handover_id]
        return [NotDelivered(at=at, handover_id=one, reason=_NOT_RECORDED) for one in failed]
