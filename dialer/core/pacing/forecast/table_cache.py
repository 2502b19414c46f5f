"""Tables that were made, until what they are made of has changed."""

from typing import NamedTuple

import numpy as np

from dialer.core.ids import CampaignId
from dialer.core.pacing.forecast.durations import Floats
from dialer.core.pacing.forecast.outlook import Outlook
from dialer.core.pacing.forecast.tables import Tables, horizons, tables


class _Made(NamedTuple):
    """Tables, and what they were made of."""

    settled_at: float
    later_s: float
    seconds: Floats
    tables: Tables


class TableCache:
    """Follows from outlooks: what is made again is the same."""

    def __init__(self) -> None:
        self._horizons: dict[CampaignId, tuple[float, Floats]] = {}
        self._common: tuple[dict[CampaignId, float], Floats] = {}, np.empty(0)
        self._tables: dict[CampaignId, _Made] = {}

    def horizons(self, campaign_id: CampaignId, outlook: Outlook) -> Floats:
        """Return how far ahead a campaign looks."""
        known = self._horizons.get(campaign_id)
        if known is None or known[0] != outlook.settled_at:
            known = self._horizons[campaign_id] = (outlook.settled_at, horizons(outlook.learned))
        return known[1]

    def common_horizons(self, outlooks: dict[CampaignId, Outlook]) -> Floats:
        """Return how far ahead campaigns look that race each other: their mean."""
        settled = {one: outlook.settled_at for one, outlook in outlooks.items()}
        if self._common[0] != settled:
            mean: Floats = np.mean([self.horizons(one, outlook) for one, outlook in outlooks.items()], axis=0)
            self._common = settled, mean
        return self._common[1]

    def tables(self, campaign_id: CampaignId, outlook: Outlook, seconds: Floats, *, later_s: float) -> Tables:
        """Return a campaign's tables at some horizons, which do not change; see `tables`."""
        known = self._tables.get(campaign_id)
        if (
            known is None
            or known.settled_at != outlook.settled_at
            or known.later_s != later_s
            or (known.seconds is not seconds and known.seconds.tobytes() != seconds.tobytes())
        ):
            made = tables(outlook.learned, seconds, later_s=later_s)
            known = self._tables[campaign_id] = _Made(outlook.settled_at, later_s, seconds, made)
        return known.tables
