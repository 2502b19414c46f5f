import pytest

from telephony.sip.emulator.digest import Challenge, Guard, fields
from telephony.sip.emulator.message import Request


def test_the_response_is_that_of_the_standard_s_example():
    # Source: RFC 2617 3.5.
    challenge = Challenge(realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093")
    given = challenge.response(
        "Mufasa", "Circle Of Life", method="GET", uri="/dir/index.html", client=("00000001", "0a4f113b")
    )
    assert given == "6629fae49393a05397450978507c4ef1"


def credentials(guard: Guard, password: str, *, user: str = "u", nonce: str | None = None) -> Request:
    ((_, asked),) = guard.challenge()
    challenge = Challenge(realm="carrier", nonce=nonce or fields(asked)["nonce"])
    uri = "sip:+12125550100@127.0.0.1"
    response = challenge.response(user, password, method="INVITE", uri=uri, client=("00000001", "c"))
    value = (
        f'Digest username="{user}", realm="carrier", nonce="{challenge.nonce}", uri="{uri}", '
        f'response="{response}", cnonce="c", qop=auth, nc=00000001'
    )
    name = "Authorization" if guard.status == 401 else "Proxy-Authorization"
    return Request(method="INVITE", uri=uri, headers=((name, value),))


@pytest.mark.parametrize("status", [401, 407])
def test_the_right_password_is_let_in_and_a_wrong_one_is_not(status):
    guard = Guard("u", "secret", realm="carrier", status=status)
    assert guard.judge(credentials(guard, "secret")) is True
    assert guard.judge(credentials(guard, "wrong")) is False
    assert guard.judge(credentials(guard, "secret", user="v")) is False


def test_without_credentials_or_with_a_foreign_nonce_one_is_asked():
    guard = Guard("u", "secret", realm="carrier")
    assert guard.judge(Request(method="INVITE", uri="sip:x", headers=())) is None
    assert guard.judge(credentials(guard, "secret", nonce="stale")) is None
