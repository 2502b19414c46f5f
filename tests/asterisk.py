"""A real Asterisk for tests, with the very files that `dialer asterisk config` writes.

One is started in half a second; it is an ordinary process on loopback, and ends for sure. Nothing is skipped when
it is missing: `make test` gets it.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cli.asterisk.instance import ROOT_VARIABLE, Instance, Program
from dialer.config import Config, TrunkConfig

NAME = "local"
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
