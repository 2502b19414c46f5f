import pytest

from dialer.core.states import EndCause
from telephony.causes import end_cause


@pytest.mark.parametrize(
    ("sip_code", "q850", "cause"),
    [
        pytest.param(486, 17, EndCause.BUSY, id="busy"),
        pytest.param(600, None, EndCause.BUSY, id="busy-everywhere"),
        pytest.param(480, None, EndCause.NO_ANSWER, id="unavailable-says-nothing-more"),
        pytest.param(480, 19, EndCause.NO_ANSWER, id="unavailable-alerting"),
        pytest.param(480, 20, EndCause.UNREACHABLE, id="subscriber-absent"),
        pytest.param(480, 17, EndCause.BUSY, id="unavailable-but-busy"),
        pytest.param(480, 1, EndCause.UNALLOCATED, id="unavailable-but-unallocated"),
        pytest.param(408, 102, EndCause.NO_ANSWER, id="carrier-gave-up-ringing"),
        pytest.param(487, None, EndCause.NO_ANSWER, id="cancelled-by-the-carrier"),
        pytest.param(603, 21, EndCause.DECLINED, id="declined"),
        pytest.param(607, None, EndCause.DECLINED, id="unwanted"),
        pytest.param(404, None, EndCause.UNALLOCATED, id="not-found"),
        pytest.param(485, None, EndCause.UNALLOCATED, id="ambiguous"),
        pytest.param(604, None, EndCause.UNALLOCATED, id="exists-nowhere"),
        pytest.param(503, 1, EndCause.UNALLOCATED, id="unallocated-by-cause-only"),
        pytest.param(404, 22, EndCause.CHANGED, id="changed-by-cause"),
        pytest.param(410, None, EndCause.CHANGED, id="gone"),
        pytest.param(301, None, EndCause.CHANGED, id="moved"),
        pytest.param(484, None, EndCause.INVALID_FORMAT, id="incomplete"),
        pytest.param(500, 28, EndCause.INVALID_FORMAT, id="incomplete-by-cause"),
        pytest.param(401, None, EndCause.ACCOUNT_FAULT, id="unauthorised"),
        pytest.param(403, None, EndCause.ACCOUNT_FAULT, id="forbidden"),
        pytest.param(407, None, EndCause.ACCOUNT_FAULT, id="proxy-unauthorised"),
        pytest.param(488, None, EndCause.MEDIA_REFUSED, id="not-acceptable-here"),
        pytest.param(606, None, EndCause.MEDIA_REFUSED, id="not-acceptable"),
        pytest.param(503, 34, EndCause.CONGESTION, id="no-circuit"),
        pytest.param(503, 42, EndCause.CONGESTION, id="switch-congested"),
        pytest.param(503, None, EndCause.CARRIER_FAULT, id="service-unavailable"),
        pytest.param(500, 41, EndCause.CARRIER_FAULT, id="server-fault"),
        pytest.param(502, 27, EndCause.UNREACHABLE, id="destination-out-of-order"),
        pytest.param(504, None, EndCause.CARRIER_FAULT, id="gateway-timeout"),
        pytest.param(599, None, EndCause.CARRIER_FAULT, id="unheard-of"),
        pytest.param(None, None, EndCause.NO_REPLY, id="not-a-word"),
    ],
)
def test_a_refusal_has_one_cause(sip_code, q850, cause):
    assert end_cause(sip_code, q850) is cause


def test_a_busy_line_stays_busy_whatever_the_carrier_adds():
    assert {end_cause(486, q850) for q850 in range(128)} == {EndCause.BUSY}


def test_every_code_and_cause_has_a_word():
    assert all(
        isinstance(end_cause(code, q850), EndCause)
        for code in range(300, 700)
        for q850 in (None, *range(128))
    )
