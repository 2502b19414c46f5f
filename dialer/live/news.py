"""What the administrator reads in the messages of a run: alarms and changes of campaigns, once on record."""

import logging
from collections.abc import Iterable

from dialer.core.record import Record
from dialer.core.records import CampaignChanged, JournalEntry

_logger = logging.getLogger(__name__)

# What passes by itself. Everything else that a campaign gives as its reason wants somebody to act.
_PASSING = ("waiting for", "calling window")


def tell(records: Iterable[Record]) -> None:
    """Log what records say: an alarm, and that a campaign cannot dial, is a warning with its reason."""
    for record in records:
        if isinstance(record, JournalEntry):
            _tell_alarm(record)
        elif isinstance(record, CampaignChanged):
            _tell_campaign(record)


def _tell_alarm(record: JournalEntry) -> None:
    if record.kind == "alarm":
        _logger.warning("alarm", extra={"detail": record.detail})
    elif record.kind == "alarm_over":
        _logger.info("alarm over", extra={"detail": record.detail})


def _tell_campaign(record: CampaignChanged) -> None:
    facts = {"campaign_id": record.campaign_id, "state": str(record.state)}
    if record.reason:
        facts |= {"reason": str(record.reason)}
    if record.until is not None:
        facts |= {"until": record.until}
    if record.reason and not record.reason.startswith(_PASSING):
        _logger.warning("a campaign cannot dial", extra=facts)
    else:
        _logger.info("a campaign waits" if record.reason else "a campaign changed", extra=facts)
