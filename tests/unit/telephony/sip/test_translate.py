import pytest

from dialer.config import CallerIdForm, Transport, TrunkConfig
from dialer.phone_hosts import PhoneHosts
from telephony.sip.translate import (
    agent_address,
    as_dialed,
    asserted_identity,
    caller_uri,
    check_phone_host,
    clean,
    file_name,
    number_uri,
    plain_key,
    shown,
    wire_message,
    words,
)

TRUNK = TrunkConfig(host="carrier.example", port=5070, transport=Transport.TCP, username="account-7")

BUSY = (
    "SIP/2.0 486 Busy Here\r\nVia: SIP/2.0/UDP 127.0.0.1:15062\r\nCall-ID: r1-7\r\nCSeq: 21855 INVITE\r\n"
    'Reason: Q.850;cause=17;text="User busy"\r\nContent-Length: 0\r\n\r\n'
)
PROGRESS = "SIP/2.0 183 Session Progress\r\ni: r1-7\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"


def logged(way, summary, text):
    preposition = "to" if way == "TX" else "from"
    return f"{way} {len(text)} bytes {summary}/cseq=21855 (data0x7f) {preposition} UDP 127.0.0.1:5070:\n{text}\n--end msg--"


def test_a_number_is_called_through_its_trunk():
    assert number_uri("+12125550100", TRUNK) == "sip:+12125550100@carrier.example:5070;transport=tcp"


@pytest.mark.parametrize(
    "number",
    [
        "",
        "12125550100",
        "+0125550100",
        "+1212555010012345",
        "+1212555\r\nX-Evil: 1",
        "+12125550100\n",
        "+12125550100@elsewhere",
        "+1212;phone-context=1",
        "+１２１２５５５０１００",
    ],
)
def test_what_is_no_number_is_never_called(number):
    with pytest.raises(ValueError, match=r"E\.164"):
        number_uri(number, TRUNK)


@pytest.mark.parametrize(
    ("rules", "number", "dialed"),
    [
        pytest.param({}, "+12125550100", "+12125550100", id="none"),
        pytest.param({"strip": "+"}, "+12125550100", "12125550100", id="without-the-plus"),
        pytest.param({"strip": "+1"}, "+12125550100", "2125550100", id="national"),
        pytest.param({"strip": "+1"}, "+442079460000", "+442079460000", id="another-country-as-it-is"),
        pytest.param({"strip": "+", "prefix": "9"}, "+12125550100", "912125550100", id="outside-line"),
        pytest.param({"strip": "+44", "prefix": "0"}, "+442079460000", "02079460000", id="trunk-prefix"),
        pytest.param(
            {"strip": "+1", "international_prefix": "011"}, "+442079460000", "011442079460000", id="abroad"
        ),
        pytest.param(
            {"strip": "+1", "international_prefix": ""},
            "+442079460000",
            "442079460000",
            id="abroad-no-prefix",
        ),
    ],
)
def test_a_number_takes_the_form_that_its_trunk_wants(rules, number, dialed):
    trunk = TrunkConfig(host="c", **rules)

    assert as_dialed(number, trunk) == dialed
    assert number_uri(number, trunk) == f"sip:{dialed}@c:5060;transport=udp"


def test_a_rule_that_leaves_nothing_dials_nothing():
    with pytest.raises(ValueError, match="leaves nothing"):
        number_uri("+1212555", TrunkConfig(host="c", strip="+1212555"))


def test_the_caller_id_takes_the_trunks_form_only_if_asked():
    rules = {"host": "c", "strip": "+1", "caller_id": "+12125550199"}

    assert caller_uri("", TrunkConfig(**rules), bind="b") == "sip:+12125550199@b"
    national = TrunkConfig(**rules, caller_id_form=CallerIdForm.DIALED)
    assert caller_uri("", national, bind="b") == "sip:2125550199@b"


@pytest.mark.parametrize(
    ("identity", "caller_id", "sent"),
    [
        (False, "+12125550199", ""),
        (True, "+12125550199", "<sip:+12125550199@192.0.2.1>"),
        (True, "", ""),
        ("+12125550150", "+12125550199", "<sip:+12125550150@192.0.2.1>"),
        ("+12125550150", "", "<sip:+12125550150@192.0.2.1>"),
    ],
)
def test_the_identity_that_is_asserted_is_the_caller_id_or_a_number_of_its_own(identity, caller_id, sent):
    trunk = TrunkConfig(host="c", username="account-7", asserted_identity=identity)

    assert asserted_identity(caller_id, trunk, bind="192.0.2.1") == sent


def test_a_phone_at_a_host_that_is_not_allowed_is_refused_with_the_remedy():
    hosts = PhoneHosts(("192.0.2.0/24",))

    check_phone_host(agent_address("sip:anna@192.0.2.10:5060"), hosts)
    with pytest.raises(ValueError, match=r"192\.0\.3\.10.*sip\.allowed_phone_hosts"):
        check_phone_host(agent_address("sip:anna@192.0.3.10"), hosts)


def test_the_caller_id_of_the_call_comes_before_the_trunks():
    trunk = TrunkConfig(host="c", caller_id="+12125550198")

    assert caller_uri("+12125550199", trunk, bind="192.0.2.1") == "sip:+12125550199@192.0.2.1"
    assert caller_uri("", trunk, bind="192.0.2.1") == "sip:+12125550198@192.0.2.1"


def test_without_a_caller_id_the_account_calls():
    assert caller_uri("", TRUNK, bind="192.0.2.1") == "sip:account-7@192.0.2.1"
    assert caller_uri("", TrunkConfig(host="c", username='a" <b'), bind="192.0.2.1") == "sip:dialer@192.0.2.1"


