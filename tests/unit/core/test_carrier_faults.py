"""Whose fault it is that a call failed, from the network's words on."""

import pytest

from dialer.core.rules.carrier_faults import in_words, is_carrier_fault, is_definite
from dialer.core.switch_events import LegEnded
from telephony.causes import end_cause


def end(code, q850=None, text=""):
    return LegEnded(at=0.0, leg_id="leg", cause=end_cause(code, q850), sip_code=code, q850=q850, text=text)


@pytest.mark.parametrize(
    ("code", "q850"),
    [
        pytest.param(None, None, id="no-reply"),
        pytest.param(401, None, id="unauthorized"),
        pytest.param(403, None, id="forbidden"),
        pytest.param(407, None, id="proxy-authentication"),
        pytest.param(408, None, id="timeout"),
        pytest.param(500, None, id="server-error"),
        pytest.param(503, None, id="unavailable"),
        pytest.param(503, 34, id="no-circuit"),
        pytest.param(503, 38, id="network-out-of-order"),
        pytest.param(503, 41, id="temporary-failure"),
        pytest.param(504, None, id="gateway-timeout"),
    ],
)
def test_what_the_carrier_cannot_do_is_its_fault(code, q850):
    assert is_carrier_fault(end(code, q850), rang=False)


@pytest.mark.parametrize(
    ("code", "q850"),
    [
        pytest.param(403, 1, id="forbidden-because-unallocated"),
        pytest.param(404, None, id="no-such-number"),
        pytest.param(408, 18, id="nobody-answered"),
        pytest.param(480, None, id="unavailable-for-now"),
        pytest.param(480, 34, id="congestion-said-of-the-number"),
        pytest.param(484, None, id="incomplete"),
        pytest.param(486, None, id="busy"),
        pytest.param(488, None, id="no-common-audio"),
        pytest.param(500, 17, id="server-error-because-busy"),
        pytest.param(503, 1, id="unavailable-because-unallocated"),
        pytest.param(503, 3, id="unavailable-because-no-route-to-the-number"),
        pytest.param(503, 28, id="unavailable-because-invalid"),
        pytest.param(603, None, id="declined"),
    ],
)
def test_what_speaks_of_the_number_or_the_person_stays_theirs(code, q850):
    assert not is_carrier_fault(end(code, q850), rang=False)


@pytest.mark.parametrize(("code", "fault"), [(408, False), (503, True)])
def test_after_ringing_a_timeout_is_the_numbers_and_a_failure_still_the_carriers(code, fault):
    assert is_carrier_fault(end(code), rang=True) is fault


@pytest.mark.parametrize(
    ("code", "rang", "definite"),
    [
        pytest.param(503, False, True, id="refused"),
        pytest.param(None, False, False, id="silence-may-have-heard-us"),
        pytest.param(503, True, False, id="somebody-may-have-noticed"),
    ],
)
def test_another_trunk_may_try_at_once_only_if_nobody_can_be_called_by_the_first(code, rang, definite):
    assert is_definite(end(code), rang=rang) is definite


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (end(503, text="Service Unavailable"), "503 Service Unavailable"),
        (end(503), "503"),
        (end(None), "no reply"),
    ],
)
def test_a_fault_is_named_in_the_networks_words(ended, words):
    assert in_words(ended) == words
