"""What an Asterisk says of itself when it is asked, with no more permission than a run has. Nothing is changed there."""

import ssl
import threading
import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from asterisk.manager import ManagerAuthException, ManagerException

from dialer.asterisk_config import AsteriskServer
from dialer.errors import ConfigError
from telephony.asterisk.ami import Ami, Reply
from telephony.asterisk.messages import Message

MODULES = (
    "app_amd", "app_bridgeaddchan", "app_bridgewait", "app_chanspy", "app_controlplayback", "app_mixmonitor", "app_originate", "app_playback",
    "app_read", "app_userevent", "bridge_builtin_interval_features", "bridge_holding", "bridge_simple", "bridge_softmix",
    "chan_pjsip",
    "codec_ulaw", "format_wav", "func_config", "func_db", "func_dialplan", "func_logic", "func_strings", "pbx_config", "res_agi",
    "res_musiconhold", "res_pjsip_sdp_rtp", "res_rtp_asterisk",
)  # fmt: skip
"""What the dialplan and the actions need, and `res_agi` and `app_amd`, which not every site needs."""

QUEUES = "app_queue"
"""The module that is needed where queues are followed."""

LISTENING = ("res_audiosocket", "chan_audiosocket")
"""The modules that are needed where calls are listened to, as each needs the one before it."""

_UNDER_TEST_S = 10.0
_NOWHERE = "Local/s@dialer-nowhere/n"
"""A call to it fails at once, and reaches nobody."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out; None and empty: it could not be asked, or was not told."""

    refused: str = ""
    """Why the acting user could not log in."""
    not_told: str = ""
    """Why the user for events could not log in."""
    told: frozenset[str] = frozenset()
    """Names of events that a call to nowhere brought, and the one that follows a log-in."""
    version: str = ""
    calls_at_most: int = 0
    """What `maxcalls` of asterisk.conf allows; 0: no limit."""
    actions: frozenset[str] = frozenset()
    """Actions that the acting user may carry out."""
    modules: dict[str, bool] | None = None
    contexts: dict[str, bool] | None = None
    endpoints: dict[str, bool] | None = None
    queues: dict[str, bool] | None = None
    rtp: tuple[int, int] | None = None
    """First and last port for audio."""
    ahead_s: float | None = None
    """How far its clock is ahead of ours."""
    round_trip_s: float | None = None


def inquire(
    server: AsteriskServer,
    extensions: Iterable[tuple[str, str]],
    endpoints: Iterable[str],
    *,
    queues: Iterable[str] = (),
    listening: bool = False,
) -> Facts:
    """Ask an Asterisk.

    Args:
        server: Where it is.
        extensions: Contexts, each with an extension that it must have.
        endpoints: PJSIP endpoints that it must have.
        queues: Queues that it must have.
        listening: Whether calls are to be listened to.
    """
    told = _Told()
    acting, hearing = Ami(), Ami(on_events=told.take)
    try:
        password, tls = server.password(), _tls(server)
        try:
            _log_in(hearing, server, server.events_username, password, tls)
        except (ManagerException, OSError) as error:
            not_told = _reason(error)
        else:
            not_told = ""
        _log_in(acting, server, server.username, password, tls)
        wanted = _Wanted(tuple(extensions), tuple(endpoints), tuple(queues), listening)
        facts = _ask(acting, wanted)
        if not not_told:
            told.wait_for(acting)
        return msgspec.structs.replace(facts, not_told=not_told, told=frozenset(told.names))
    except (ManagerException, OSError, ConfigError) as error:
        return Facts(refused=_reason(error))
    finally:
        acting.close()
        hearing.close()


class _Wanted(NamedTuple):
    extensions: tuple[tuple[str, str], ...]
    endpoints: tuple[str, ...]
    queues: tuple[str, ...]
    listening: bool

    @property
    def modules(self) -> tuple[str, ...]:
        return (*MODULES, *((QUEUES,) if self.queues else ()), *(LISTENING if self.listening else ()))


class _Told:
    """Events by name, and the wait for what a call to nowhere must bring."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._changed = threading.Condition()

    def take(self, batch: Sequence[Message]) -> None:
        with self._changed:
            self.names |= {message.headers["Event"] for message in batch}
            self._changed.notify_all()

    def wait_for(self, acting: Ami) -> None:
        call = acting.send_action(
            Action="Originate", Channel=_NOWHERE, Application="NoOp", Timeout="1000", Async="true"
        )
        if call.refused is None:
            with self._changed:
                self._changed.wait_for(lambda: "OriginateResponse" in self.names, _UNDER_TEST_S)


def _log_in(ami: Ami, server: AsteriskServer, user: str, password: str, tls: ssl.SSLContext | None) -> None:
    ami.connect(server.host, server.port, tls=tls)
    ami.login(user, password)


def _tls(server: AsteriskServer) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=server.tls_ca) if server.tls else None


def _reason(error: Exception) -> str:
    if isinstance(error, ManagerAuthException):
        return f"it does not let the user in: {error}"
    return str(error)


def _ask(ami: Ami, wanted: _Wanted) -> Facts:
    settings = ami.send_action(Action="CoreSettings")
    commands = ami.send_action(Action="ListCommands")
    began, ping, ended = time.time(), ami.send_action(Action="Ping"), time.time()
    here = _number(ping, "Timestamp")
    modules = _each(ami, wanted.modules, "IFMODULE({}.so)")
    knows = modules or {}
    contexts = endpoints_there = rtp = None
    if knows.get("func_dialplan"):
        asked = _each(
            ami,
            [f"{context},{extension},1" for context, extension in wanted.extensions],
            "DIALPLAN_EXISTS({})",
        )
        contexts = asked and {text.partition(",")[0]: there for text, there in asked.items()}
    if wanted.endpoints:
        endpoints_there = {
            one: bool(_value(ami, f"PJSIP_ENDPOINT({one},context)")) for one in wanted.endpoints
        }
    if knows.get("func_config"):
        first, last = (_value(ami, f"AST_CONFIG(rtp.conf,general,{name})") for name in ("rtpstart", "rtpend"))
        # Source: res_rtp_asterisk.c, DEFAULT_RTP_START and DEFAULT_RTP_END.
        rtp = (int(first) if first.isdigit() else 5_000, int(last) if last.isdigit() else 31_000)
    return Facts(
        version=settings.headers.get("AsteriskVersion", ""),
        calls_at_most=int(_number(settings, "CoreMaxCalls") or 0),
        actions=frozenset(commands.headers) - {"Response", "ActionID", "Message"},
        modules=modules,
        contexts=contexts,
        endpoints=endpoints_there,
        queues=_each(ami, wanted.queues, "QUEUE_EXISTS({})") if knows.get(QUEUES) else None,
        rtp=rtp,
        ahead_s=None if here is None else here - (began + ended) / 2,
        round_trip_s=ended - began,
    )


def _each(ami: Ami, names: Sequence[str], question: str) -> dict[str, bool] | None:
    """Return what is there; None if Asterisk does not understand the question."""
    answers = {name: _value(ami, question.format(name)) for name in names}
    if not all(answer in {"0", "1"} for answer in answers.values()):
        return None
    return {name: answer == "1" for name, answer in answers.items()}


def _value(ami: Ami, what: str) -> str:
    return ami.send_action(Action="Getvar", Variable=what).headers.get("Value", "")


def _number(reply: Reply, name: str) -> float | None:
    try:
        return float(reply.headers[name])
    except (KeyError, ValueError):
        return None
