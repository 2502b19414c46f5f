"""What simulated days came to, for people: a table of modes side by side, and by how much they differ."""

from collections.abc import Callable, Iterable
from math import isclose

import click

from cli.output import print_json, print_rows
from cli.simulate.asking import Experiment
from cli.simulate.document import document
from cli.simulate.estimates import estimate_table
from cli.simulate.running import Done
from dialer.reports.render import text_table
from dialer.simulation.figures import Abandonment, Difference, Figures, difference, figures
from dialer.simulation.presets import presets
from dialer.simulation.statistics import DaysOver, Estimate


def tell_presets(*, as_json: bool) -> None:
    """Print the scenarios that come with the dialer."""
    rows = (
        {"scenario": one.name, "agents": one.scenario.agents, "hours": one.scenario.hours, "about": one.about}
        for one in presets()
    )
    print_rows(rows, as_json=as_json, empty="There is none.")


def tell(experiment: Experiment, done: Done, *, as_json: bool) -> None:
    """Print what modes came to, and by how much they differ from the first."""
    found = [figures(mode, [day.result for day in days]) for mode, days in done.days.items() if days]
    differences = _differences(done)
    if as_json:
        print_json(document(experiment, done, found, differences))
        return
    if experiment.estimated is not None:
        click.echo(f"{estimate_table(experiment.estimated)}\n")
    days = max(one.days_over_limit.days for one in found)
    click.echo(f"{experiment.scenario.name}: {_count(days, 'day')} of {experiment.scenario.hours:g} h, "
               f"{_count(experiment.scenario.agents, 'agent')}\n")  # fmt: skip
    click.echo(_table(found))
    for mode in found:
        if mode.campaigns:
            click.echo(f"\nCampaigns, {mode.mode}:\n{_campaigns(mode)}")
    if differences:
        click.echo(f"\nOn the same days, against {differences[0].against}:\n{_difference_table(differences)}")
    _tell_notes(experiment, done, days)


def _differences(done: Done) -> list[Difference]:
    (first, days), *others = done.days.items()
    of_first = [day.result for day in days]
    return [
        difference(mode, [day.result for day in ours], first, of_first)
        for mode, ours in others
        if ours and of_first
    ]


def _table(found: Iterable[Figures]) -> str:
    header = (
        "mode", "utilisation %", "wait s", "abandoned %", "days over 3 %", "worst 30 min %",
        "people per agent hour", "calls a day",
    )  # fmt: skip
    rows = [
        [
            one.mode,
            _percent(one.utilisation),
            _plain(one.wait_s),
            *_abandonment(one),
            _plain(one.connected_per_hour),
            _plain(one.attempts_per_day, decimals=0),
        ]
        for one in found
    ]
    return text_table(header, rows)


def _campaigns(mode: Figures) -> str:
    rows = [[name, *_abandonment(one)] for name, one in mode.campaigns.items()]
    return text_table(("campaign", "abandoned %", "days over 3 %", "worst 30 min %"), rows)


def _abandonment(one: Abandonment) -> list[str]:
    return [
        _percent(one.abandonment_rate, decimals=2),
        _over(one.days_over_limit),
        _percent(one.worst_30min),
    ]


def _difference_table(differences: Iterable[Difference]) -> str:
    header = ("mode", "utilisation, points", "wait s", "abandoned, points", "worst 30 min, points")
    rows = [
        [
            one.mode,
            _signed(one.utilisation, scale=100),
            _signed(one.wait_s, scale=1),
            _signed(one.abandonment_rate, scale=100, decimals=2),
            _signed(one.worst_30min, scale=100),
        ]
        for one in differences
    ]
    return text_table(header, rows)


def _tell_notes(experiment: Experiment, done: Done, days: int) -> None:
    lines = ["", "± and brackets: 95 % intervals, by the days (days over 3 %: exact binomial)."]
    if days == 1:
        lines = ["", "One day says nothing about chance: --seeds 20 gives intervals."]
    virtual_s = sum(day.result.virtual_s for found in done.days.values() for day in found)
    lines.append(
        f"{virtual_s / 3600:,.0f} hours in {done.real_s:,.1f} s: {virtual_s / max(done.real_s, 1e-9):,.0f} times real time."
    )
    if done.interrupted:
        wanted = len(experiment.seeds) * len(experiment.modes)
        lines.append(f"Interrupted: {sum(map(len, done.days.values()))} of {wanted} days are done.")
    lines += [
        f"{name}: {path}" for name, path in (("calls", experiment.calls), ("plot", experiment.plot)) if path
    ]
    click.echo("\n".join(lines))


def _percent(estimate: Estimate, *, decimals: int = 1) -> str:
    return _interval(estimate, lambda value: f"{100 * value:.{decimals}f}")


def _plain(estimate: Estimate, *, decimals: int = 1) -> str:
    return _interval(estimate, lambda value: f"{value:,.{decimals}f}")


def _signed(estimate: Estimate, *, scale: float, decimals: int = 1) -> str:
    shown = _interval(estimate, lambda value: f"{scale * value:+.{decimals}f}")
    return shown if estimate.differs or estimate.low is None else f"{shown} (chance)"


def _interval(estimate: Estimate, form: Callable[[float], str]) -> str:
    if estimate.mean is None:
        return "-"
    if estimate.low is None or estimate.high is None:
        return form(estimate.mean)
    below, above = estimate.mean - estimate.low, estimate.high - estimate.mean
    if isclose(below, above, rel_tol=1e-6, abs_tol=1e-12):
        return f"{form(estimate.mean)} ± {form(above).removeprefix('+')}"
    return f"{form(estimate.mean)} ({form(estimate.low)} to {form(estimate.high)})"


def _over(share: DaysOver) -> str:
    if share.mean is None or share.low is None or share.high is None:
        return "-"
    found = round(share.mean * share.days)
    return f"{found} of {share.days} ({100 * share.low:.0f} to {100 * share.high:.0f} %)"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
