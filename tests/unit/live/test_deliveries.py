"""When an engine is told that an agent can read what a handover gives."""

from dialer.core.commands import Deliver
from dialer.core.events import Delivered, NotDelivered
from dialer.live.deliveries import Deliveries
from dialer.live.rounds import NotRecorded, Recorded


def held(*rounds):
    deliveries = Deliveries()
    for round_ in rounds:
        deliveries.hold(round_, Deliver(handover_id=f"h-{round_}"))
    return deliveries


def recorded(round_, *undelivered):
    return Recorded(round=round_, addresses={}, refused={}, undelivered=frozenset(undelivered))


def test_a_handover_is_told_of_once_its_round_is_recorded():
    deliveries = held(2, 3)

    assert deliveries.release(recorded(1), at=5.0) == []
    assert deliveries.release(recorded(2), at=6.0) == [Delivered(at=6.0, handover_id="h-2")]
    assert deliveries.release(recorded(3), at=7.0) == [Delivered(at=7.0, handover_id="h-3")]
    assert deliveries.release(recorded(3), at=8.0) == []


def test_a_handover_that_the_database_refused_is_not_delivered():
    (told,) = held(2).release(recorded(2, "h-2"), at=6.0)

    assert isinstance(told, NotDelivered)


def test_a_handover_of_a_round_that_could_not_be_recorded_is_given_up_at_the_first_failure():
    deliveries = held(2, 3)
    (told,) = deliveries.cancel(NotRecorded(rounds=(2,)), at=6.0)

    assert (told.handover_id, type(told)) == ("h-2", NotDelivered)
    assert deliveries.release(recorded(2), at=7.0) == []
