"""Simulated agents who are shown leads before the call: each reads for a while, then calls or skips."""

import math
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from random import Random
from typing import Protocol

import msgspec

from dialer.core.events import RequestReceived
from dialer.core.ids import CampaignId, HandoverId, LeadId, RequestId
from dialer.core.preview_records import PreviewEnded, PreviewStarted
from dialer.core.preview_states import PreviewOutcome
from dialer.core.requests import CallLead, MakeReady, Request, SkipLead
from dialer.core.work.previews import NOT_IN_TIME

AGAIN_S = 5.0
"""Whoever could not call, because no line was free, tries again after this. A guess."""
BACK_S = 60.0
"""Whoever was paused for a lead that was not decided about in time is ready again after this. A guess."""
_FIRST_REQUEST = 2_000_000


class Deciding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How agents decide. Guesses: no figures of previews are published; `dialer report agents` shows one's own."""

    decide_s: float = 15.0
    """Mean of a lognormal distribution."""
    variation: float = 0.6
    """Standard deviation over mean."""
    skip_share: float = 0.1


USUAL = Deciding()


class Time(Protocol):
    """Where they live."""

    def later(self, delay_s: float, action: Callable[[float], None]) -> None:
        """Have `action(at)` called after a delay."""

    def post(self, event: RequestReceived) -> None:
        """Hand an event of the present instant to the engine."""


class Deciders:
    """All agents; what one decides about a lead depends on the seed, the lead and how often it was shown.

    Args:
        time: The world's.
        deciding: How they decide.
        seed: Of the chance in it.
    """

    def __init__(self, time: Time, deciding: Deciding, *, seed: int) -> None:
        self._time = time
        self._deciding = deciding
        self._seed = seed
        self._open: dict[HandoverId, PreviewStarted] = {}
        self._times: Counter[tuple[CampaignId, LeadId]] = Counter()
        self._requests = count(_FIRST_REQUEST)

    def shown(self, record: PreviewStarted) -> None:
        """Have an agent read a lead, and decide."""
        self._open[record.preview_id] = record
        about = (record.campaign_id, record.lead_id)
        self._times[about] += 1
        chance = Random(f"{self._seed} {about} {self._times[about]}")
        skips = chance.random() < self._deciding.skip_share
        sigma = math.sqrt(math.log1p(self._deciding.variation**2))
        reads_s = chance.lognormvariate(math.log(self._deciding.decide_s) - sigma**2 / 2, sigma)
        self._time.later(reads_s, partial(self._decide, record, skips))

    def ended(self, record: PreviewEnded) -> None:
        """Forget what is decided; whoever did not decide in time comes back after a while."""
        self._open.pop(record.preview_id, None)
        if record.outcome is PreviewOutcome.RETURNED and record.reason == NOT_IN_TIME:
            ready = MakeReady(agent_id=record.agent_id)
            self._time.later(BACK_S, lambda at: self._ask(ready, at))

    def _decide(self, record: PreviewStarted, skips: bool, at: float) -> None:
        if record.preview_id not in self._open:
            return
        request = SkipLead(agent_id=record.agent_id) if skips else CallLead(agent_id=record.agent_id)
        self._ask(request, at)
        self._time.later(AGAIN_S, partial(self._decide, record, skips))

    def _ask(self, request: Request, at: float) -> None:
        self._time.post(RequestReceived(at=at, request_id=RequestId(next(self._requests)), request=request))