def test_a_caller_id_cannot_add_a_header():
    with pytest.raises(ValueError, match="caller id"):
        caller_uri("+12125550199>\r\nX: y", TRUNK, bind="192.0.2.1")


@pytest.mark.parametrize(
    ("uri", "host", "port", "transport"),
    [
        ("sip:agent-1@127.0.0.1:5080", "127.0.0.1", 5080, "udp"),
        ("sip:anna@phones.example", "phones.example", None, "udp"),
        ("sip:anna@phones.example;transport=tcp", "phones.example", None, "tcp"),
    ],
)
def test_an_agents_address_is_read(uri, host, port, transport):
    assert agent_address(uri) == (uri, host, port, transport)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "anna@phones.example",
        "sips:anna@phones.example",
        "sip:phones.example",
        "sip:anna:secret@phones.example",
        "sip:anna@phones.example?Subject=x",
        "sip:anna@phones.example;lr",
        "sip:anna@phones.example:0",
        "sip:anna@phones.example:65536",
        "<sip:anna@phones.example>",
        "sip:anna@phones.example\r\nX: y",
        "sip:anna@phones.example\n",
        "sip:%0d%0a@phones.example",
    ],
)
def test_what_is_no_plain_sip_address_is_never_called(uri):
    with pytest.raises(ValueError, match="SIP address"):
        agent_address(uri)


def test_a_refusal_on_the_wire_is_read():
    message = wire_message(logged("RX", "Response msg 486/INVITE", BUSY))

    assert message is not None
    assert (message.sent, message.method, message.code, message.call_id, message.q850, message.has_sdp) == (
        False,
        "INVITE",
        486,
        "r1-7",
        17,
        False,
    )
    assert message.text == BUSY


def test_ringing_with_audio_is_seen():
    message = wire_message(logged("RX", "Response msg 183/INVITE", PROGRESS))

    assert message is not None
    assert message.has_sdp
    assert message.call_id == "r1-7"


def test_a_request_has_no_code():
    message = wire_message(logged("TX", "Request msg BYE", "BYE sip:x SIP/2.0\r\nCall-ID: r1-7\r\n\r\n"))

    assert message is not None
    assert (message.sent, message.method, message.code) == (True, "BYE", None)


@pytest.mark.parametrize(
    "line", ["", "TX something else", "Call 0 hanging up: code=0..", "RX 12 bytes of noise"]
)
def test_other_lines_of_the_log_are_no_messages(line):
    assert wire_message(line) is None


def test_the_answer_to_a_challenge_is_not_shown():
    text = (
        'INVITE sip:x SIP/2.0\r\nProxy-Authorization: Digest username="u", response="0123abc", nc=1\r\n\r\n'
    )

    assert "0123abc" not in shown(text)
    assert 'username="u", response="...", nc=1' in shown(text)


def test_bytes_that_are_no_text_do_not_travel_further():
    assert clean("Busy \udcff") == "Busy ?"


def test_a_recording_stays_in_its_directory():
    assert file_name("r1-7", ".wav") == "r1-7.wav"
    for name in ("", "../x", "a/b", ".hidden", "a\0b"):
        with pytest.raises(ValueError, match="name"):
            file_name(name, ".wav")


def info(body, kind="application/dtmf", way="RX"):
    text = f"INFO sip:x SIP/2.0\r\nCall-ID: r1-7\r\nCSeq: 5 INFO\r\nContent-Type: {kind}\r\n\r\n{body}"
    message = wire_message(logged(way, "Request msg INFO", text))
    assert message is not None
    return message


@pytest.mark.parametrize(
    ("body", "key"), [("6", "6"), ("*", "*"), ("d", "D"), ("10", "*"), ("11", "#"), ("15\r\n", "D")]
)
def test_a_key_in_a_plain_info_is_read(body, key):
    assert plain_key(info(body)) == (5, key)


@pytest.mark.parametrize("body", ["", "16", "66", "!", "Signal=1"])
def test_what_is_no_key_is_not_read(body):
    assert plain_key(info(body)) is None


def test_only_a_received_info_of_that_type_tells_a_key():
    assert plain_key(info("6", kind="application/dtmf-relay")) is None
    assert plain_key(info("6", way="TX")) is None


def test_keys_are_not_shown():
    assert shown(info("Signal=6", kind="application/dtmf-relay").text).endswith("dtmf-relay\r\n\r\n...")


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        pytest.param("", "Gone Away", id="the-phrase-alone"),
        pytest.param(
            'Reason: Q.850;cause=20;text="Switched off"\r\n', "Gone Away; Switched off", id="reason"
        ),
        pytest.param('reason : SIP ;cause=480 ; text = "a \\"b\\""\r\n', 'Gone Away; a "b"', id="quotes"),
        pytest.param('Warning: 399 gw.example "No credit"\r\n', "Gone Away; No credit", id="warning"),
        pytest.param(
            'Reason: Q.850;cause=20;text="gone away"\r\n', "Gone Away; gone away", id="in-another-case"
        ),
        pytest.param('Reason: Q.850;cause=20;text="Gone Away"\r\n', "Gone Away", id="said-twice"),
        pytest.param('Reason: Q.850;text="never closed\r\n', "Gone Away", id="malformed"),
    ],
)
def test_a_refusals_words_are_its_phrase_and_the_texts_of_its_headers(headers, said):
    assert (
        words(f'SIP/2.0 480 Gone Away\r\nVia: x\r\n{headers}Content-Length: 0\r\n\r\nReason: SIP;text="no"')
        == said
    )


def test_a_refusals_words_are_short_whatever_it_says():
    assert len(words(f"SIP/2.0 480 {'x' * 5000}\r\n\r\n")) == 300
