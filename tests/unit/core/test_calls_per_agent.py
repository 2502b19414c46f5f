"""Progressive and ratio pacing as arithmetic."""

import pytest

from dialer.core.pacing.calls_per_agent import Demand, calls_to_start


@pytest.mark.parametrize(
    ("free", "demands", "started"),
    [
        pytest.param(0, [(1, 3.0, 0, 9)], {1: 0}, id="nobody-free"),
        pytest.param(2, [(1, 1.0, 2, 9)], {1: 0}, id="every-agent-has-a-call"),
        pytest.param(5, [(1, 1.5, 2, 9)], {1: 5}, id="ratio"),
        pytest.param(1, [(1, 1.5, 0, 9)], {1: 1}, id="ratio-rounded-down"),
        pytest.param(20, [(1, 3.0, 0, 99)], {1: 60}, id="three-a-head"),
        pytest.param(4, [(1, 1.0, 0, 9), (2, 1.0, 0, 9)], {1: 2, 2: 2}, id="shared"),
        pytest.param(4, [(1, 1.0, 2, 9), (2, 1.0, 0, 9)], {1: 0, 2: 2}, id="the-one-behind-first"),
        pytest.param(4, [(1, 1.0, 0, 1), (2, 1.0, 0, 9)], {1: 1, 2: 3}, id="no-agent-left-idle"),
    ],
)
def test_agents_are_supply_once_and_shared(free, demands, started):
    assert calls_to_start(free, [Demand(*demand) for demand in demands]) == started
