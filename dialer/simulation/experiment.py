"""The same days under several modes, on as many cores as there are: the one place that starts processes and counts real time.

A day is drawn from its seed alone, whoever calls it and in whatever order: so modes meet the same people, and any number of
processes comes to the same figures.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path

import msgspec

from dialer.errors import DialerError
from dialer.simulation.attempts_file import AttemptsFile
from dialer.simulation.day import simulate_day
from dialer.simulation.day_result import DayResult, Minute
from dialer.simulation.scenario import Mode, Scenario

_LOOK_S = 0.2
"""How often it is looked how far the others are."""


class SimulationError(DialerError):
    """A process that simulated ended before its day did."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A day to simulate."""

    scenario: Scenario
    mode: Mode
    seed: int
    attempts: Path | None = None
    """Where its attempts are to be written."""


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A day that was simulated."""

    order: Order
    result: DayResult
    minutes: tuple[Minute, ...]
    real_s: float
    """What it took one core."""


OnProgress = Callable[[float], None]
"""Told how many minutes of all days together are done."""


def cores() -> int:
    """Return how many processes can work at a time."""
    return len(os.sched_getaffinity(0))


def simulate_days(
    orders: Sequence[Order], *, jobs: int, on_progress: OnProgress = lambda _: None
) -> Iterator[Day]:
    """Yield days as they are done, in any order; closing the iterator, or an interrupt, ends the others.

    Args:
        orders: What to simulate; begun in this order.
        jobs: How many processes, >= 1; one is this process.
        on_progress: Called a few times a second.

    Raises:
        SimulationError: If a process ended early.
        ConfigError: If the scenario cannot be simulated.
    """
    if min(jobs, len(orders)) <= 1:
        yield from _here(orders, on_progress)
    else:
        yield from _in_processes(orders, min(jobs, len(orders)), on_progress)


def _here(orders: Sequence[Order], on_progress: OnProgress) -> Iterator[Day]:
    done = 0

    def minute() -> None:
        nonlocal done
        done += 1
        if done % 10 == 0:
            on_progress(done)

    for order in orders:
        yield _simulate(order, minute)


def _simulate(order: Order, on_minute: Callable[[], None]) -> Day:
    minutes: list[Minute] = []

    def take(minute: Minute) -> None:
        minutes.append(minute)
        on_minute()

    began = time.perf_counter()
    with AttemptsFile(order.attempts, mode=order.mode, seed=order.seed) as file:
        result = simulate_day(
            order.scenario, seed=order.seed, mode=order.mode, on_attempt=file.add, on_minute=take
        )
    return Day(order=order, result=result, minutes=tuple(minutes), real_s=time.perf_counter() - began)


def _in_processes(orders: Sequence[Order], jobs: int, on_progress: OnProgress) -> Iterator[Day]:
    # Started anew, not forked: a forked child inherits locks that threads of this process may hold.
    context = multiprocessing.get_context("spawn")
    done, stop = context.Value("q", 0), context.Event()
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(done, stop))
    waiting, running = iter(orders), set[Future[Day]]()
    try:
        while True:
            # One more than can be worked on, so that nobody waits for the next.
            with _interrupts_wait():
                running |= {pool.submit(_work, order) for order in islice(waiting, jobs + 1 - len(running))}
            if not running:
                break
            ready, running = wait(running, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
            on_progress(done.value)
            yield from map(_result, ready)
    finally:
        if running:
            stop.set()
        pool.shutdown(cancel_futures=True)


def _result(ready: "Future[Day]") -> Day:
    try:
        return ready.result()
    except BrokenProcessPool as error:
        raise SimulationError(
            "a process that simulated was ended from outside, as is done where memory runs out; "
            "use fewer processes (`--jobs 1`)"
        ) from error


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Let processes that are started meanwhile never hear of ctrl-C: this one hears of it, and tells them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_done: "list[Synchronized[int]]" = []
"""Of a working process: where it counts its minutes."""


def _begin(done: "Synchronized[int]", stop: Event) -> None:
    _done.append(done)
    threading.Thread(target=_end_when_told, args=(stop,), daemon=True).start()


def _end_when_told(stop: Event) -> None:
    """End this process in the midst of its day once nobody waits for it."""
    parent = multiprocessing.parent_process()
    while not stop.wait(_LOOK_S):
        if parent is None or not parent.is_alive():
            break
    os._exit(1)


def _work(order: Order) -> Day:
    done = _done[0]

    def minute() -> None:
        with done.get_lock():
            done.value += 1

    return _simulate(order, minute)
