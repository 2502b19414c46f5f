"""A rig for every adapter there is; a case that needs what an adapter cannot show is not made for it."""

import pytest

from tests.contract.asterisk_rig import TwoServersRig
from tests.contract.simulated_rig import SimulatedRig
from tests.contract.sip_rig import SipRig

RIGS = {"simulated": SimulatedRig, "sip": SipRig, "asterisk": TwoServersRig}


def pytest_configure(config):
    config.addinivalue_line("markers", "needs(capability): what an adapter must be able to show")


def pytest_generate_tests(metafunc):
    if "rig" in metafunc.fixturenames:
        needed = {mark.args[0] for mark in metafunc.definition.iter_markers("needs")}
        able = [name for name, rig in RIGS.items() if needed <= rig.capabilities]
        metafunc.parametrize("rig", able, indirect=True)


@pytest.fixture(scope="session")
def sip_rig(tmp_path_factory):
    rig = SipRig(tmp_path_factory.mktemp("sip"))
    yield rig
    rig.close()


@pytest.fixture(scope="session")
def asterisk_rig(tmp_path_factory):
    rig = TwoServersRig(tmp_path_factory.mktemp("asterisk"))
    yield rig
    rig.close()


@pytest.fixture
def rig(request):
    if request.param == "simulated":
        yield SimulatedRig()
        return
    one = request.getfixturevalue(f"{request.param}_rig")
    yield one
    one.clear()
