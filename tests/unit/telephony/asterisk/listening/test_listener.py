"""Whose audio a listener looks into, and for how long."""

import socket

import pytest

from dialer.core.states import EndCause
from telephony.asterisk.listening.frames import AUDIO, NAME
from telephony.asterisk.listening.listener import EVERY_S, NAMELESS, NAMELESS_S, Listener
from telephony.asterisk.listening.protocol import Await, Forget, Learn, Picked
from telephony.audio.announcements import read_announcement
from telephony.audio.ear import AFTER_ANSWER_S, LONGEST_S
from telephony.audio.findings import Ears, Sit
from tests import sounds

TOKEN = bytes(range(16))
MEANS = dict.fromkeys(Sit, EndCause.UNALLOCATED)
VACANT = sounds.tones(sounds.SITS["vacant"][1])
PLAIN = sounds.tones(sounds.SITS["itu"][1])


def message(kind, payload):
    return bytes([kind]) + len(payload).to_bytes(2, "big") + payload


class Site:
    """A listener, the connections of an Asterisk, and a clock."""

    def __init__(self, ears):
        self.made = []
        self.now = 100.0
        self.listener = Listener(self.made.append)
        self.listener.obey(Learn(trunk="carrier", ears=ears), self.now)
        self.await_leg("run-1", TOKEN)

    def await_leg(self, leg_id, token):
        self.listener.obey(Await(leg_id=leg_id, trunk="carrier", token=token), self.now)

    def connect(self, *said):
        ours, theirs = socket.socketpair()
        self.listener.take(theirs, self.now)
        ours.settimeout(10)
        for one in said:
            ours.sendall(one)
        self.pass_s(0)
        return ours

    def pass_s(self, seconds):
        self.now += seconds
        self.listener.tick(self.now)

    def speak(self, end, samples):
        for piece in sounds.pieces(samples, int(EVERY_S * 8000)):
            end.sendall(message(AUDIO, sounds.pcm(piece)))
            self.pass_s(EVERY_S)

    def said(self):
        return [(one.leg_id, one.heard.means, one.heard.said) for one in self.made]


def is_over(end):
    try:
        return end.recv(1) == b""
    except ConnectionError:
        return True


@pytest.fixture
def site():
    one = Site(Ears(sit=MEANS))
    yield one
    one.listener.close()


def test_tones_on_the_connection_of_a_leg_are_made_out_and_end_it(site):
    with site.connect(message(NAME, TOKEN)) as end:
        site.speak(end, VACANT)
        assert is_over(end)
    assert site.said() == [("run-1", EndCause.UNALLOCATED, "SIT vacant")]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(message(NAME, TOKEN[::-1]), id="an-unknown-token"),
        pytest.param(message(AUDIO, bytes(320)), id="audio-of-nobody"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="another-protocol"),
    ],
)
def test_who_is_not_awaited_is_refused(site, said):
    with site.connect(said) as end:
        assert is_over(end)


def test_a_token_is_good_for_one_connection(site):
    with site.connect(message(NAME, TOKEN)), site.connect(message(NAME, TOKEN)) as second:
        assert is_over(second)


def test_who_does_not_say_whose_the_audio_is_is_let_go_of_in_time(site):
    with site.connect() as end:
        site.pass_s(NAMELESS_S + 1)
        assert is_over(end)


def test_so_many_may_come_without_a_name_and_no_more(site):
    ends = [site.connect() for _ in range(NAMELESS + 1)]
    assert is_over(ends[-1])
    ends[0].setblocking(False)
    with pytest.raises(BlockingIOError):
        ends[0].recv(1)
    for end in ends:
        end.close()


def test_after_its_answer_a_leg_is_listened_to_for_a_while(site):
    with site.connect(message(NAME, TOKEN)) as end:
        site.listener.obey(Picked(leg_id="run-1"), site.now)
        site.speak(end, sounds.silence(AFTER_ANSWER_S - 1))
        site.pass_s(2)
        assert is_over(end)
    assert site.made == []


def test_nobody_is_listened_to_for_ever(site):
    with site.connect(message(NAME, TOKEN)) as end:
        site.pass_s(LONGEST_S + 1)
        assert is_over(end)
    with site.connect(message(NAME, TOKEN)) as late:
        assert is_over(late)


def test_a_leg_that_has_ended_is_listened_to_no_more(site):
    with site.connect(message(NAME, TOKEN)) as end:
        site.listener.obey(Forget(leg_id="run-1"), site.now)
        site.listener.obey(Forget(leg_id="run-1"), site.now)
        assert is_over(end)


def test_a_leg_that_has_ended_before_its_audio_came_is_not_awaited(site):
    site.listener.obey(Forget(leg_id="run-1"), site.now)
    with site.connect(message(NAME, TOKEN)) as end:
        assert is_over(end)


def test_each_connection_is_a_leg_of_its_own(site):
    site.await_leg("run-2", TOKEN[::-1])
    with site.connect(message(NAME, TOKEN)) as one, site.connect(message(NAME, TOKEN[::-1])) as other:
        site.speak(one, VACANT[:2000])
        site.speak(other, VACANT)
        site.speak(one, VACANT[2000:])
    assert [leg_id for leg_id, *_ in site.said()] == ["run-2", "run-1"]


def test_a_far_end_that_goes_silent_without_a_packet_after_a_plain_sit_has_said_all(tmp_path):
    path = sounds.write_wav(tmp_path / "off.wav", sounds.speech(7, 4.0))
    known = (read_announcement(path, EndCause.SWITCHED_OFF),)
    site = Site(Ears(sit={**MEANS, Sit.PLAIN: EndCause.UNREACHABLE}, announcements=known))
    with site.connect(message(NAME, TOKEN)) as end:
        site.speak(end, PLAIN)
        for _ in range(30):
            site.pass_s(EVERY_S)
        assert is_over(end)
    assert site.said() == [("run-1", EndCause.UNREACHABLE, "SIT plain")]
