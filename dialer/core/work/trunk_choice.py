"""Which trunk takes a call: the first of its route that has room, of those at the server where agents are if there are several servers.

A trunk whose probe is due comes first, so that it comes back while others carry the calls.
"""

from collections.abc import Callable, Collection

from dialer.core.allocation import links
from dialer.core.ids import TrunkName
from dialer.core.pacing.supply import Rank, Supply
from dialer.core.settings import CampaignSettings
from dialer.core.states import TrunkState
from dialer.core.step import Step
from dialer.core.ways import Trunk
from dialer.core.work.trunks import of_route, room


def choose(step: Step, settings: CampaignSettings, supply: Supply) -> Trunk | None:
    """Return the trunk that takes a campaign's next attempt: a probe first, then one where agents are free.

    None if no trunk has room whose customers could have an agent.
    """
    able = _with_room(step, settings, ())
    within = [
        one for one in able if supply.rank(settings.campaign_id, one.settings.server) is not Rank.NOWHERE
    ]
    return _best(within, settings, supply, lambda _: 0.0)


def choose_other(
    step: Step,
    settings: CampaignSettings,
    supply: Supply,
    *,
    tried: Collection[TrunkName] = (),
    load: Callable[[str], float] = lambda _: 0.0,
) -> Trunk | None:
    """Return the trunk of an attempt that waits for no free agent, None if none has room but those that were tried.

    Of servers that are alike otherwise, the one with the least `load` goes first.
    """
    return _best(_with_room(step, settings, tried), settings, supply, load)


def _with_room(step: Step, settings: CampaignSettings, tried: Collection[TrunkName]) -> list[Trunk]:
    return [
        trunk
        for trunk in of_route(step.workspace, settings.trunk)
        if trunk.settings.name not in tried and room(step, trunk) > 0
    ]


def _best(
    able: list[Trunk], settings: CampaignSettings, supply: Supply, load: Callable[[str], float]
) -> Trunk | None:
    probe = next((trunk for trunk in able if trunk.state is TrunkState.OUT), None)

    def rank(trunk: Trunk) -> tuple[Rank, float]:
        server = trunk.settings.server
        return supply.rank(settings.campaign_id, server), load(server)

    return probe or min(able, key=rank, default=None)


def choose_near(
    step: Step, settings: CampaignSettings, *, near: str, tried: Collection[TrunkName] = ()
) -> Trunk | None:
    """Return the trunk for a call that an agent is kept for: a probe first, then one at the agent's server.

    None if none has room, but those that were tried, whose customers could be joined with that agent.
    """
    able = [
        trunk
        for trunk in _with_room(step, settings, tried)
        if trunk.settings.server == near or links.slots_left(step.workspace, trunk.settings.server, near)
    ]
    probe = next((trunk for trunk in able if trunk.state is TrunkState.OUT), None)
    return probe or min(able, key=lambda trunk: trunk.settings.server != near, default=None)


def choose_any(step: Step, settings: CampaignSettings, *, tried: Collection[TrunkName] = ()) -> Trunk | None:
    """Return the trunk for a call that no agent takes: a probe first, then the first with room; None if none has."""
    able = _with_room(step, settings, tried)
    return min(able, key=lambda trunk: trunk.state is not TrunkState.OUT, default=None)


def spare(step: Step, route: TrunkName, *, near: str) -> Trunk | None:
    """Return the trunk for a call to a third party, at a server if it can be; None if none that works has room."""
    able = [
        one for one in of_route(step.workspace, route) if one.state is TrunkState.UP and room(step, one) > 0
    ]
    return min(able, key=lambda one: one.settings.server != near, default=None)
