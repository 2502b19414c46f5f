"""The workers there are, and those there should be: two lines a worker, one agent a worker, spares kept warm."""

import logging
import selectors
from collections import Counter
from collections.abc import Callable, Mapping

from dialer.config import SipConfig, TrunkConfig
from dialer.errors import ConfigError
from telephony.sip import network, protocol
from telephony.sip.hands import Hand
from telephony.sip.network import PORTS_PER_WORKER, Ports
from telephony.sip.protocol import FAREWELL_S, Peer, SetUp

COMPLETE = "every line has its worker"
"""Logged once: calls can be placed before, as far as workers have started; they start a few at a time."""
LINES_PER_WORKER = 2
_SPARE_AGENTS = 2
_STARTING = 4
"""How many may start at once; each takes about a quarter of a second of a core."""
_RETRY_S = 1.0
_RECEPTION = "\0reception"
"""Stands where a worker has its trunk; nobody calls a trunk so."""

_log = logging.getLogger(__name__)


def scarcest(wanted: Mapping[str, int], there: Mapping[str | None, int]) -> str | None:
    """Return the trunk that gets the next worker: of those that miss some the one with the fewest, so that each has its first one soon.

    Args:
        wanted: Workers by trunk.
        there: Those there are.

    Returns:
        None if none misses any.
    """
    missing = [name for name, workers in wanted.items() if there.get(name, 0) < workers]
    return min(missing, key=lambda name: there.get(name, 0)) if missing else None


