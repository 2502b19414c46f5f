"""Times at which a simulated carrier does not do its part."""

from collections.abc import Iterable

import msgspec

from dialer.core.ids import TrunkName
from dialer.core.states import EndCause
from dialer.simulation.behaviour import CallPlan

_SILENCE_S = 5.0
"""When a switch gives up a carrier that says nothing; that of the SIP adapter."""


class Outage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Calls through a trunk fail from `from_s` until `until_s`, seconds after the simulation began."""

    trunk: TrunkName
    from_s: float = 0.0
    until_s: float = float("inf")
    sip_code: int | None = 503
    """What the carrier says; None: nothing at all."""
    cause: EndCause = EndCause.CARRIER_FAULT

    def plan(self) -> CallPlan:
        """Return the life of a call that is placed meanwhile."""
        if self.sip_code is None:
            return CallPlan(post_dial_s=_SILENCE_S, failure=EndCause.NO_REPLY)
        return CallPlan(post_dial_s=0.1, failure=self.cause, sip_code=self.sip_code)


def outage_at(outages: Iterable[Outage], trunk: TrunkName, after_s: float) -> Outage | None:
    """Return the outage of a trunk at a time, None if it works."""
    now = (one for one in outages if one.trunk == trunk and one.from_s <= after_s < one.until_s)
    return next(now, None)
