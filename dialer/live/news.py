"""What the administrator reads in the messages of a run: changes of campaigns, once they are on record."""

import logging
from collections.abc import Iterable

from dialer.core.records import CampaignChanged, Record

_logger = logging.getLogger(__name__)

# What passes by itself. Everything else that a campaign gives as its reason wants somebody to act.
_PASSING = ("waiting for", "calling window")


def tell(records: Iterable[Record]) -> None:
    """Log what records say of campaigns: that one cannot dial is a warning, with its reason."""
    for record in records:
        if not isinstance(record, CampaignChanged):
            continue
        facts = {"campaign_id": record.campaign_id, "state": str(record.state)}
        if record.reason:
            facts |= {"reason": str(record.reason)}
        if record.until is not None:
            facts |= {"until": record.until}
        if record.reason and not record.reason.startswith(_PASSING):
            _logger.warning("a campaign cannot dial", extra=facts)
        else:
            _logger.info("a campaign waits" if record.reason else "a campaign changed", extra=facts)
