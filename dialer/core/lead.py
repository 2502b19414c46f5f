"""What the engine knows of a claimed lead."""

import msgspec

from dialer.core.ids import LeadId, ZoneGroupId
from dialer.core.rules.number_kinds import NumberKind
from dialer.core.states import Outcome


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine knows of a claimed lead: no name, no number."""

    lead_id: LeadId
    zone_group: ZoneGroupId
    region: str
    """ISO 3166 code of the number, "001" for numbers of no country."""
    kind: NumberKind
    attempts: int = 0
    tries: dict[Outcome, int] = msgspec.field(default_factory=dict)
    """Attempts so far by outcome."""
    faults: int = 0
    """Faults of the carrier's that it met on `faults_day`."""
    faults_day: int = 0
    """Days since the epoch, UTC."""
    do_not_call: bool = False
    consented: bool = False
    """Whether consent to calls without an agent is on record, for the seller that was asked about."""
    score: float = 0.0
    """By how much its log-odds of an answer exceed those of others, as its list says."""
    promised: bool = False
    """Whether somebody was told that this call would come."""
