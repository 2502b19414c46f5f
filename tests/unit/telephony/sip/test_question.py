import pytest

from telephony.sip.question import Challenge, Question, credentials, decode, encode

ASKED = Question(
    method="REGISTER",
    uri="sip:192.0.2.7:5060",
    asked="sip:outdial@192.0.2.7",
    asker="sip:outdial@192.0.2.7",
    transport="udp",
    here=("192.0.2.20", 40000),
    call_id="1f",
)


def answer(*lines, call_id="1f", cseq=1, status="401 Unauthorized"):
    text = [f"SIP/2.0 {status}", f"Call-ID: {call_id}", f"CSeq: {cseq} REGISTER", *lines, "", ""]
    return "\r\n".join(text).encode()


def test_a_question_registers_nothing():
    text = encode(ASKED).decode()
    assert text.startswith("REGISTER sip:192.0.2.7:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.20:40000;rport;")
    assert "To: <sip:outdial@192.0.2.7>\r\n" in text
    assert "Contact" not in text
    assert text.endswith("\r\n\r\n")


def test_an_answer_has_its_code_and_its_reason():
    found = decode(answer(status="200 All is well"), "1f")
    assert (found.code, found.reason, found.challenge) == (200, "All is well", None)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(answer(call_id="2f"), id="another-question"),
        pytest.param(answer(cseq=2), id="another-request"),
        pytest.param(b"OPTIONS sip:us SIP/2.0\r\nCall-ID: 1f\r\n\r\n", id="a-request"),
        pytest.param(b"\x00\xff", id="garbage"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_no_answer_to_it_is_passed_over(data):
    assert decode(data, "1f") is None


def test_a_challenge_is_read_however_it_is_written():
    found = decode(
        answer(
            'proxy-authenticate : Digest realm="a, b",nonce="n1", algorithm=SHA-256 , qop="auth,auth-int"'
        ),
        "1f",
    )
    assert found.challenge == Challenge(
        proxy=True, realm="a, b", nonce="n1", algorithm="SHA-256", qop=True, opaque=""
    )


def proof(**changes):
    challenge = Challenge(
        **{
            "proxy": False,
            "realm": "testrealm@host.com",
            "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093",
            "algorithm": "MD5",
            "qop": True,
            "opaque": "5ccc069c403ebaf9f0171e9517f40e41",
        }
        | changes
    )
    asked = ASKED._replace(method="GET", uri="/dir/index.html")
    return credentials(challenge, asked, username="Mufasa", password="Circle Of Life", cnonce="0a4f113b")


def test_credentials_are_those_of_the_standards_example():
    # Source: RFC 2617 section 3.5.
    line = proof()
    assert line.startswith("Authorization: Digest ")
    assert 'response="6629fae49393a05397450978507c4ef1"' in line
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in line


def test_a_proxy_gets_its_own_header_and_no_more_than_it_asked_for():
    line = proof(proxy=True, qop=False, opaque="")
    assert line.startswith("Proxy-Authorization: ")
    assert "qop" not in line
    assert "opaque" not in line


def test_an_algorithm_that_is_not_known_gives_no_credentials():
    assert proof(algorithm="SHA-512-256") is None
