"""The Asterisk adapter and a real Asterisk, between the emulated carrier and the emulated phones.

Its own guards are set to act within seconds; a site's take half a minute.
"""

import time
from pathlib import Path

from cli.asterisk.instance import Instance
from dialer.asterisk_config import AsteriskConfig
from dialer.config import Config, SipConfig, TrunkConfig
from dialer.core.ids import LegId
from dialer.live.clock import Clock
from telephony.asterisk.switch import AsteriskTelephony
from tests.asterisk import NAME, program
from tests.contract.rig import Capability
from tests.contract.sip_rig import HOST, SipRig

_IMPATIENT = """
[system](+)
timer_t1 = 100
timer_b = 6400
"""
"""Milliseconds: so long Asterisk tries to reach somebody who says nothing. Source: RFC 3261 17.1.1.2, 64 * T1."""


class AsteriskRig(SipRig):
    """Fits `Rig`."""

    capabilities = frozenset(Capability) - {Capability.ANNOUNCEMENTS}

    def _make_switch(self, directory: Path, carrier_port: int) -> AsteriskTelephony:
        del directory
        trunk = TrunkConfig(host=HOST, port=carrier_port, server=NAME, caller_id="+12125550199", lines=6)
        config = Config(sip=SipConfig(no_audio_s=5), trunks={"carrier": trunk})
        self.asterisk = Instance(config, NAME, extra={"pjsip.conf": _IMPATIENT}, program=program())
        self.asterisk.start()
        config = self.asterisk.config
        return AsteriskTelephony(
            self._reach(config),
            config.trunks,
            clock=Clock(),
            post=self._sink.post,
            phone_hosts=config.sip.phone_hosts(),
        )

    def _reach(self, config: Config) -> AsteriskConfig:
        """Return how Asterisk is reached."""
        return config.asterisk

    def joined(self) -> list[tuple[LegId, LegId]]:
        """Return who is joined with whom, by an audit that begins now."""
        before = len(self._sink.audits)
        deadline = time.monotonic() + 30
        while len(self._sink.audits) < before + 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        return list(self._sink.audits[-1].bridges)

    def close(self) -> None:
        super().close()
        self.asterisk.remove()
