"""What the documentation says that each switch can do is what the cases make it show."""

from pathlib import Path

from tests.contract.asterisk_rig import TwoServersRig
from tests.contract.rig import Capability
from tests.contract.simulated_rig import SimulatedRig
from tests.contract.sip_rig import SipRig

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "switches.md"
RIGS = {"simulated": SimulatedRig, "sip": SipRig, "asterisk": TwoServersRig}


def test_the_table_of_switches_says_what_their_rigs_show():
    rows = [f"| it shows | {' | '.join(RIGS)} |", "| --- | --- | --- | --- |"]
    for capability in Capability:
        shown = ("yes" if capability in rig.capabilities else "no" for rig in RIGS.values())
        rows.append(f"| {capability} | {' | '.join(shown)} |")
    assert "\n".join(rows) in PAGE.read_text()
