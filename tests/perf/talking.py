"""What a talk costs the SIP workers: how often their threads wake, of all work the part that no noise changes."""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.demo import play
from cli.demo.fixture import Fixture
from cli.demo.stage import stage
from dialer.core.settings import PacingMode
from tests.processes import wakes

_TALKS = 4
# All answer in the first second and a half; counted is what lies well within their talks.
_TALK_S = 12.0
_FROM_S, _UNTIL_S = 4.0, 10.0
_WORKER = "telephony.sip.worker"


def figures() -> Iterator[tuple[str, float, str]]:
    """Yield the wakes a second of all workers, for each talk they carry; idle ones count too."""
    seen: list[tuple[float, int]] = []
    numbers = [f"+121255501{index:02}" for index in range(_TALKS)]
    rule = {"kind": "person", "ring_s": 0.5, "talk_s": _TALK_S, "numbers": numbers}
    rows = (("name", "phone"), *((f"Lead {index}", number) for index, number in enumerate(numbers)))
    given = Fixture(rows=rows, kinds={}, carrier={"rule": [rule]})
    with TemporaryDirectory() as folder, stage(Path(folder), given, agents=_TALKS, lines=_TALKS) as here:
        play.add_agents(here, _TALKS)
        play.log_in(here, _TALKS, lambda _: None)
        campaign_id = play.prepare(here, "talks", here.leads, play.settings(PacingMode.PROGRESSIVE, 1.0))
        play.call(
            here, campaign_id, None, lambda _: seen.append((time.monotonic(), wakes(here.run.pid, _WORKER)))
        )
        here.stop_run()
    began = seen[0][0]
    (first_at, first), *_, (last_at, last) = [
        one for one in seen if began + _FROM_S < one[0] < began + _UNTIL_S
    ]
    yield "sip.wakes_per_talk", (last - first) / (last_at - first_at) / _TALKS, "1/s"
