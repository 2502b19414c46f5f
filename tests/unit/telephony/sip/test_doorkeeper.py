import hashlib
import re

import pytest

from telephony.sip.doorkeeper import NONCE_S, REALM, TRIES, TRIES_S, Doorkeeper, Verdict

HOST = "192.0.2.10"
NAMES = {"MD5": "md5", "SHA-256": "sha256"}


@pytest.fixture
def door():
    return Doorkeeper({"anna": "between us", "jo ö": "x"}, key=b"k" * 32)


def nonce_of(door, *, host=HOST, at=100.0):
    ((_, value), *_) = door.challenge(host, at=at)
    return re.search(r'nonce="([^"]+)"', value)[1]


def credentials(nonce, *, user="anna", password="between us", algorithm="MD5", count="00000001", **changes):
    def digest(*parts):
        return hashlib.new(NAMES[algorithm], ":".join(parts).encode()).hexdigest()

    uri = "sip:192.0.2.1:15058"
    asked = digest("INVITE", uri)
    response = digest(digest(user, REALM, password), nonce, count, "c0", "auth", asked)
    fields = {
        "username": f'"{user}"',
        "realm": f'"{REALM}"',
        "nonce": f'"{nonce}"',
        "uri": f'"{uri}"',
        "response": f'"{response}"',
        "algorithm": algorithm,
        "qop": "auth",
        "nc": count,
        "cnonce": '"c0"',
        **changes,
    }
    return "Digest " + ", ".join(f"{name}={value}" for name, value in fields.items() if value is not None)


def judge(door, text, *, host=HOST, at=101.0, method="INVITE"):
    return door.judge(text, method=method, host=host, at=at)


def test_a_caller_without_credentials_is_asked_for_the_better_algorithm_first(door):
    assert judge(door, "") == (Verdict.ASK, "")
    values = [value for _, value in door.challenge(HOST, at=100.0)]
    assert [re.search(r"algorithm=([^,]+)", value)[1] for value in values] == ["SHA-256", "MD5"]
    assert all('qop="auth"' in value for value in values)


@pytest.mark.parametrize("algorithm", NAMES)
def test_who_knows_the_password_is_welcome(door, algorithm):
    assert judge(door, credentials(nonce_of(door), algorithm=algorithm)) == (Verdict.WELCOME, "anna")


def test_the_algorithm_may_be_left_out(door):
    left_out = credentials(nonce_of(door)).replace("algorithm=MD5, ", "")
    assert "algorithm" not in left_out
    assert judge(door, left_out) == (Verdict.WELCOME, "anna")


def test_a_name_beyond_ascii_is_welcome(door):
    assert judge(door, credentials(nonce_of(door), user="jo ö", password="x")) == (Verdict.WELCOME, "jo ö")


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"password": "guess"}, id="password"),
        pytest.param({"user": "berta"}, id="unknown-user"),
        pytest.param({"realm": '"elsewhere"'}, id="realm"),
        pytest.param({"qop": None}, id="without-qop"),
        pytest.param({"algorithm": "MD5", "cnonce": '"c1"'}, id="cnonce"),
        pytest.param({"nc": "zz"}, id="count"),
        pytest.param({"response": '""'}, id="empty-response"),
    ],
)
def test_whatever_does_not_fit_is_wrong(door, wrong):
    assert judge(door, credentials(nonce_of(door), **wrong))[0] is Verdict.WRONG


def test_credentials_for_another_method_are_wrong(door):
    assert judge(door, credentials(nonce_of(door)), method="REGISTER")[0] is Verdict.WRONG


def test_a_replay_is_asked_anew(door):
    text = credentials(nonce_of(door))

    assert judge(door, text)[0] is Verdict.WELCOME
    assert judge(door, text)[0] is Verdict.ASK
    assert judge(door, credentials(nonce_of(door), count="00000002"))[0] is Verdict.WELCOME


@pytest.mark.parametrize(("host", "at"), [("192.0.2.11", 101.0), (HOST, 100.0 + NONCE_S + 1), (HOST, 99.0)])
def test_a_nonce_is_good_for_one_address_and_a_short_time(door, host, at):
    assert judge(door, credentials(nonce_of(door)), host=host, at=at) == (Verdict.ASK, "")


def test_a_nonce_of_another_is_asked_anew(door):
    other = Doorkeeper({}, key=b"o" * 32)
    assert judge(door, credentials(nonce_of(other)))[0] is Verdict.ASK


def test_an_address_that_guesses_is_braked_and_others_are_not(door):
    for _ in range(TRIES):
        assert judge(door, credentials(nonce_of(door), password="guess"))[0] is Verdict.WRONG

    assert judge(door, credentials(nonce_of(door)))[0] is Verdict.BRAKED
    theirs = nonce_of(door, host="192.0.2.11")
    assert judge(door, credentials(theirs), host="192.0.2.11")[0] is Verdict.WELCOME
    later = 101.0 + TRIES_S + 1
    assert judge(door, credentials(nonce_of(door, at=later)), at=later)[0] is Verdict.WELCOME


def test_what_never_had_our_nonce_does_not_count_as_a_guess(door):
    for _ in range(TRIES + 1):
        assert judge(door, credentials("1.forged"))[0] is Verdict.ASK
