"""An emulated carrier whose numbers do one thing each, and how a call to one ended."""

from telephony.sip.emulator import log
from tests.integration.scripted_caller import Player

BEHAVIOUR = """
[[rule]]
numbers = ["waits"]
kind = "person"
ring_s = 0.1
[[rule]]
numbers = ["talks"]
kind = "person"
ring_s = 0.1
talk_s = 0.6
cause = 16
[[rule]]
numbers = ["impatient"]
kind = "person"
ring_s = 0.1
patience_s = 2
[[rule]]
numbers = ["machine"]
kind = "machine"
ring_s = 0.1
talk_s = 0.5
[[rule]]
numbers = ["busy"]
kind = "busy"
cause = 17
[[rule]]
numbers = ["rings"]
kind = "no-answer"
[[rule]]
numbers = ["early"]
kind = "early-media"
ring_s = 0.5
[[rule]]
numbers = ["declined"]
kind = "declined"
ring_s = 0.1
[[rule]]
numbers = ["congested"]
kind = "congestion"
[[rule]]
numbers = ["silent"]
kind = "silent"
[[rule]]
numbers = ["mute"]
kind = "rtp-less"
ring_s = 0.1
"""
PHONE = "450+1950"


def ended(player: Player, number: str) -> log.Ended:
    return player.await_event(log.Ended, lambda event: event.number == number)
