"""PJSIP in this process: its ports, accounts, codecs and loop. Everything happens on one thread.

The loop sleeps on the SIP sockets themselves, not in PJSIP, so that a message is handled when it comes and an
idle process wakes four times a second.
"""

import contextlib
import os
import select
import socket
import time
from collections import deque
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pjsua2 as pj

from telephony.sip import firewall
from telephony.sip.calls import CallCame, Record, SipCall
from telephony.sip.protocol import Peer, SetUp
from telephony.sip.translate import WireMessage, wire_message

LOOPBACK = "127.0.0.1"
CROSS = "cross"
"""The transport of cross-legs: UDP on loopback."""
CROSS_USER = "cross-leg"
"""Called by every cross-leg. PJSIP gives a call that comes to the account of the called user, else of the domain."""
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_CALLS = 4  # what the wheel is compiled for
_RTP_PORTS = 20
_RATE_HZ = 8000
# What comes wakes the loop by itself; these are for PJSIP's timers, the finest of which counts half seconds,
# and for what its media threads record. At 20 ms a floor of 20 talks took twice the processor.
_IDLE_S, _BUSY_S, _STREAM_S = 0.25, 0.1, 0.005
_RETRY_S = 0.02
_TRANSPORTS = {
    "udp": (pj.PJSIP_TRANSPORT_UDP, socket.SOCK_DGRAM),
    "tcp": (pj.PJSIP_TRANSPORT_TCP, socket.SOCK_STREAM),
    "tls": (pj.PJSIP_TRANSPORT_TLS, socket.SOCK_STREAM),
}


class _Wire(pj.LogWriter):  # type: ignore[misc]  # pjsua2 has no types
    """Picks the SIP messages out of PJSIP's log, the only place that shows all of them."""

    def __init__(self, messages: deque[tuple[float, WireMessage]]) -> None:
        super().__init__()
        self._messages = messages

    def write(self, entry: pj.LogEntry) -> None:
        line = entry.msg
        if line[:3] in ("TX ", "RX ") and (message := wire_message(line)):
            self._messages.append((time.monotonic(), message))


class _Account(pj.Account):  # type: ignore[misc]  # pjsua2 has no types
    def __init__(self, phone: "Phone") -> None:
        super().__init__()
        self._phone = phone

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:  # noqa: N802  # PJSIP's name
        """Record a call that came."""
        self._phone.sweep(taken=prm.callId)
        call = SipCall(self, self._phone.record, prm.callId)
        self._phone.calls.append(call)
        self._phone.record.append(CallCame(call, prm.rdata.wholeMsg, time.monotonic()))


