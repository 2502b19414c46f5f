"""Draws what measured days come to: `python -m docs.measured` draws the pictures, `python -m docs.generate` the page.

The days themselves are in measured-days.jsonl; `tests/theory/test_goals.py` simulates them.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dialer.simulation.day_result import LIMIT, DayResult
from dialer.simulation.figures import Figures, figures
from tests.theory.goals import GOALS, HARD, PLANNED, SHARED, Goal
from tests.theory.recorded_days import RecordedDays

DOCS = Path(__file__).parent
PICTURE = DOCS / "measured-days.svg"
PICTURE_OF_MODES = DOCS / "measured-modes.svg"
PREDICTIVE = "predictive"
_GOALS = {goal.scenario: goal for goal in GOALS}
_HEAD = [
    "| days of | | utilisation | wait | abandoned | days above 3 %, at least | worst half hour: mean, worst |",
    "| --- | --- | --- | --- | --- | --- | --- |",
]


def page(note: str) -> str:
    """Return the page, with a note on where it is from."""
    recorded = RecordedDays(DOCS / "measured-days.jsonl")
    ahead = [scenario for scenario, mode in recorded.kinds() if mode == PREDICTIVE]
    hard = [scenario for scenario in ahead if scenario in {*HARD, SHARED}]
    usual = [scenario for scenario in ahead if scenario not in hard]
    compared = [scenario for scenario in ahead if len(_modes(recorded, scenario)) > 1]
    lines = [
        note,
        "# Measured days",
        "",
        "What whole simulated days came to, paced by forecast unless said otherwise ([the model](pacing.md#the-stationary-model),",
        "[days that change](pacing.md#days-that-change)): 8 h after half an hour of warm-up, of seeds that nothing was chosen by;",
        "but on the first twelve of `shared-20` the fault was seen that sharing by turns mends, which was then tuned on other days.",
        "In brackets the 95 % interval, in italics what was set out to be reached; *at least* is the lower bound of the share of days above",
        "the limit, one-sided, at 95 %: none may be above 5 %. Each day is a line of",
        "[measured-days.jsonl](measured-days.jsonl); `dialer simulate SCENARIO --mode predictive --seeds 1 --first-seed SEED` simulates it again.",
        "",
        "![Days by utilisation and abandonment, and their worst half hours](measured-days.svg)",
        "",
        *_HEAD,
        *_rows(recorded, usual),
    ]
    if hard:
        lines += ["", "## Hard days", "", *_HEAD, *_rows(recorded, hard)]
    if compared:
        lines += [
            "",
            "## Beside other modes, on the same days",
            "",
            "A ratio that suits days it was picked by breaks the limit once people answer more often or detection is off; forecasts follow.",
            "",
            "![How long agents wait and how many calls are abandoned, under ratios and by forecast](measured-modes.svg)",
        ]
    for scenario in compared:
        lines += ["", f"`{scenario}`:", "", *_HEAD, *_rows_beside(recorded, scenario)]
    return "\n".join([*lines, ""])


def _modes(recorded: RecordedDays, scenario: str) -> list[str]:
    return [mode for there, mode in recorded.kinds() if there == scenario]


def _rows_beside(recorded: RecordedDays, scenario: str) -> Iterator[str]:
    modes = _modes(recorded, scenario)
    common = set.intersection(*(set(recorded.of(scenario, mode)) for mode in modes))
    for mode in modes:
        days = recorded.of(scenario, mode)
        yield _row(f"`{mode}`", figures(mode, [days[seed] for seed in sorted(common)]), None)


def _rows(recorded: RecordedDays, scenarios: Sequence[str]) -> Iterator[str]:
    for scenario in scenarios:
        found = figures(PREDICTIVE, [*recorded.of(scenario, PREDICTIVE).values()])
        yield _row(f"`{scenario}`", found, _GOALS.get(scenario), planned=PLANNED[scenario])
        for name, one in found.campaigns.items():
            over = one.days_over_limit
            yield (
                f"| - its campaign `{name}` | {over.days} | | | {_percent(one.abandonment_rate.mean)} "
                f"| {_percent(over.mean, 1)}, {_percent(over.at_least, 1)} "
                f"| {_percent(one.worst_30min.mean, 1)}, {_percent(one.worst_30min.highest, 1)} |"
            ).replace("%", " %")


def _row(name: str, found: Figures, goal: Goal | None, *, planned: int = 0) -> str:
    busy, wait, over, worst = found.utilisation, found.wait_s, found.days_over_limit, found.worst_30min
    days = f"{over.days} of {planned}" if over.days < planned else f"{over.days}"
    return (
        f"| {name} | {days} "
        f"| {_percent(busy.mean)}{_interval(_percent(busy.low), _percent(busy.high))}{f', *{goal.utilisation:.1%}*' if goal else ''} "
        f"| {_seconds(wait.mean)}{_interval(_seconds(wait.low), _seconds(wait.high))}{f', *{goal.wait_s:g} s*' if goal else ''} "
        f"| {_percent(found.abandonment_rate.mean)} | {_percent(over.mean, 1)}, {_percent(over.at_least, 1)} "
        f"| {_percent(worst.mean, 1)}, {_percent(worst.highest, 1)}"
        f"{f', *{goal.worst_30min:.0%}*' if goal and goal.worst_30min < 1 else ''} |"
    ).replace("%", " %")


def _interval(low: str, high: str) -> str:
    return f" ({low} to {high})" if low and high else ""


def _percent(share: float | None, digits: int = 2) -> str:
    return "" if share is None else f"{share:.{digits}%}"


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f} s"


# --- the pictures ---------------------------------------------------------------------------------------


def draw() -> None:
    """Draw each day as a point, the distribution of worst half hours, and modes beside each other."""
    from matplotlib import rc_context

    from cli.simulate.drawing import COLOURS, STYLE

    recorded = RecordedDays(DOCS / "measured-days.jsonl")
    kinds = [goal.scenario for goal in GOALS if recorded.of(goal.scenario, PREDICTIVE)]
    with rc_context(STYLE):
        from matplotlib.figure import Figure

        picture = Figure(figsize=(11, 4.6), layout="constrained")
        days, hours = picture.subplots(1, 2, width_ratios=(1.5, 1))
        for number, scenario in enumerate(kinds):
            there = [*recorded.of(scenario, PREDICTIVE).values()]
            _points(days, there, scenario, COLOURS[number % len(COLOURS)])
        _worst(hours, [[*recorded.of(scenario, PREDICTIVE).values()] for scenario in kinds], kinds)
        days.axvline(100 * LIMIT, color="#B00020", linewidth=1)
        days.set(xlabel="abandoned, % of the day", ylabel="utilisation, %", title="Each day")
        days.legend(frameon=False, loc="center left", fontsize=8)
        picture.savefig(PICTURE, metadata={"Date": None})
        beside = Figure(figsize=(7.5, 4.2), layout="constrained")
        _beside(beside.subplots(), recorded, COLOURS)
        beside.savefig(PICTURE_OF_MODES, metadata={"Date": None})


def _beside(axes: Any, recorded: RecordedDays, colours: Sequence[str]) -> None:
    """Draw a curve of ratios for each scenario, and where forecasts come to."""
    there = [one for one, mode in recorded.kinds() if mode == "ratio:2"]
    for scenario, colour in zip(there, colours, strict=False):
        ratios = sorted((one for one in _modes(recorded, scenario) if one.startswith("ratio:")), key=_ratio)
        found = [figures(mode, [*recorded.of(scenario, mode).values()]) for mode in [*ratios, PREDICTIVE]]
        at = [(100 * (one.abandonment_rate.mean or 0.0), one.wait_s.mean or 0.0) for one in found]
        axes.plot(*zip(*at[:-1], strict=True), "o-", color=colour, markersize=4, linewidth=1, label=scenario)
        axes.plot(*at[-1], "*", color=colour, markersize=14, markeredgecolor="white")
        for ratio, (x, y) in zip(ratios, at, strict=False):
            axes.annotate(
                f"{_ratio(ratio):g}", (x, y), (3, 4), textcoords="offset points", color=colour, fontsize=7
            )
    axes.axvline(100 * LIMIT, color="#B00020", linewidth=1)
    axes.set(
        xlabel="abandoned, %",
        ylabel="an agent's wait between two calls, s",
        title="Calls per free agent (curves), and by forecast (stars)",
        ylim=(0, None),
    )
    axes.legend(frameon=False, fontsize=8)


def _ratio(mode: str) -> float:
    return float(mode.removeprefix("ratio:"))


def _points(axes: Any, days: Sequence[DayResult], name: str, colour: str) -> None:
    changes = name.startswith("realistic")
    axes.scatter(
        [100 * day.abandonment_rate for day in days],
        [100 * day.utilisation for day in days],
        s=14 if changes else 9,
        marker="x" if changes else "o",
        color=colour,
        alpha=0.6,
        linewidths=0.8 if changes else 0,
        label=f"{name} ({len(days)})",
    )


def _worst(axes: Any, days: Sequence[Sequence[DayResult]], names: Sequence[str]) -> None:
    axes.boxplot(
        [[100 * day.worst_30min for day in one] for one in days],
        orientation="horizontal",
        tick_labels=names,
        whis=(5, 95),
        flierprops={"markersize": 3, "markeredgecolor": "#8A8A8A"},
    )
    axes.invert_yaxis()
    axes.set(
        xlabel="abandoned, % of the worst half hour of a day",
        title="Worst half hours: median, quartiles, 5 to 95 %",
    )


if __name__ == "__main__":
    draw()
