"""Tables that were made, until what they are made of has changed."""

import numpy as np

from dialer.core.ids import CampaignId
from dialer.core.pacing.forecast.durations import Floats
from dialer.core.pacing.forecast.outlook import Outlook
from dialer.core.pacing.forecast.tables import Tables, horizons, tables

_Key = tuple[float, float, bytes]


class TableCache:
    """Follows from outlooks: what is made again is the same."""

    def __init__(self) -> None:
        self._horizons: dict[CampaignId, tuple[float, Floats]] = {}
        self._tables: dict[CampaignId, tuple[_Key, Tables]] = {}

    def horizons(self, campaign_id: CampaignId, outlook: Outlook) -> Floats:
        """Return how far ahead a campaign looks."""
        known = self._horizons.get(campaign_id)
        if known is None or known[0] != outlook.settled_at:
            known = self._horizons[campaign_id] = (outlook.settled_at, horizons(outlook.learned))
        return known[1]

    def common_horizons(self, outlooks: dict[CampaignId, Outlook]) -> Floats:
        """Return how far ahead campaigns look that race each other: their mean."""
        found = [self.horizons(one, outlook) for one, outlook in outlooks.items()]
        if len(found) == 1:
            return found[0]
        mean: Floats = np.mean(found, axis=0)
        return mean

    def tables(self, campaign_id: CampaignId, outlook: Outlook, seconds: Floats, *, later_s: float) -> Tables:
        """Return a campaign's tables at some horizons; see `tables`."""
        key = (outlook.settled_at, later_s, seconds.tobytes())
        known = self._tables.get(campaign_id)
        if known is None or known[0] != key:
            known = self._tables[campaign_id] = (key, tables(outlook.learned, seconds, later_s=later_s))
        return known[1]
