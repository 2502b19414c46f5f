import msgspec
import pytest

from dialer.core.ids import LegId
from dialer.core.switch_events import LegRinging
from telephony.sip import protocol
from telephony.sip.protocol import End, Noted, Peer, Ping, Pipe, SetUp, Told, TrunkAccess


@pytest.fixture
def pipes():
    ours, theirs = protocol.pair()
    parent, worker = Pipe(ours, protocol.decode_report), Pipe(theirs, protocol.decode_order)
    yield parent, worker
    parent.close()
    worker.close()


def test_orders_arrive_whole_and_in_order(pipes):
    parent, worker = pipes
    setup = SetUp(
        version=1,
        bind="127.0.0.1",
        sip_port=1,
        cross_port=2,
        rtp_port=3,
        peers=(Peer("192.0.2.1"),),
        cross_peers=(),
        trunk=TrunkAccess(transport="udp"),
    )
    orders = [setup, Ping(), End(leg_id=LegId("r1-1"))]
    for order in orders:
        parent.send(order)

    assert worker.receive() == orders


def test_an_event_of_the_core_travels_inside_a_report(pipes):
    parent, worker = pipes
    report = Told(event=LegRinging(at=1.5, leg_id=LegId("r1-1"), sip_code=183, early_media=True))
    worker.send(report)

    assert parent.receive() == [report]


def test_nothing_is_lost_when_the_other_end_is_slow(pipes):
    parent, worker = pipes
    sent = [Noted(leg_id=LegId("r1-1"), at=float(n), direction="sent", text="x" * 8000) for n in range(200)]
    for report in sent:
        worker.send(report)
    assert worker.is_full

    arrived = []
    while worker.is_full:
        arrived += parent.receive()
        worker.flush()

    assert arrived + parent.receive() == sent


def test_the_end_of_the_other_side_is_noticed(pipes):
    parent, worker = pipes
    worker.close()

    assert parent.receive() == []
    assert parent.closed


def test_sending_to_an_end_that_is_gone_is_no_error(pipes):
    parent, worker = pipes
    worker.close()
    parent.send(Ping())

    assert parent.closed
    assert not parent.is_full


def test_another_language_is_refused(pipes):
    parent, worker = pipes
    parent.send(Ping())

    with pytest.raises(msgspec.DecodeError):
        Pipe(worker._socket, protocol.decode_report).receive()
