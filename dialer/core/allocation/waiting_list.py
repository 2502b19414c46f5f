"""The tasks that wait for the same kind of agent, in the order in which they are served."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from typing import NamedTuple

from dialer.core.ids import TaskId


class Place(NamedTuple):
    """Where a task stands among those that wait; the smallest is first."""

    ranked_at: float
    """When it arrived, less its head start: seconds since the epoch. Nobody who came later by more than the difference of two head
    starts ever comes before it, which bounds every wait."""
    number: int
    task_id: TaskId


class WaitingList:
    """Tasks by place; some are claimed, that is: an agent takes nothing else until it can take them."""

    __slots__ = ("_all", "_unclaimed")

    def __init__(self) -> None:
        self._all: list[Place] = []
        self._unclaimed: list[Place] = []

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Place]:
        return iter(self._all)

    def add(self, place: Place) -> None:
        """Let a task wait."""
        insort(self._all, place)
        insort(self._unclaimed, place)

    def remove(self, place: Place) -> None:
        """Let a task wait no longer."""
        _delete(self._all, place)
        _delete(self._unclaimed, place)

    def claim(self, place: Place) -> None:
        """Note that an agent keeps itself for a task."""
        _delete(self._unclaimed, place)

    def unclaim(self, place: Place) -> None:
        """Note that nobody does any more."""
        insort(self._unclaimed, place)

    def index(self, place: Place) -> int:
        """Return how many come before a task."""
        return bisect_left(self._all, place)

    def first(self, may: Callable[[TaskId], bool], *, unclaimed: bool = False) -> Place | None:
        """Return the first task that somebody may take; None if there is none."""
        for place in self._unclaimed if unclaimed else self._all:
            if may(place.task_id):
                return place
        return None


def _delete(places: list[Place], place: Place) -> None:
    index = bisect_left(places, place)
    if index < len(places) and places[index] == place:
        del places[index]
