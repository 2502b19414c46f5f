"""What the campaign commands do: from options to settings, from a list to a filled hopper."""

from collections.abc import Mapping
from typing import Any

from cli.options import Workplace
from dialer.config import Config
from dialer.core.ids import CampaignId, TrunkName
from dialer.core.settings import DEFAULT_RETRY, CampaignSettings, PacingMode
from dialer.errors import ConfigError
from dialer.live.clock import Clock
from dialer.reports.lists import find_list
from dialer.storage import campaigns
from dialer.storage.hopper import fill


def campaign_settings(given: Mapping[str, Any], config: Config | None) -> CampaignSettings:
    """Return settings from options; what is absent or None takes its default.

    Raises:
        ConfigError: If the trunk is not in the configuration, or a ratio is given without its mode.
    """
    named = {key: value for key, value in given.items() if value is not None}
    trunk = TrunkName(named.pop("trunk"))
    if config is not None:
        check_trunk(trunk, config)
    mode = PacingMode(named.pop("mode"))
    if (mode is PacingMode.RATIO) != ("ratio" in named):
        raise ConfigError("--mode ratio and --ratio go together: give both, as in --mode ratio --ratio 1.5")
    if "window" in named:
        named["window_opens_min"], named["window_closes_min"] = named.pop("window")
    retry = DEFAULT_RETRY | dict(named.pop("retry", ()))
    return CampaignSettings(campaign_id=CampaignId(0), trunk=trunk, mode=mode, retry=retry, **named)


def check_trunk(trunk: str, config: Config) -> None:
    """Make sure that the configuration has a trunk.

    Raises:
        ConfigError: If it has not; the text names those it has.
    """
    if trunk not in config.trunks:
        names = ", ".join(config.trunks) or "none"
        raise ConfigError(
            f"the configuration has no trunk {trunk!r} (it has: {names}): add [trunks.{trunk}] to it"
        )


def create_campaign(place: Workplace, *, name: str, list_name: str, settings: CampaignSettings) -> int:
    """Make a campaign, fill its hopper and return how many leads that holds.

    Raises:
        ConfigError: If there is no such list, or the name is taken.
    """
    at = Clock().now()
    with place.database.write() as connection:
        list_id = find_list(connection, place.workspace_id, list_name).list_id
        campaign_id = campaigns.create(
            connection, place.workspace_id, name=name, list_id=list_id, settings=settings, at=at
        )
    return fill(place.database, campaign_id, list_id, at=at)


def find_campaign(place: Workplace, name: str) -> campaigns.CampaignRow:
    """Return a campaign by its name.

    Raises:
        ConfigError: If there is none.
    """
    with place.database.read() as connection:
        return campaigns.find(connection, place.workspace_id, name)


def refill(place: Workplace, name: str) -> campaigns.CampaignRow:
    """Put the leads that came to its list since into a campaign's hopper, and return the campaign.

    Raises:
        ConfigError: If there is none.
    """
    row = find_campaign(place, name)
    fill(place.database, row.campaign_id, row.list_id, at=Clock().now())
    return row
