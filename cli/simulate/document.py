"""What simulated days came to, for programs: every figure with its interval, and every day."""

from collections.abc import Sequence
from typing import Any

import msgspec

from cli.simulate.asking import Experiment
from cli.simulate.running import Done
from dialer.simulation.day_result import LIMIT
from dialer.simulation.figures import Difference, Figures


def document(
    experiment: Experiment, done: Done, found: Sequence[Figures], differences: Sequence[Difference]
) -> dict[str, Any]:
    """Return the figures of one mode, or those of each and their differences."""
    head: dict[str, Any] = {
        "scenario": experiment.scenario.name,
        "seeds": {"first": experiment.seeds[0], "count": len(experiment.seeds)},
        "limit": LIMIT,
        "interrupted": done.interrupted,
    }
    if experiment.estimated is not None:
        head["estimated"] = msgspec.to_builtins(experiment.estimated)
    modes = [
        {**msgspec.to_builtins(one), "speed": _speed(done, one.mode), "days": _days(done, one.mode)}
        for one in found
    ]
    if len(experiment.modes) == 1:
        return head | modes[0]
    return head | {"modes": modes, "differences": msgspec.to_builtins(differences)}


def _speed(done: Done, mode: str) -> dict[str, float]:
    """Return virtual over real time, of one core."""
    days = done.days[mode]
    virtual_s, real_s = sum(day.result.virtual_s for day in days), sum(day.real_s for day in days)
    return {
        "virtual_s": virtual_s,
        "core_s": round(real_s, 3),
        "virtual_over_real": round(virtual_s / real_s, 1) if real_s else 0.0,
        "events": sum(day.result.events for day in days),
    }


def _days(done: Done, mode: str) -> list[dict[str, Any]]:
    return [
        {
            **msgspec.to_builtins(day.result),
            "utilisation": day.result.utilisation,
            "wait_s": day.result.wait_s,
            "abandonment_rate": day.result.abandonment_rate,
            "over_limit": day.result.over_limit,
        }
        for day in done.days[mode]
    ]
