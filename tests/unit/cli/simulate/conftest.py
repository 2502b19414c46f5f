"""A small experiment that takes a moment."""

import pytest

from cli.simulate.asking import Experiment
from dialer.simulation.scenario import Mode, Scenario

SMALL = Scenario(name="small", agents=3, hours=0.5, warm_up_min=5)


@pytest.fixture
def experiment():
    """Return what is simulated, changed as asked."""

    def make(*modes, seeds=3, **more):
        return Experiment(
            scenario=SMALL,
            modes=tuple(Mode.parse(mode) for mode in modes or ("ratio:2",)),
            seeds=range(1, seeds + 1),
            **more,
        )

    return make
