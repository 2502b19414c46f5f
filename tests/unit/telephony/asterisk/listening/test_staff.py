"""Listeners as processes: they hear, they are replaced when they die, and none is left."""

import os
import signal
import socket
import time
from contextlib import closing
from pathlib import Path

import pytest

from dialer.core.states import EndCause
from dialer.errors import ConfigError
from telephony.asterisk.listening.frames import AUDIO, NAME
from telephony.asterisk.listening.protocol import Await
from telephony.asterisk.listening.staff import Staff
from telephony.audio.findings import Ears, Sit
from tests import sounds
from tests.stores import wait_until

WITHIN_S = 60
EARS = {"carrier": Ears(sit=dict.fromkeys(Sit, EndCause.UNALLOCATED))}
VACANT = sounds.tones(sounds.SITS["vacant"][1])


def message(kind, payload):
    return bytes([kind]) + len(payload).to_bytes(2, "big") + payload


class Office:
    """One listener, asked as the switch asks it."""

    def __init__(self, setting="asterisk.servers.main.listen"):
        self.staff = Staff(EARS, 6)
        host, _, port = self.staff.open("127.0.0.1:0", setting=setting).rpartition(":")
        self.address = (host, int(port))
        self.made = []

    def pids(self):
        self.made += self.staff.tick(time.monotonic())
        return [hand.process.pid for hand in self.staff._crew]

    def hears(self, leg_id, token):
        """Send tones for a leg, and return whether they are made out."""
        self.staff.send(Await(leg_id=leg_id, trunk="carrier", token=token))
        with socket.create_connection(self.address) as asterisk:
            asterisk.sendall(message(NAME, token) + message(AUDIO, sounds.pcm(VACANT)))
            wait_until(lambda: self.pids() and self.made, within_s=WITHIN_S)
        return [one.leg_id for one in self.made] == [leg_id]

    def close(self):
        self.staff.close()


@pytest.fixture
def office():
    with closing(Office()) as one:
        wait_until(one.pids, within_s=WITHIN_S)
        yield one


def test_what_is_sent_to_a_listener_is_made_out(office):
    assert office.hears("run-1", bytes(range(16)))


def test_a_listener_that_died_is_replaced_and_the_next_one_listens(office):
    (dead,) = office.pids()
    os.kill(dead, signal.SIGKILL)
    wait_until(lambda: office.pids() not in ([dead], []), within_s=WITHIN_S)
    assert office.hears("run-2", bytes(range(16)))


def test_with_their_switch_all_of_them_end(office):
    (pid,) = office.pids()
    office.close()
    assert not Path(f"/proc/{pid}").exists()


def test_an_address_that_is_not_ours_is_refused_with_the_setting():
    with closing(Staff(EARS, 6)) as staff, pytest.raises(ConfigError, match=r"servers\.far\.listen"):
        staff.open("192.0.2.5:0", setting="asterisk.servers.far.listen")
