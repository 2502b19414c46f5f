"""The emulated softphones: agent-1, agent-2 and so on answer their calls and stay until these end.

python -m telephony.sip.emulator.phones --listen 127.0.0.1:5080 --agents 5 --log FILE
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from dialer.errors import ConfigError
from telephony.sip.emulator import process
from telephony.sip.emulator.behaviour import Behaviour, Directory, Kind, Rule
from telephony.sip.emulator.options import add_common_options, common_settings
from telephony.sip.emulator.tones import Family, pairs_of

_RING_S = 0.2


class PhonesSettings(process.ProcessSettings, frozen=True, kw_only=True):
    """What the phones need.

    Attributes:
        agents: How many; their users are agent-1 to agent-N, all at one address.
        video: Whether all take video that is offered, and send some; where no rules say otherwise.
        behaviour: Rules as the carrier's with users for numbers; None: all answer after 0.2 s and stay.
    """

    agents: int
    video: bool = False
    behaviour: Path | None = None


def phone_user(index: int) -> str:
    """Return the user of a phone, counted from 1."""
    return f"agent-{index}"


class _PhonePairs:
    """Each phone has one pair for all its calls."""

    def __init__(self, agents: int) -> None:
        pairs = pairs_of(Family.PHONES)
        self._pairs = {phone_user(index + 1): pairs[index % len(pairs)] for index in range(agents)}
        self._stranger = pairs[-1]

    def take(self, number: str) -> str:
        return self._pairs.get(number, self._stranger)

    def give_back(self, _pair: str) -> None:
        return


def _directory(settings: PhonesSettings) -> Directory:
    if settings.behaviour is not None:
        return Directory.load(settings.behaviour, seed=settings.seed)
    users = tuple(phone_user(index + 1) for index in range(settings.agents))
    stays = Rule(kind=Kind.PERSON, ring_s=_RING_S, numbers=users, video=settings.video)
    return Directory((stays,), default=Behaviour(kind=Kind.INVALID), seed=settings.seed or 0)


def run_phones(
    settings: PhonesSettings, *, on_ready: Callable[[process.Ready], None] = process.print_ready
) -> None:
    """Play the phones until SIGTERM or SIGINT, in the main thread.

    Raises:
        ConfigError: If the address, a file or the certificate cannot be used.
    """
    pairs = _PhonePairs(settings.agents)
    cast = process.Cast(directory=_directory(settings), pairs=pairs, peers=Family.CUSTOMERS)
    process.run(settings, cast, on_ready=on_ready)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with command line arguments and return the exit code."""
    parser = argparse.ArgumentParser(description="Emulated softphones for tests and trials.")
    add_common_options(parser)
    parser.add_argument("--agents", type=int, default=5, help="how many phones: agent-1 to agent-N")
    parser.add_argument("--video", action="store_true", help="take video that is offered, and send some")
    parser.add_argument("--behaviour", type=Path, help="TOML file of what users do; default: answer and stay")
    options = parser.parse_args(arguments)
    settings = PhonesSettings(
        **common_settings(options), agents=options.agents, video=options.video, behaviour=options.behaviour
    )
    try:
        run_phones(settings)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
