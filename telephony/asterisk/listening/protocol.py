"""What the switch and its listeners say to each other, over a pipe as the SIP workers' is."""

import msgspec

from dialer.core.ids import LegId
from telephony.audio.findings import Ears, Heard
from telephony.sip.protocol import Order, Report


class Learn(Order, frozen=True, kw_only=True):
    """What calls of a trunk are listened for."""

    trunk: str
    ears: Ears


class Await(Order, frozen=True, kw_only=True):
    """A leg's audio will come, on a connection that shows `token`."""

    leg_id: LegId
    trunk: str
    token: bytes


class Picked(Order, frozen=True, kw_only=True):
    """A leg was answered: it is listened to for a while, and then no more."""

    leg_id: LegId


class Forget(Order, frozen=True, kw_only=True):
    """A leg has ended."""

    leg_id: LegId


class Made(Report, frozen=True, kw_only=True):
    """Something was made out in a leg's audio, which is not listened to any more."""

    leg_id: LegId
    heard: Heard


AnyOrder = Learn | Await | Picked | Forget

decode_order = msgspec.msgpack.Decoder(AnyOrder).decode
decode_report = msgspec.msgpack.Decoder(Made).decode
