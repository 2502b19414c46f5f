"""What the campaign commands do: from options to settings, from a list to a filled hopper."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from cli.dispositions import read_dispositions
from cli.options import Workplace
from dialer.config import Config
from dialer.core.ids import CampaignId, TrunkName
from dialer.core.preview_states import PreviewTimeout
from dialer.core.rules import agentless, machine_detection, wrap_up
from dialer.core.rules.dispositions import check
from dialer.core.rules.machine_detection import AmdSettings
from dialer.core.settings import (
    DEFAULT_RETRY,
    CampaignSettings,
    Inbound,
    PacingMode,
    RecordingMode,
    WrapUp,
)
from dialer.core.states import AgentState, CampaignState
from dialer.errors import ConfigError
from dialer.live.clock import Clock
from dialer.reports.lists import find_list
from dialer.storage import agents, campaigns, workflows
from dialer.storage.hopper import fill
from dialer.storage.refused import wake_campaign

_RATIO_ALONE = "--mode ratio and --ratio go together: give both, as in --mode ratio --ratio 1.5"


def campaign_settings(given: Mapping[str, Any], config: Config | None) -> CampaignSettings:
    """Return settings from options; what is absent or None takes its default.

    Raises:
        ConfigError: If the trunk is not in the configuration, a ratio is given without its mode, or agents
            could not choose from the dispositions.
    """
    named = {key: value for key, value in given.items() if value is not None}
    trunk = TrunkName(named.pop("trunk"))
    if config is not None:
        check_trunk(trunk, config)
    mode = PacingMode(named.pop("mode"))
    if (mode is PacingMode.RATIO) != ("ratio" in named):
        raise ConfigError(_RATIO_ALONE)
    if "window" in named:
        named["window_opens_min"], named["window_closes_min"] = named.pop("window")
    words: dict[str, type[StrEnum]] = {
        "inbound": Inbound,
        "wrap_up": WrapUp,
        "preview_timeout": PreviewTimeout,
    }
    named |= {key: kind(named[key]) for key, kind in words.items() if key in named}
    if "dispositions" in named:
        named["dispositions"] = read_dispositions(named["dispositions"])
    named["amd"] = AmdSettings(on=named.pop("amd", False))
    if "record" in named:
        named["record"] = RecordingMode(named["record"].replace("-", "_"))
    retry = DEFAULT_RETRY | dict(named.pop("retry", ()))
    settings = CampaignSettings(campaign_id=CampaignId(0), trunk=trunk, mode=mode, retry=retry, **named)
    check(settings.dispositions, settings.default_disposition)
    wrap_up.check(settings)
    if config is not None:
        check_detection(settings, config)
    return settings


def check_trunk(trunk: str, config: Config) -> None:
    """Make sure that the configuration has a trunk, or a group of them.

    Raises:
        ConfigError: If it has not; the text names those it has.
    """
    if trunk not in config.routes():
        names = ", ".join(config.routes()) or "none"
        raise ConfigError(
            f"the configuration has no trunk {trunk!r} (it has: {names}): add [trunks.{trunk}] to it"
        )


def check_detection(settings: CampaignSettings, config: Config) -> None:
    """Make sure that a campaign that listens who picked up only uses trunks whose switch can.

    Raises:
        ConfigError: If not; the text names the trunk.
    """
    for trunk in config.trunk_settings() if settings.amd.on else ():
        if settings.trunk in (trunk.name, trunk.group) and not trunk.detects_machines:
            raise ConfigError(machine_detection.missing_at(trunk.name))


def create_campaign(place: Workplace, *, name: str, list_name: str, settings: CampaignSettings) -> int:
    """Make a campaign, fill its hopper and return how many leads that holds.

    Raises:
        ConfigError: If there is no such list or workflow, or the name is taken.
    """
    at = Clock().now()
    with place.database.write() as connection:
        if settings.workflow:
            workflows.find(connection, place.workspace_id, settings.workflow)
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


def change_campaign(place: Workplace, name: str, given: Mapping[str, Any]) -> campaigns.CampaignRow:
    """Keep new settings of a campaign, and return it as it is then.

    Raises:
        ConfigError: If there is no such campaign, or agents could not choose.
    """
    row = find_campaign(place, name)
    settings = msgspec.structs.replace(row.settings, **given)
    check(settings.dispositions, settings.default_disposition)
    wrap_up.check(settings)
    with place.database.write() as connection:
        campaigns.change(connection, row.campaign_id, settings)
    if settings.consent_for != row.settings.consent_for:
        wake_campaign(place.database, row.campaign_id, at=Clock().now())
    return find_campaign(place, name)


def change_agentless(
    place: Workplace, name: str, given: Mapping[str, Any], config: Config | None
) -> campaigns.CampaignRow:
    """Keep what a campaign says to people without an agent, and return it as it is then.

    Raises:
        ConfigError: If there is no such campaign, it cannot be so, or the configuration has no such recording.
    """
    settings = agentless.changed(find_campaign(place, name).settings.agentless, given)
    known = settings.message if config is None else config.messages()
    if settings.message and settings.message not in known:
        section = "asterisk.messages" if config is not None and config.uses_asterisk else "sip.messages"
        raise ConfigError(
            f"the configuration has no recording {settings.message!r}: add "
            f'{settings.message} = "FILE.wav" to [{section}]'
        )
    return change_campaign(place, name, {"agentless": settings})


def change_pacing(place: Workplace, name: str, given: Mapping[str, Any]) -> campaigns.CampaignRow:
    """Keep how a campaign is paced from now on, and return it as it is then.

    Raises:
        ConfigError: If there is no such campaign, or a ratio is given without its mode.
    """
    before = find_campaign(place, name).settings
    mode = PacingMode(given.get("mode", before.mode))
    has_ratio = "ratio" in given or mode is before.mode is PacingMode.RATIO
    if (mode is PacingMode.RATIO) != has_ratio:
        raise ConfigError(_RATIO_ALONE)
    ratio = before.ratio if mode is PacingMode.RATIO else 1.0
    changes = {"ratio": ratio, **given, "mode": mode, "retry": before.retry | dict(given.get("retry", ()))}
    if "preview_timeout" in changes:
        changes["preview_timeout"] = PreviewTimeout(changes["preview_timeout"])
    return change_campaign(place, name, changes)


def change_detection(
    place: Workplace, name: str, given: Mapping[str, Any], config: Config | None
) -> campaigns.CampaignRow:
    """Keep new settings of a campaign's machine detection, and return it as it is then.

    Raises:
        ConfigError: If there is no such campaign, detection could not work so, or a trunk has none.
    """
    settings = find_campaign(place, name).settings
    amd = machine_detection.changed(settings.amd, given)
    if config is not None:
        check_detection(msgspec.structs.replace(settings, amd=amd), config)
    return change_campaign(place, name, {"amd": amd})


def why_waiting(place: Workplace, row: campaigns.CampaignRow) -> str:
    """Return why a campaign that is started does not dial now, empty if it can: what the run said, else who is busy."""
    from cli.ask import runs

    if row.state is not CampaignState.RUNNING:
        return row.reason
    if not runs(place):
        return "nothing runs the workspace"
    if not row.settings.needs_agents:
        return row.reason
    with place.database.read() as connection:
        states = {agent.state for agent in agents.every(connection, place.workspace_id)}
    return row.reason or ("" if AgentState.READY in states else "every agent is busy")
