"""A real Asterisk for tests, with the very files that `dialer asterisk config` writes.

One is started in half a second; it is an ordinary process on loopback, and ends for sure. Nothing is skipped when
it is missing: `make test` gets it.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from cli.asterisk.instance import ROOT_VARIABLE, Instance, Program
from dialer.config import Config, TrunkConfig
from dialer.core.ids import LegId
from telephony.asterisk import actions
from telephony.asterisk.ami import Ami, Reply
from telephony.asterisk.channel_ids import leg_id
from telephony.asterisk.messages import Message

NAME = "local"
WITHIN_S = 30.0
_CHECKOUT = Path(__file__).parents[1]


def program() -> Program:
    """Return the Asterisk of the tests, wherever they are started."""
    if ROOT_VARIABLE in os.environ:
        root = Path(os.environ[ROOT_VARIABLE])
        return Program(str(root / "usr/sbin/asterisk"), root)
    made = (_CHECKOUT / ".asterisk").resolve()
    assert (made / "asterisk").exists(), "there is no Asterisk: run `make asterisk`"
    return Program(str(made / "asterisk"), made / "tree")


@contextmanager
def asterisk(
    trunks: Mapping[str, int] | None = None,
    *,
    config: Config | None = None,
    extra: Mapping[str, str] | None = None,
    name: str = NAME,
) -> Iterator[Instance]:
    """Run one meanwhile; see `Instance` for its ports, password, folder and log.

    Args:
        trunks: Ports of carriers on loopback, by the trunk's and endpoint's name.
        config: The dialer's instead, with trunks whose `server` is `name`.
        extra: More text for files of its `etc`, such as `{"extensions.conf": "[more]..."}`.
        name: Under which the dialer's configuration knows it.
    """
    made = config or Config(
        trunks={
            key: TrunkConfig(host="127.0.0.1", port=port, server=name) for key, port in (trunks or {}).items()
        }
    )
    one = Instance(made, name, extra=extra, program=program())
    try:
        one.start()
        yield one
    finally:
        one.remove()


def channels(one: Instance) -> set[LegId]:
    """Return the legs that it has channels of just now; a channel that sends audio to a listener is none."""
    return {
        leg_id(row["Uniqueid"]) for row in _channels(one) if not row["Channel"].startswith(actions.LISTENS)
    }


def listening(one: Instance) -> set[str]:
    """Return the channels that send audio to listeners just now."""
    return {row["Channel"] for row in _channels(one) if row["Channel"].startswith(actions.LISTENS)}


def _channels(one: Instance) -> list[Mapping[str, str]]:
    ami = Ami()
    ami.connect(one.server.host, one.ports.manager, timeout_s=WITHIN_S)
    try:
        ami.login(one.server.username, one.password, events=False)
        return [row.headers for row in ami.send_action(Action="CoreShowChannels").items]
    finally:
        ami.close()


class Sessions:
    """Both manager users of an instance: what is done, and what is told."""

    def __init__(self, one: Instance) -> None:
        self.told: list[Message] = []
        self._changed = threading.Condition()
        self._events, self._actions = Ami(on_events=self._take), Ami()
        for ami, user in ((self._events, one.server.events_username), (self._actions, one.server.username)):
            ami.connect(one.server.host, one.ports.manager, timeout_s=WITHIN_S)
            ami.login(user, one.password)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._actions.close()
        self._events.close()

    def _take(self, batch: list[Message]) -> None:
        with self._changed:
            self.told += batch
            self._changed.notify_all()

    def do(self, action: str, **headers: object) -> Reply:
        """Carry out an action."""
        return self._actions.send_action({"Action": action, **headers})

    def wait_for(self, wanted: Callable[[Mapping[str, str]], bool], *, since: int = 0) -> Mapping[str, str]:
        """Return the first wanted event after the first `since`."""
        with self._changed:
            if not self._changed.wait_for(
                lambda: any(wanted(one.headers) for one in self.told[since:]), WITHIN_S
            ):
                raise AssertionError(f"it does not come; there were {self.told[since:]}")
            return next(one.headers for one in self.told[since:] if wanted(one.headers))

    def event(self, name: str, leg: str, *, since: int = 0, **headers: str) -> Mapping[str, str]:
        """Return the first event of a channel with these headers."""
        known = {"Event": name, "Uniqueid": leg, **headers}
        return self.wait_for(lambda told: known.items() <= told.items(), since=since)
