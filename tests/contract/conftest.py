"""A rig for every adapter there is."""

import pytest

from tests.contract.simulated_rig import SimulatedRig
from tests.contract.sip_rig import SipRig


@pytest.fixture(scope="session")
def sip_rig(tmp_path_factory):
    rig = SipRig(tmp_path_factory.mktemp("sip"))
    yield rig
    rig.close()


@pytest.fixture(params=["simulated", "sip"])
def rig(request):
    if request.param == "simulated":
        yield SimulatedRig()
        return
    one = request.getfixturevalue("sip_rig")
    yield one
    one.clear()
