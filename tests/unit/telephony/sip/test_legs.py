"""What a leg makes of the wire; PJSIP's own calls are in the integration tests."""

import pytest

from dialer.core.ids import LegId
from dialer.core.states import EndCause
from dialer.network_words import Says
from telephony.sip.calls import StateSeen
from telephony.sip.legs import Leg
from telephony.sip.translate import WireMessage


class EndedCall:
    ended = True
    had_audio = False

    def hang_up(self, code=0):
        """Nothing is left to end."""


def sent(method):
    return WireMessage(True, method, None, "r1-1", None, False, "")


def got(code, method="INVITE", *, q850=None, has_sdp=False, text=""):
    return WireMessage(False, method, code, "r1-1", q850, has_sdp, text)


def leg_after(*messages, hung_up=False, answered=False, cause=None, says=()):
    leg = Leg(LegId("r1-1"), EndedCall(), 0.0, says=says)
    for message in messages:
        leg.see(0.0, message)
    leg.answered = answered
    if hung_up:
        leg.hang_up(cause)
    return leg


def end(leg):
    return leg.ending(StateSeen(leg.call, 6, 0, "Some Words", 7.0))


@pytest.mark.parametrize(
    ("leg", "cause", "sip_code", "q850"),
    [
        pytest.param(leg_after(sent("INVITE"), got(486, q850=17)), EndCause.BUSY, 486, 17, id="busy"),
        pytest.param(
            leg_after(sent("INVITE"), got(486), got(603), got(200)),
            EndCause.BUSY,
            486,
            None,
            id="busy-and-more",
        ),
        pytest.param(
            leg_after(got(180), got(200), answered=True),
            EndCause.MEDIA_REFUSED,
            200,
            None,
            id="no-audio-made",
        ),
        pytest.param(leg_after(sent("INVITE")), EndCause.NO_REPLY, None, None, id="not-a-word"),
        pytest.param(
            leg_after(sent("INVITE"), got(100)), EndCause.NO_ANSWER, None, None, id="trying-for-ever"
        ),
        pytest.param(
            leg_after(got(401), got(180), got(480, q850=20)), EndCause.UNREACHABLE, 480, 20, id="after-401"
        ),
        pytest.param(leg_after(got(401), got(403)), EndCause.ACCOUNT_FAULT, 403, None, id="wrong-password"),
        pytest.param(leg_after(got(180), hung_up=True), EndCause.CANCELLED, None, None, id="cancelled-by-us"),
        pytest.param(leg_after(got(200)), EndCause.MEDIA_REFUSED, 200, None, id="audio-we-cannot-speak"),
        pytest.param(
            leg_after(got(200), got(None, "BYE"), answered=True), EndCause.CLEARED, 200, None, id="talked"
        ),
        pytest.param(
            leg_after(got(200), answered=True, hung_up=True, cause=EndCause.NO_AUDIO),
            EndCause.NO_AUDIO,
            200,
            None,
            id="no-audio",
        ),
    ],
)
def test_a_legs_end_is_told_in_our_words(leg, cause, sip_code, q850):
    event = end(leg)

    assert (event.cause, event.sip_code, event.q850, event.at) == (cause, sip_code, q850, 7.0)


def test_the_first_reason_to_hang_up_counts():
    leg = leg_after(got(200), answered=True, hung_up=True, cause=EndCause.NO_AUDIO)
    leg.hang_up(EndCause.LOST)

    assert end(leg).cause is EndCause.NO_AUDIO


def test_early_media_is_a_183_with_a_session():
    leg = leg_after(got(183, has_sdp=True))

    assert leg.ringing(StateSeen(leg.call, 3, 183, "", 1.0)).early_media
    assert not leg.ringing(StateSeen(leg.call, 3, 180, "", 1.0)).early_media


def test_a_place_is_free_once_every_request_was_answered():
    leg = leg_after(sent("INVITE"), got(200), sent("ACK"), sent("BYE"))
    assert not leg.released(1.0)

    leg.see(1.0, got(200, "BYE"))
    assert leg.released(1.0)


def test_a_place_is_held_while_pjsip_still_repeats_an_invite():
    leg = leg_after(sent("INVITE"))

    assert not leg.released(32.0)
    assert leg.released(33.1)


OFF = (Says(text="switched off", means=EndCause.SWITCHED_OFF),)
REFUSAL = 'SIP/2.0 480 Unavailable\r\nReason: Q.850;cause=20;text="Subscriber switched off"\r\n\r\n'


def test_the_trunks_table_is_asked_before_the_general_one_and_the_words_are_kept():
    ended = end(leg_after(sent("INVITE"), got(480, q850=20, text=REFUSAL), says=OFF))
    assert (ended.cause, ended.text) == (EndCause.SWITCHED_OFF, "Unavailable; Subscriber switched off")


def test_what_we_hung_up_is_not_looked_up():
    leg = leg_after(sent("INVITE"), got(487, text=REFUSAL), hung_up=True, says=OFF)
    assert end(leg).cause is EndCause.CANCELLED
