"""Days on all cores with a progress bar on a terminal; an interrupt keeps those that are done."""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from cli.simulate.asking import Experiment
from dialer.simulation.attempts_file import gather
from dialer.simulation.experiment import Day, Order, cores, simulate_days


class Done(msgspec.Struct, kw_only=True):
    """What was simulated."""

    days: dict[str, list[Day]]
    """Of each mode, by its name, in the order of their seeds."""
    real_s: float = 0.0
    interrupted: bool = False


def run(experiment: Experiment, *, jobs: int | None) -> Done:
    """Simulate, and write the attempts if that was asked for.

    Args:
        experiment: What to simulate.
        jobs: How many processes; None: one a core.

    Raises:
        Abort: If it was interrupted before the first day was done.
        SimulationError: If a process ended early.
        OSError: If a file cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="dialer-") as folder:
        orders = _orders(experiment, Path(folder) if experiment.calls else None)
        done = _simulate(experiment, orders, jobs or cores())
        if not any(done.days.values()):
            raise click.Abort
        if experiment.calls is not None:
            _write_calls(done, experiment.calls)
    return done


def draw_days(experiment: Experiment, done: Done) -> None:
    """Draw the picture that was asked for.

    Raises:
        OSError: If it cannot be written.
    """
    if experiment.plot is not None:
        from cli.simulate.drawing import draw

        shown = {mode: days for mode, days in done.days.items() if days}
        agents = experiment.scenario.agents
        title = f"{experiment.scenario.name}: {agents:,} {'agent' if agents == 1 else 'agents'}"
        draw(experiment.plot, title=title, days=shown)


def _orders(experiment: Experiment, folder: Path | None) -> list[Order]:
    """Return the days, all modes of a seed together: an interrupt then leaves pairs."""
    asked = ((seed, number) for seed in experiment.seeds for number in range(len(experiment.modes)))
    return [
        Order(
            scenario=experiment.scenario,
            mode=experiment.modes[number],
            seed=seed,
            attempts=folder / f"{number}-{seed}.csv" if folder else None,
        )
        for seed, number in asked
    ]


def _simulate(experiment: Experiment, orders: list[Order], jobs: int) -> Done:
    done = Done(days={name: [] for name in experiment.mode_names})
    began = time.perf_counter()
    try:
        with _bar(orders, experiment) as advance:
            for day in simulate_days(orders, jobs=jobs, on_progress=advance):
                done.days[str(day.order.mode)].append(day)
    except KeyboardInterrupt:
        done.interrupted = True
    done.real_s = time.perf_counter() - began
    for days in done.days.values():
        days.sort(key=lambda day: day.order.seed)
    return done


@contextmanager
def _bar(orders: list[Order], experiment: Experiment) -> Iterator[Callable[[float], None]]:
    """Show on stderr how far the days are; what it gives is told how many of their minutes are done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f} hours"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    shown = Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())
    with shown as bar:
        task = bar.add_task(experiment.scenario.name, total=len(orders) * experiment.scenario.hours)
        yield lambda minutes: bar.update(task, completed=minutes / 60)


def _write_calls(done: Done, path: Path) -> None:
    parts = [day.order.attempts for days in done.days.values() for day in days]
    gather((part for part in parts if part is not None), path)
