"""Which switch a configuration asks for: Asterisk if its trunks name servers, else the dialer itself."""

from dialer.config import Config
from dialer.live.call_ins import CallIns
from dialer.live.clock import Clock
from dialer.live.members import Members
from dialer.live.world import LiveWorld
from dialer.live.writer import Writer
from telephony.asterisk.switch import AsteriskTelephony
from telephony.sip.pool import SipTelephony


def start_switch(
    config: Config, clock: Clock, world: LiveWorld, writer: Writer, call_ins: CallIns, members: Members
) -> SipTelephony | AsteriskTelephony:
    """Start it, connected with the world.

    Raises:
        ConfigError: If addresses, ports or passwords cannot be used as they are set.
        SwitchUnavailableError: If it does not start, or cannot be reached.
    """
    switch = (
        _asterisk(config, clock, world, call_ins, members)
        if config.uses_asterisk
        else _sip(config, clock, world, writer, call_ins)
    )
    world.connect(writer, switch)
    switch.start()
    return switch


def _asterisk(
    config: Config, clock: Clock, world: LiveWorld, call_ins: CallIns, members: Members
) -> AsteriskTelephony:
    telephony = AsteriskTelephony(
        config.asterisk,
        config.trunks,
        clock=clock,
        post=world.post,
        phone_hosts=config.sip.phone_hosts(),
        died=world.fail,
    )
    telephony.on_call_in(call_ins.add, call_ins.add_call_back)
    telephony.on_queue_call(call_ins.add_queue_call)
    telephony.on_member(members.add)
    return telephony


def _sip(config: Config, clock: Clock, world: LiveWorld, writer: Writer, call_ins: CallIns) -> SipTelephony:
    telephony = SipTelephony(
        config.sip,
        config.trunks,
        clock=clock,
        post=world.post,
        note=lambda leg_id, at, direction, text: writer.note_sip(
            leg_id, at=at, direction=direction, text=text
        ),
        died=world.fail,
    )
    telephony.on_call_in(call_ins.add)
    return telephony