class Crew:
    """Starts workers, watches them and replaces the dead.

    Args:
        config: Addresses and ports.
        trunks: By name; each has workers for all its lines.
        selector: Gets each worker's pipe, with the worker as its data.
        lost: Called with each worker that is gone.

    Raises:
        ConfigError: If a host has no address, a password is missing, or the ports are too few.
    """

    def __init__(
        self,
        config: SipConfig,
        trunks: Mapping[str, TrunkConfig],
        *,
        selector: selectors.BaseSelector,
        lost: Callable[[Hand], None],
    ) -> None:
        self.hands: list[Hand] = []
        self.error = ""
        self._config = config
        self._selector = selector
        self._lost = lost
        self._ports = Ports(config)
        self._blocks: dict[int, int] = {}
        self._lines = {name: -(-trunk.lines // LINES_PER_WORKER) for name, trunk in trunks.items()}
        self._access = {name: network.trunk_access(trunk) for name, trunk in trunks.items()}
        self._peers: dict[str | None, tuple[Peer, ...]] = {
            name: network.trunk_peers(trunk, name=name) for name, trunk in trunks.items()
        }
        self._peers[None] = network.agent_peers(config)
        self._session_timers: dict[str | None, int] = {
            name: trunk.session_timer_s for name, trunk in trunks.items()
        }
        self._start_at = 0.0
        self._unfit: dict[str | None, float] = {}
        self._complete = False
        self._desk = network.desk(config)
        needed = PORTS_PER_WORKER * (sum(self._lines.values()) + _SPARE_AGENTS)
        if needed > config.ports:
            raise ConfigError(
                f"sip.ports: {config.ports} are too few: the trunks' lines and {_SPARE_AGENTS} agents need {needed}, "
                f"and each further agent {PORTS_PER_WORKER}"
            )
        if self._desk is not None:
            self._lines[_RECEPTION] = 1

    def spawn(self, trunk: str | None, now: float) -> None:
        """Start one worker.

        Raises:
            ConfigError: If no port is free.
            OSError: If no process can be started.
        """
        if trunk == _RECEPTION:
            self._add(Hand(self._reception(), trunk=trunk, now=now))
            return
        block = self._ports.take()
        setup = SetUp(
            version=protocol.VERSION,
            bind=self._config.bind,
            sip_port=self._ports.sip_port(block),
            cross_port=self._ports.sip_port(block) + 1,
            rtp_port=self._ports.rtp_port(block),
            peers=self._peers[trunk],
            cross_peers=self._ports.cross_peers(),
            trunk=self._access[trunk] if trunk is not None else None,
            no_audio_s=self._config.no_audio_s,
            session_timer_s=self._session_timers.get(trunk, self._config.session_timer_s),
        )
        hand = Hand(setup, trunk=trunk, now=now)
        self._blocks[id(hand)] = block
        self._add(hand)

    def _add(self, hand: Hand) -> None:
        self.hands.append(hand)
        self._selector.register(hand.pipe, selectors.EVENT_READ, hand)

    def _reception(self) -> SetUp:
        return SetUp(
            version=protocol.VERSION,
            bind=self._config.bind,
            sip_port=self._config.agents_port,
            cross_port=0,
            rtp_port=0,
            peers=(),
            cross_peers=(),
            desk=self._desk,
        )

    def tick(self, now: float, *, waiting_agents: int, growing: bool = True) -> None:
        """Bury the dead and, if `growing`, start what is missing."""
        for hand in list(self.hands):
            if not hand.keep_alive(now):
                self._bury(hand, now)
            elif words := hand.words():
                _log.warning(
                    "a SIP worker said something", extra={"worker": hand.process.pid, "words": words}
                )
        starting = sum(not hand.ready for hand in self.hands)
        while growing and now >= self._start_at and starting < _STARTING:
            missing = self._missing(waiting_agents)
            if missing is None:
                self._say_complete(starting)
                return
            starting += 1
            try:
                self.spawn(missing[0], now)
            except (ConfigError, OSError) as error:
                self._fault(str(error), now)

    def _say_complete(self, starting: int) -> None:
        if not (self._complete or starting):
            self._complete = True
            _log.info(COMPLETE, extra={"workers": len(self.hands)})

    def free(self, trunk: str | None, now: float) -> Hand | None:
        """Return the worker that could have taken a leg for the longest time."""
        found = [
            (since, index)
            for index, hand in enumerate(self.hands)
            if hand.trunk == trunk and (since := hand.idle_since(now)) is not None
        ]
        return self.hands[min(found)[1]] if found else None

    def covers(self) -> bool:
        """Return whether every trunk and the agents have a worker that is ready."""
        ready = self._ready()
        return None in ready and all(name in ready for name, wanted in self._lines.items() if wanted)

    def unfit_s(self, now: float) -> float:
        """Return for how long workers of a kind that has none ready have said why they cannot start."""
        ready = self._ready()
        return max((now - since for kind, since in self._unfit.items() if kind not in ready), default=0.0)

    def _ready(self) -> set[str | None]:
        """Return the kinds of which a worker takes calls."""
        return {hand.trunk for hand in self.hands if hand.ready}

    def bury_all(self) -> None:
        """End every worker, now."""
        for hand in list(self.hands):
            self._bury(hand, 0.0)

    def desert(self) -> None:
        """Let go of every worker: each hangs up its legs and ends by itself."""
        for hand in self.hands:
            hand.pipe.close()
        for hand in self.hands:
            hand.bury(within_s=2 * FAREWELL_S)
        self.hands = []

    def slept(self, now: float) -> None:
        """Blame no worker for the time in which this process did not run."""
        for hand in self.hands:
            hand.heard(now)

    def _missing(self, waiting_agents: int) -> tuple[str | None] | None:
        """Return the kind of worker to start next, in a tuple as an agent's kind is None."""
        free_agents = sum(hand.free_places for hand in self.hands if hand.trunk is None)
        if free_agents < waiting_agents + _SPARE_AGENTS:
            return (None,)
        name = scarcest(self._lines, Counter(hand.trunk for hand in self.hands))
        return None if name is None else (name,)

    def _bury(self, hand: Hand, now: float) -> None:
        words = hand.words()
        hand_failed = not hand.ready
        self._selector.unregister(hand.pipe)
        self.hands.remove(hand)
        hand.bury()
        if (block := self._blocks.pop(id(hand), None)) is not None:
            self._ports.give_back(block)
        if hand_failed:
            if hand.error:
                self._unfit.setdefault(hand.trunk, now)
            self._fault(hand.error or words or f"a worker ended with {hand.process.returncode}", now)
        self._lost(hand)

    def _fault(self, reason: str, now: float) -> None:
        self.error = reason
        self._start_at = now + _RETRY_S
        _log.warning("a SIP worker does not start", extra={"reason": reason})
