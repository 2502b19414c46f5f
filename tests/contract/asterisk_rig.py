"""The Asterisk adapter and a real Asterisk, between the emulated carrier and the emulated phones.

Its own guards are set to act within seconds; a site's take half a minute.
"""

from pathlib import Path

from cli.asterisk.instance import Instance
from dialer.asterisk_config import AsteriskConfig, AsteriskServer
from dialer.config import Config, SipConfig, TrunkConfig
from dialer.core.commands import TakeCall
from dialer.core.events import TrunkLost, TrunkRegained
from dialer.core.ids import LegId
from dialer.live.clock import Clock
from telephony.asterisk.crossing import CONTEXT
from telephony.asterisk.switch import AsteriskTelephony
from telephony.sip.emulator.log import Segment
from tests.asterisk import NAME, Sessions, program
from tests.contract.rig import Behaviour, Capability
from tests.contract.sip_rig import HOST, NUMBERS, SipRig, originate
from tests.integration.sipp_carrier import free_port
from tests.stores import wait_until

ELSEWHERE = "elsewhere"

IMPATIENT = """
[system](+)
timer_t1 = 100
timer_b = 6400
"""
"""Milliseconds: so long Asterisk tries to reach somebody who says nothing. Source: RFC 3261 17.1.1.2, 64 * T1."""


SITE = """
[site]
exten => queue,1,Set(DIALER_QUEUED=asked)
 same => n,Set(DIALER_CALL=q1)
 same => n,Gosub(dialer-queue,s,take)
 same => n,Wait(120)
"""
"""A dialplan that hands calls over, without the question that tells of a queue."""
EXTRA = {"pjsip.conf": IMPATIENT, "extensions.conf": SITE}


class AsteriskRig(SipRig):
    """Fits `Rig`."""

    capabilities = frozenset(Capability) - {Capability.SERVERS}
    phones_have = ("--video",)
    endpoint = "carrier"

    def _make_switch(self, directory: Path, carrier_port: int) -> AsteriskTelephony:
        trunk = TrunkConfig(
            host=HOST,
            port=carrier_port,
            server=NAME,
            caller_id="+12125550199",
            lines=6,
            causes=directory / "causes.toml",
            video=True,
        )
        asked = AsteriskConfig(video=True)
        config = Config(sip=SipConfig(no_audio_s=5), trunks={"carrier": trunk}, asterisk=asked)
        self.asterisk = Instance(config, NAME, extra=EXTRA, program=program())
        self.asterisk.start()
        return self._through(self.asterisk.config)

    def _through(self, config: Config) -> AsteriskTelephony:
        return AsteriskTelephony(
            self._reach(config),
            config.trunks,
            clock=Clock(),
            post=self._sink.post,
            phone_hosts=config.sip.phone_hosts(),
        )

    def take_caller(self, behaviour: Behaviour) -> LegId:
        arrivals: list[str] = []
        self._switch.on_queue_call(lambda _, arrival, __: arrivals.append(arrival))
        with Sessions(self.asterisk) as sessions:
            channel = f"PJSIP/{NUMBERS[behaviour]}@{self.endpoint}"
            where = {"Context": "site", "Exten": "queue", "Priority": "1"}
            sessions.do("Originate", Channel=channel, **where, Async="true")
            wait_until(lambda: bool(arrivals), within_s=30)
        leg_id = LegId(f"t-{next(self._ids)}")
        self._users[leg_id] = NUMBERS[behaviour]
        self.execute(TakeCall(leg_id=leg_id, arrival=arrivals[0], wait_s=30))
        return leg_id

    @property
    def config(self) -> Config:
        """Return the dialer's, as each Asterisk is reached directly."""
        return self.asterisk.config

    def _reach(self, config: Config) -> AsteriskConfig:
        """Return how Asterisk is reached."""
        return config.asterisk

    def recording(self, file: str) -> Path:
        return self.asterisk.home / "spool" / "monitor" / file

    def close(self) -> None:
        super().close()
        self.asterisk.remove()


class TwoServersRig(AsteriskRig):
    """Agents' phones are called by one Asterisk, customers by that one or another."""

    capabilities = AsteriskRig.capabilities | {Capability.SERVERS}
    endpoint = "out"

    def _make_switch(self, directory: Path, carrier_port: int) -> AsteriskTelephony:
        servers = {name: AsteriskServer(sip=f"{HOST}:{free_port()}") for name in (NAME, ELSEWHERE)}
        trunks = {
            name: TrunkConfig(
                host=HOST,
                port=carrier_port,
                server=server,
                endpoint="out",
                lines=6,
                causes=directory / "causes.toml",
                video=True,
            )
            for name, server in (("carrier", NAME), (ELSEWHERE, ELSEWHERE))
        }
        asked = AsteriskConfig(servers=servers, video=True)
        config = Config(sip=SipConfig(no_audio_s=5), trunks=trunks, asterisk=asked)
        self.asterisk = Instance(config, NAME, extra=EXTRA, program=program())
        self.elsewhere = Instance(self.asterisk.config, ELSEWHERE, extra=EXTRA, program=program())
        self.asterisk.start()
        self.elsewhere.start()
        return self._through(self.elsewhere.config)

    @property
    def config(self) -> Config:
        return self.elsewhere.config

    def place_customer_elsewhere(self, behaviour: Behaviour) -> LegId:
        command = originate(next(self._ids), trunk=ELSEWHERE)
        self._users[command.leg_id] = NUMBERS[behaviour]
        self._switch.place(command, NUMBERS[behaviour])
        return command.leg_id

    def kill_elsewhere(self) -> None:
        self.elsewhere.kill()

    def crossings(self, *servers: Instance) -> list[str]:
        """Return the servers' channels between servers."""
        found = []
        for one in servers or (self.asterisk, self.elsewhere):
            with Sessions(one) as sessions:
                rows = sessions.do("CoreShowChannels").items
            found += [row.headers["Channel"] for row in rows if row.headers["Context"] == CONTEXT]
        return found

    def cut_between(self) -> None:
        channels = self.crossings(self.asterisk)
        with Sessions(self.asterisk) as sessions:
            for channel in channels:
                sessions.do("Hangup", Channel=channel)

    def heard_since(self, leg_id: LegId, at: float) -> None:
        """Wait until the far end of a leg that is over has told of the other's sound after an instant."""
        user = self._users[leg_id]
        player = self._phones if user.startswith("agent") else self._carrier
        player.await_event(Segment, lambda event: event.number == user and event.heard.last_at > at)

    def clear(self) -> None:
        if self.elsewhere.process is not None and self.elsewhere.process.poll() is not None:
            self.wait_for(lambda event: isinstance(event, TrunkLost))
            self.elsewhere.start()
            self.wait_for(lambda event: isinstance(event, TrunkRegained), within_s=60)
        super().clear()

    def close(self) -> None:
        super().close()
        self.elsewhere.remove()