class Phone:
    """PJSIP, set up as an order says.

    Raises:
        pj.Error: If a port cannot be had.
    """

    def __init__(self, setup: SetUp) -> None:
        self.record: Record = deque()
        self.wire: deque[tuple[float, WireMessage]] = deque()
        self.calls: list[SipCall] = []
        self._setup = setup
        self._wire_log = _Wire(self.wire)
        self._sockets: dict[str, socket.socket] = {}
        self._endpoint = pj.Endpoint()
        self._endpoint.libCreate()
        self._endpoint.libInit(self._settings())
        network = self._open("udp", setup.bind, setup.sip_port, setup.peers)
        cross = self._open(CROSS, LOOPBACK, setup.cross_port, setup.cross_peers)
        self._endpoint.libStart()
        self._endpoint.audDevManager().setNullDev()
        for codec in self._endpoint.codecEnum2():
            wanted = {"PCMU/8000/1": 255, "PCMA/8000/1": 254}.get(codec.codecId, 0)
            self._endpoint.codecSetPriority(codec.codecId, wanted)
        self._accounts = {
            "udp": self._account(setup.bind, network),
            CROSS: self._account(LOOPBACK, cross, user=CROSS_USER),
        }
        if setup.trunk and setup.trunk.transport != "udp":
            self.use(setup.trunk.transport, setup.peers)

    def _settings(self) -> pj.EpConfig:
        settings = pj.EpConfig()
        settings.uaConfig.threadCnt = 0
        settings.uaConfig.maxCalls = _CALLS
        settings.uaConfig.userAgent = "outdial"
        settings.logConfig.writer = self._wire_log
        settings.logConfig.msgLogging = 1
        settings.logConfig.level = settings.logConfig.consoleLevel = 4  # the console's level rules the writer
        settings.logConfig.decor = 0
        media = settings.medConfig
        media.clockRate = media.sndClockRate = _RATE_HZ
        media.channelCount = 1
        media.noVad = True
        # Else the clock of the null device stops a second after the last call, and later legs send nothing.
        media.sndAutoCloseTime = -1
        media.ecTailLen = 0
        return settings

    def _open(self, name: str, address: str, port: int, peers: Sequence[Peer]) -> int:
        kind, socket_kind = _TRANSPORTS.get(name, _TRANSPORTS["udp"])
        settings = pj.TransportConfig()
        settings.port = port
        settings.boundAddress = address
        if name == "tls":
            settings.tlsConfig.verifyServer = True
            settings.tlsConfig.CaListFile = os.environ.get(
                "SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"
            )
        transport = self._endpoint.transportCreate(kind, settings)
        opened = firewall.own_socket((address, port), socket_kind)
        firewall.attach(opened, peers)
        self._sockets[name] = opened
        return int(transport)

    def _account(self, address: str, transport: int | None, *, user: str = "dialer") -> _Account:
        settings = pj.AccountConfig()
        # A call that comes is shown its account's Contact, and on loopback only the user tells which is right.
        settings.idUri = f"sip:{user}@{address}"
        settings.priority = int(user != CROSS_USER)
        if transport is not None:
            settings.sipConfig.transportId = transport
        trunk = self._setup.trunk
        if trunk and trunk.username and address == self._setup.bind:
            settings.sipConfig.authCreds.append(
                pj.AuthCredInfo("digest", "*", trunk.username, 0, trunk.password)
            )
        timer = settings.callConfig
        # Else a leg whose far end forgot it stays up; between our own processes the audio tells.
        between = user == CROSS_USER
        timer.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE if between else pj.PJSUA_SIP_TIMER_ALWAYS
        timer.timerSessExpiresSec = self._setup.session_timer_s
        rtp = settings.mediaConfig.transportConfig
        rtp.boundAddress = address
        rtp.port, rtp.portRange = self._setup.rtp_port, _RTP_PORTS
        account = _Account(self)
        account.create(settings)
        return account

    def use(self, transport: str, peers: Sequence[Peer]) -> None:
        """Let only `peers` reach the network's side, over a transport that is opened if need be."""
        if transport not in self._sockets:
            self._open(transport, self._setup.bind, self._setup.sip_port, peers)
            # PJSIP binds accounts to listeners only; its connections are chosen by the URI.
            self._accounts[transport] = self._account(self._setup.bind, None)
        for name, opened in self._sockets.items():
            if name != CROSS:
                firewall.attach(opened, peers)

    def call(
        self,
        uri: str,
        *,
        caller: str,
        call_id: str = "",
        over: str = "udp",
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> SipCall:
        """Start a call over a transport that is in use, or over the cross-legs'.

        Raises:
            pj.Error: If PJSIP cannot; its `status` is `NO_SLOT` when a place may be free again soon.
        """
        self.sweep()
        call = SipCall(self._accounts[over], self.record)
        option = pj.CallOpParam(True)
        option.txOption.localUri = caller
        option.opt.customCallId = call_id
        for name, value in headers.items():
            header = pj.SipHeader()
            header.hName, header.hValue = name, value
            option.txOption.headers.append(header)
        try:
            call.makeCall(uri, option)
        except pj.Error:
            call.ended = True
            pj.Call.__swig_destroy__(call)
            raise
        call.slot = call.getId()
        self.calls.append(call)
        return call

    @property
    def is_full(self) -> bool:
        """Return whether every place is taken."""
        return sum(not call.ended for call in self.calls) >= _CALLS

    def sweep(self, *, taken: int | None = None) -> None:
        """Destroy ended calls before others get their places: the destructor hangs up whatever call has it by then.

        A call that comes has its place (`taken`) before we hear of it, so who had that before is kept until it is free again.
        """
        in_use = {taken, *(call.slot for call in self.calls if not call.ended)}
        over = [call for call in self.calls if call.ended and call.slot not in in_use]
        for call in over:
            pj.Call.__swig_destroy__(call)
        self.calls = [call for call in self.calls if call not in over]

    def poll(self, extra: int, *, retry: bool = False, write: bool = False) -> None:
        """Sleep until something comes, for SIP or on descriptor `extra`, then let PJSIP work.

        Args:
            extra: Watched beside the SIP sockets.
            retry: Whether something waits for a place that PJSIP frees without a word.
            write: Whether `extra` is to be written to.
        """
        watched = [extra, *(one.fileno() for one in self._sockets.values())]
        wait_s = min(_RETRY_S, self._pause_s()) if retry else self._pause_s()
        with contextlib.suppress(InterruptedError):
            select.select(watched, [extra] if write else [], [], wait_s)
        self._endpoint.libHandleEvents(0)
        self.sweep()

    def _pause_s(self) -> float:
        if self.record:
            return 0.0
        if not self.calls:
            return _IDLE_S
        # Connections of TCP and TLS are PJSIP's own, so they are looked at often instead.
        return _BUSY_S if len(self._sockets) == 2 else _STREAM_S

    def nobody(self) -> pj.AudioMedia:
        """Return where audio goes that nobody hears."""
        return self._endpoint.audDevManager().getPlaybackDevMedia()

    def tone_generator(self) -> pj.ToneGenerator:
        """Return a source of tones for the floor's audio."""
        generator = pj.ToneGenerator()
        generator.createToneGenerator(_RATE_HZ, 1)
        return generator
