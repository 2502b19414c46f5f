import msgspec
import pytest

from cli.doctor.findings import Health
from cli.trial.diagnosis import REMEDIES, TrialFacts, judge
from cli.trial.ladder import Audio as Wanted
from dialer.config import TrunkConfig
from dialer.core.states import EndCause
from telephony.sip.trial import AGENT, CUSTOMER, Audio, LegTrial

TRUNK = TrunkConfig(host="203.0.113.7", username="outdial", password_env="TRUNK_PASSWORD")
HEARD = Audio(
    codec="PCMU/8000",
    sent_packets=250,
    received_packets=250,
    lost_packets=0,
    jitter_ms=1.0,
    heard_from="203.0.113.7:4000",
    peak_level=0.2,
)
NOTHING = msgspec.structs.replace(HEARD, received_packets=0, heard_from="", peak_level=0.0)
WANTED = Wanted(host="203.0.113.7", port=4000)


def answered(audio=HEARD, *, leg=CUSTOMER):
    return LegTrial(
        leg=leg,
        dialed_at=0.0,
        ended_at=9.0,
        ringing_at=1.0,
        answered_at=4.0,
        replied=True,
        hung_up=True,
        cause=EndCause.CLEARED,
        sip_code=200,
        audio=audio,
    )


def refused(cause, code=None, *, leg=CUSTOMER, **changes):
    return LegTrial(
        **{"leg": leg, "dialed_at": 0.0, "ended_at": 1.0, "replied": code is not None, "text": "No"}
        | changes,
        cause=cause,
        sip_code=code,
    )


def judged(customer, **changes):
    facts = {
        "trunk_name": "main",
        "trunk": TRUNK,
        "bind": "198.51.100.20",
        "rtp_port": 30_000,
        "customer_audio": WANTED,
    }
    return judge(TrialFacts(**facts | {"customer": customer} | changes))


def test_a_call_with_audio_both_ways_is_well():
    (found,) = judged(answered())
    assert found.health is Health.OK
    assert "PCMU/8000" in found.text


@pytest.mark.parametrize(
    ("host", "words"),
    [
        pytest.param("10.1.2.3", "a private address", id="private"),
        pytest.param("0.0.0.0", "nobody's address", id="unspecified"),
        pytest.param("127.0.0.1", "this machine itself", id="loopback"),
        pytest.param("media.example", "no address", id="a-name"),
    ],
)
def test_an_address_in_sdp_that_cannot_be_right_is_named(host, words):
    (found,) = judged(answered(NOTHING), customer_audio=Wanted(host=host, port=4000))
    assert found.health is Health.FAILURE
    assert f"SDP names {host}:4000" in found.text
    assert words in found.text


def test_rtp_that_does_not_come_from_a_right_address_is_blocked():
    (found,) = judged(answered(NOTHING))
    assert found.health is Health.FAILURE
    assert "no audio came" in found.text
    assert "30000 to 30019" in found.remedy
    assert "firewall" in found.remedy


def test_audio_that_comes_from_elsewhere_shows_a_wrong_address():
    (found,) = judged(answered(), customer_audio=Wanted(host="10.1.2.3", port=4000))
    assert found.health is Health.WARNING
    assert "10.1.2.3:4000" in found.text


@pytest.mark.parametrize(
    ("audio", "words"),
    [
        pytest.param(msgspec.structs.replace(HEARD, lost_packets=50), "17% of the audio was lost", id="loss"),
        pytest.param(msgspec.structs.replace(HEARD, peak_level=0.0), "silent", id="silence"),
    ],
)
def test_bad_audio_is_a_warning(audio, words):
    (found,) = judged(answered(audio))
    assert found.health is Health.WARNING
    assert words in found.text


def test_an_answer_without_audio_is_a_failure():
    (found,) = judged(answered(None))
    assert found.health is Health.FAILURE


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"proved": True}, "the variable TRUNK_PASSWORD", id="wrong-password"),
        pytest.param({"trunk": TrunkConfig(host="203.0.113.7")}, "set username", id="no-account"),
        pytest.param({}, "before it asked for the password", id="not-allowed"),
    ],
)
def test_a_refused_account_says_where_to_look(changes, words):
    (found,) = judged(refused(EndCause.ACCOUNT_FAULT, 403), **changes)
    assert "403 No: account fault" in found.text
    assert words in found.remedy


@pytest.mark.parametrize("cause", [one for one in EndCause if one is not EndCause.ACCOUNT_FAULT])
def test_every_other_cause_has_a_remedy(cause):
    (found,) = judged(refused(cause, 500))
    assert found.health is Health.FAILURE
    assert found.remedy == REMEDIES.get(cause, REMEDIES[EndCause.CARRIER_FAULT])


def test_a_carrier_that_never_said_a_word_is_told_as_such():
    (found,) = judged(refused(EndCause.NO_REPLY))
    assert "never said a word" in found.text
    assert "dialer doctor" in found.remedy


def test_a_number_that_rings_on_was_not_answered_in_time():
    (found,) = judged(refused(EndCause.CANCELLED, 180, hung_up=True))
    assert "in time" in found.text


def test_a_dead_phone_of_an_agent_keeps_the_call_from_being_placed():
    (found,) = judged(None, agent=refused(EndCause.NO_REPLY, leg=AGENT))
    assert (found.check, found.health) == (AGENT, Health.FAILURE)
    assert "nobody else was called" in found.text


def test_both_sides_are_judged():
    found = judged(
        answered(), agent=answered(NOTHING, leg=AGENT), agent_audio=Wanted(host="10.0.0.2", port=5)
    )
    assert [(one.check, one.health) for one in found] == [(AGENT, Health.FAILURE), (CUSTOMER, Health.OK)]
    assert "the phone's SDP" in found[0].text or "10.0.0.2:5" in found[0].text
