"""Days that were simulated before, so that a measurement of hours can be taken up again: one JSON object a line.

A day follows from its scenario, mode and seed and from the code alone: whether the code still comes to the same days is seen by
simulating one of them again.
"""

import json
from pathlib import Path

import msgspec

from dialer.simulation.day_result import DayResult


class RecordedDays:
    """Those of a file.

    Args:
        path: Where they are, and more are added to; None: there are none, and none are kept.
    """

    def __init__(self, path: Path | None):
        self._path = path
        self._days = {}
        for line in path.read_text().splitlines() if path is not None and path.exists() else ():
            day = json.loads(line)
            result = msgspec.convert(day["result"], DayResult)
            self._days.setdefault((day["scenario"], day["mode"]), {})[result.seed] = result

    def kinds(self) -> list[tuple[str, str]]:
        """Return the scenarios and modes that days are of."""
        return list(self._days)

    def of(self, scenario: str, mode: str) -> dict[int, DayResult]:
        """Return the days of a scenario under a mode, by seed."""
        return self._days.get((scenario, mode), {})

    def add(self, scenario: str, mode: str, result: DayResult) -> None:
        """Keep a day more."""
        result = self.kept(result)
        self._days.setdefault((scenario, mode), {})[result.seed] = result
        if self._path is not None:
            line = {"scenario": scenario, "mode": mode, "result": msgspec.to_builtins(result)}
            with self._path.open("a") as file:
                file.write(json.dumps(line, separators=(",", ":")) + "\n")

    def kept(self, result: DayResult) -> DayResult:
        """Return what is kept of a day: a campaign alone is the day."""
        return msgspec.structs.replace(
            result, campaigns=result.campaigns if len(result.campaigns) > 1 else {}
        )
