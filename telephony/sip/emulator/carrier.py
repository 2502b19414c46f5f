"""The emulated carrier: takes every call it is sent, plays the called party, calls nobody.

python -m telephony.sip.emulator.carrier --listen 127.0.0.1:5070 --behaviour FILE --log FILE
"""

import argparse
import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path

from dialer.errors import ConfigError
from telephony.sip.emulator import process
from telephony.sip.emulator.behaviour import Directory
from telephony.sip.emulator.digest import Guard
from telephony.sip.emulator.options import add_common_options, common_settings
from telephony.sip.emulator.tones import Family, pairs_of


class CarrierSettings(process.ProcessSettings, frozen=True, kw_only=True):
    """What the carrier needs.

    Attributes:
        behaviour: The file of rules, see `behaviour`.
        user: Who may call; None asks nobody for credentials.
        password: That user's.
        challenge_status: 401 asks as a server, 407 as a proxy.
    """

    behaviour: Path
    user: str | None = None
    password: str = ""
    challenge_status: int = 401


class _CustomerPairs:
    """Each answered call gets the pair that has been free longest."""

    def __init__(self) -> None:
        pairs = pairs_of(Family.CUSTOMERS)
        self._free = deque(pairs)
        self._shared = cycle(pairs)

    def take(self, _number: str) -> str:
        return self._free.popleft() if self._free else next(self._shared)

    def give_back(self, pair: str) -> None:
        if pair not in self._free:
            self._free.append(pair)


def run_carrier(
    settings: CarrierSettings, *, on_ready: Callable[[process.Ready], None] = process.print_ready
) -> None:
    """Play the carrier until SIGTERM or SIGINT, in the main thread.

    Raises:
        ConfigError: If the address, a file or the certificate cannot be used.
    """
    guard = None
    if settings.user is not None:
        guard = Guard(settings.user, settings.password, realm="carrier", status=settings.challenge_status)
    cast = process.Cast(
        directory=Directory.load(settings.behaviour, seed=settings.seed),
        pairs=_CustomerPairs(),
        peers=Family.PHONES,
        guard=guard,
    )
    process.run(settings, cast, on_ready=on_ready)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with command line arguments and return the exit code."""
    parser = argparse.ArgumentParser(description="An emulated SIP carrier for tests and trials.")
    add_common_options(parser)
    parser.add_argument("--behaviour", type=Path, required=True, help="TOML file of what numbers do")
    parser.add_argument("--user", help="ask callers for this user's credentials")
    parser.add_argument("--password-env", default="CARRIER_PASSWORD", help="variable that holds the password")
    parser.add_argument("--challenge", type=int, choices=(401, 407), default=401)
    options = parser.parse_args(arguments)
    settings = CarrierSettings(
        **common_settings(options),
        behaviour=options.behaviour,
        user=options.user,
        password=os.environ.get(options.password_env, ""),
        challenge_status=options.challenge,
    )
    try:
        run_carrier(settings)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
