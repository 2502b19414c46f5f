import pytest

from dialer.config import CallerIdForm, SipConfig, TrunkConfig
from dialer.core.commands import CallAgent, CallGuest, Originate
from telephony.sip.dialing import Dialing

TRUNK = TrunkConfig(
    host="192.0.2.1",
    strip="+1",
    caller_id="+12125550199",
    caller_id_form=CallerIdForm.DIALED,
    asserted_identity=True,
)


@pytest.fixture
def dialing():
    config = SipConfig(bind="192.0.2.9", allowed_phone_hosts=("192.0.2.0/24",))
    return Dialing(config, {"main": TRUNK})


def guest(trunk=None, caller_id=""):
    return CallGuest(leg_id="x-1", guest_id=1, beside="x-9", trunk=trunk, caller_id=caller_id)


def test_a_third_partys_number_is_dialed_as_a_customers_through_that_trunk(dialing):
    facts = {"call_id": "c-1", "attempt_id": "a-1", "lead_id": 1}
    lead = Originate(leg_id="x-1", trunk="main", caller_id="+12125550111", **facts)
    number = "+12125550100"

    trunk, dial = dialing.order(guest("main", "+12125550111"), number)
    assert (trunk, dial) == dialing.order(lead, number)
    assert dial.uri == "sip:2125550100@192.0.2.1:5060;transport=udp"
    assert (dial.caller, dial.identity) == ("sip:2125550111@192.0.2.9", "<sip:2125550111@192.0.2.9>")


def test_a_guests_phone_is_dialed_as_an_agents(dialing):
    uri = "sip:expert@192.0.2.7:5070;transport=tcp"

    order = dialing.order(guest(), uri)
    assert order == dialing.order(CallAgent(leg_id="x-1", agent_id=1), uri)
    assert (order[0], order[1].host, order[1].port) == (None, "192.0.2.7", 5070)


@pytest.mark.parametrize(
    ("trunk", "address"),
    [
        pytest.param(None, "sip:expert@198.51.100.7", id="a-phone-elsewhere"),
        pytest.param(None, "calls-in:anna", id="no-address-of-a-phone"),
        pytest.param(None, "+12125550100", id="a-number-without-a-trunk"),
        pytest.param("main", "sip:expert@192.0.2.7", id="a-phone-through-a-trunk"),
        pytest.param("main", "12125550100", id="not-in-international-form"),
    ],
)
def test_whoever_may_not_or_cannot_be_called_is_refused(dialing, trunk, address):
    with pytest.raises(ValueError, match=r"not |allowed"):
        dialing.order(guest(trunk), address)
