"""How likely leads are to answer, as a column of their list says."""

import math
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, select

from dialer.core.lead import Lead
from dialer.storage.schema import lead

MOST: Final = 5.0
"""Log-odds further from 0 are taken for this: 150 times the odds of the others. A guess at what no list knows better."""

_ATTRIBUTES = select(lead.c.id, lead.c.attributes).where(lead.c.id.in_(bindparam("leads", expanding=True)))


def with_scores(connection: Connection, leads: Sequence[Lead], attribute: str) -> tuple[Lead, ...]:
    """Return leads with the log-odds that a column of their list gives; 0 where it gives none.

    Args:
        connection: To read by.
        leads: The leads.
        attribute: The column's name; empty: none gives any.
    """
    if not attribute or not leads:
        return tuple(leads)
    rows = connection.execute(_ATTRIBUTES, {"leads": [one.lead_id for one in leads]})
    scores = {lead_id: score_of(msgspec.json.decode(text).get(attribute)) for lead_id, text in rows}
    return tuple(msgspec.structs.replace(one, score=scores.get(one.lead_id, 0.0)) for one in leads)


def score_of(value: Any) -> float:
    """Return the log-odds that a value of a list means; 0 for what is no number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0.0
    return min(MOST, max(-MOST, number)) if math.isfinite(number) else 0.0
