"""Invented callers of queues: when they call, how long they wait, how long they talk."""

from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Annotated

import msgspec

from dialer.core.ids import CallId
from dialer.core.queue_events import CallArrived
from dialer.core.settings import QueueSettings
from dialer.simulation.behaviour import CallPlan


class Callers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who calls one queue."""

    queue: QueueSettings
    per_hour: float
    """Mean rate; independent of each other, as callers are."""
    patience_s: float = 120.0
    """Mean of an exponential distribution. Source: the patience of Erlang A; its value is a guess."""
    talk_s: float = 180.0
    """Mean."""
    talk_variation: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    """Coefficient of variation of the talks, which are gamma distributed; 1: exponential, as in Erlang's formulas."""
    attributes: dict[str, str] = msgspec.field(default_factory=dict)


def calls_of(
    callers: Callers, chance: Random, *, start_at: float, seconds: float
) -> Iterator[tuple[CallArrived, CallPlan]]:
    """Yield the calls of a stretch of time, each with its life, in order: a Poisson process."""
    at = start_at
    shape = callers.talk_variation**-2
    for number in count(1):
        at += chance.expovariate(callers.per_hour / 3600)
        if at >= start_at + seconds:
            return
        name = f"{callers.queue.name}-{number}"
        plan = CallPlan(
            patience_s=chance.expovariate(1 / callers.patience_s),
            talk_s=chance.gammavariate(shape, callers.talk_s / shape),
        )
        event = CallArrived(
            at=at,
            arrival=name,
            call_id=CallId(name),
            queue=callers.queue.name,
            region="US",
            has_number=True,
            attributes=callers.attributes,
        )
        yield event, plan
