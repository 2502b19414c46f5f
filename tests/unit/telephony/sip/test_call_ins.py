from telephony.sip.call_ins import AWAITED_S, HELD_S, CallIns
from telephony.sip.protocol import CameIn, TurnAway


class Reception:
    """Remembers its orders."""

    def __init__(self):
        self.orders = []

    def send(self, order):
        self.orders.append(order)


def came(call_in, agent="anna"):
    return CameIn(call_in=call_in, agent=agent, host="192.0.2.10", port=5060)


def waiting():
    names = []
    one = CallIns()
    one.called_in = names.append
    return one, Reception(), names


def test_a_phone_that_comes_first_is_held_until_its_leg_is_ordered():
    call_ins, reception, names = waiting()

    assert call_ins.came(reception, came("1"), 0.0) is None
    assert names == ["anna"]
    held = call_ins.want("leg-1", "anna", 1.0)
    assert held.came.call_in == "1"
    order = held.order("leg-1")
    assert (order.leg_id, order.host, order.port, len(order.token)) == ("leg-1", "192.0.2.10", 5060, 32)
    assert call_ins.overdue(1000.0) == reception.orders == []


def test_a_leg_that_comes_first_waits_for_the_phone_and_nobody_is_told():
    call_ins, reception, names = waiting()

    assert call_ins.want("leg-1", "anna", 0.0) is None
    assert call_ins.came(reception, came("1", "berta"), 0.5) is None
    leg_id, call_in = call_ins.came(reception, came("2"), 1.0)
    assert (leg_id, call_in.came.call_in, names) == ("leg-1", "2", ["berta"])
    assert call_ins.legs == []


def test_the_newest_call_of_a_name_counts():
    call_ins, reception, _ = waiting()
    call_ins.came(reception, came("1"), 0.0)
    call_ins.came(reception, came("2"), 1.0)

    assert reception.orders == [TurnAway(call_in="1")]
    assert call_ins.want("leg-1", "anna", 2.0).came.call_in == "2"


def test_nobody_waits_for_ever():
    call_ins, reception, _ = waiting()
    call_ins.came(reception, came("1"), 0.0)
    call_ins.want("leg-2", "berta", 0.0)

    assert call_ins.overdue(HELD_S + 1) == []
    assert reception.orders == [TurnAway(call_in="1")]
    assert call_ins.overdue(AWAITED_S + 1) == ["leg-2"]
    assert call_ins.legs == []


def test_who_gives_up_is_waited_for_no_more():
    call_ins, reception, _ = waiting()
    call_ins.came(reception, came("1"), 0.0)
    call_ins.gave_up("1")
    call_ins.want("leg-1", "anna", 1.0)

    assert call_ins.withdraw("leg-1")
    assert not call_ins.withdraw("leg-1")
