"""Who is told what so that legs are joined, and what is left when one ends."""

import pytest

from dialer.core.commands import Bridge, Confer, Supervise
from dialer.core.guest_states import Supervision
from telephony.sip.protocol import Expect, Join, Leave
from telephony.sip.talks import Gone, Talks, Way

WAY = Way(port=5071, token="0f" * 16)


class Ordered:
    """Talks, and short words for what is ordered of them."""

    def __init__(self):
        self.talks = Talks()

    def bridge(self, customer, agent):
        command = Bridge(call_id="call-1", customer_leg=customer, agent_leg=agent)
        return list(self.talks.bridge(command, WAY))

    def confer(self, leg, beside):
        return list(self.talks.confer(Confer(leg_id=leg, beside=beside), WAY))

    def supervise(self, leg, agent, mode=Supervision.LISTEN):
        return list(self.talks.supervise(Supervise(leg_id=leg, agent_leg=agent, mode=mode), WAY))

    def leave(self, leg):
        return list(self.talks.leave(leg))


@pytest.fixture
def ordered():
    return Ordered()


def test_the_agents_worker_expects_the_customer_before_the_customers_calls_it(ordered):
    (first, expect), (second, join) = ordered.bridge("c", "a")

    assert (first, second) == ("a", "c")
    assert expect == Expect(agent_leg="a", customer_leg="c", token=WAY.token, tone=True)
    assert join == Join(customer_leg="c", agent_leg="a", named="a", cross_port=WAY.port, token=WAY.token)


def test_an_agent_hears_a_tone_before_a_customer_and_a_third_party_does_not(ordered):
    ordered.talks.guests.add("t")

    assert ordered.bridge("t", "a")[0][1].tone
    assert not ordered.bridge("c", "t")[0][1].tone


@pytest.mark.parametrize("beside", ["a", "c"])
def test_whoever_joins_a_talk_goes_to_its_hub_and_is_named_beside_whom_it_was_ordered(ordered, beside):
    ordered.bridge("c", "a")
    (hub, expect), (leg, join) = ordered.confer("t", beside)

    assert (hub, leg, expect.agent_leg, join.agent_leg) == ("a", "t", "a", "a")
    assert (expect.adds, expect.tone, join.named) == (True, False, beside)


def test_a_customer_who_joins_a_consult_goes_to_the_agents_worker(ordered):
    ordered.bridge("c", "a")
    ordered.leave("c")
    ordered.bridge("t", "a")

    assert ordered.confer("c", "t")[0][0] == "a"
    assert ordered.talks.hub("c") == ordered.talks.hub("t") == "a"


def test_whom_an_agent_leaves_are_in_no_talk_of_that_agent(ordered):
    ordered.bridge("c", "a")
    ordered.confer("t", "c")

    assert ordered.leave("a") == [("a", Leave(leg_id="a"))]
    assert ordered.talks.hub("c") == "c"
    assert ordered.talks.ended("a") == Gone((), ())


def test_a_customer_who_is_handed_over_has_the_third_party_as_hub(ordered):
    ordered.bridge("c", "a")
    ordered.confer("t", "c")
    ordered.leave("a")
    ordered.bridge("c", "t")

    assert ordered.talks.hub("c") == "t"
    assert ordered.talks.ended("t") == Gone(("c",), ())


def test_a_supervisor_is_no_part_of_the_talk_and_no_news_of_it_is_waited_for(ordered):
    ordered.bridge("c", "a")
    (hub, expect), (leg, join) = ordered.supervise("s", "a", Supervision.WHISPER)

    assert (hub, leg, expect.mode, expect.adds, join.listens) == (
        "a",
        "s",
        Supervision.WHISPER,
        True,
        True,
    )
    assert ordered.talks.is_supervisor("s")
    assert not ordered.talks.is_supervisor("c")


def test_a_supervisor_stays_from_talk_to_talk_and_ends_with_the_agents_leg(ordered):
    ordered.supervise("s", "a")
    ordered.bridge("c", "a")
    ordered.leave("a")
    ordered.bridge("d", "a")

    assert ordered.talks.ended("a") == Gone(("d", "s"), ("s",))
    assert not ordered.talks.is_supervisor("s")


def test_a_supervisor_who_ends_leaves_the_talk_as_it_is(ordered):
    ordered.bridge("c", "a")
    ordered.supervise("s", "a")

    assert ordered.talks.ended("s") == Gone(("a",), ())
    assert ordered.talks.hub("c") == "a"


def test_each_of_a_talk_of_three_has_the_hub_for_a_partner(ordered):
    ordered.bridge("c", "a")
    ordered.confer("t", "c")

    assert ordered.talks.ended("c") == Gone(("a",), ())
    assert ordered.talks.ended("a") == Gone(("t",), ())


def test_a_join_that_failed_is_none_and_an_old_failure_is_no_news(ordered):
    ordered.bridge("c", "a")
    ordered.bridge("c", "b")
    ordered.talks.failed("c", "a")
    assert ordered.talks.hub("c") == "b"

    ordered.talks.failed("c", "b")
    assert ordered.talks.hub("c") == "c"


def test_the_fault_is_a_guests_before_an_agents_and_an_agents_before_a_customers(ordered):
    ordered.talks.guests |= {"t", "s"}
    ordered.bridge("c", "a")
    ordered.confer("t", "c")
    ordered.supervise("s", "a")

    faults = [ordered.talks.at_fault(leg, "a") for leg in ("c", "t", "s")]
    assert faults == ["a", "t", "s"]
    ordered.leave("a")
    ordered.bridge("c", "t")
    assert ordered.talks.at_fault("c", "t") == "t"


def test_a_cross_leg_that_is_needed_no_more_is_nobodys_fault(ordered):
    ordered.bridge("c", "a")
    ordered.leave("c")

    assert ordered.talks.at_fault("c", "a") is None
    assert ordered.talks.at_fault("a", "a") is None
