"""The fixtures that integration tests share."""

import pytest

from tests.integration.emulated import BEHAVIOUR
from tests.integration.scripted_caller import Caller, Player, UdpWire
from tests.integration.sip_site import Site


@pytest.fixture
def site(tmp_path):
    one = Site(tmp_path)
    yield one
    one.close()


@pytest.fixture
def make_site(tmp_path):
    sites = []

    def make(*options, environment=None):
        sites.append(Site(tmp_path, *options, environment=environment))
        return sites[-1]

    yield make
    for one in sites:
        one.close()


@pytest.fixture
def behaviour(tmp_path):
    path = tmp_path / "behaviour.toml"
    path.write_text(BEHAVIOUR)
    return path


@pytest.fixture
def carrier(tmp_path, behaviour):
    with Player(
        "carrier", tmp_path / "carrier.log", "--behaviour", str(behaviour), "--rtp-timeout", "3", "--control"
    ) as player:
        yield player


@pytest.fixture
def wire(carrier):
    made = UdpWire(carrier.port)
    yield made
    made.close()


@pytest.fixture
def call(carrier, wire):
    """Return a function that makes callers of the carrier."""
    callers = []

    def make(number: str, pair: str | None = None) -> Caller:
        callers.append(Caller(wire, number, port=carrier.port, pair=pair))
        return callers[-1]

    yield make
    for caller in callers:
        caller.__exit__()
