"""What every simulated floor begins with: the run, its trunks, its campaigns, its agents, and what is asked for at once."""

from collections.abc import Sequence

import msgspec

from dialer.core.events import (
    AgentDefined,
    CampaignDefined,
    LinkDefined,
    RequestReceived,
    RunStarted,
    ShiftsLoaded,
    TrunkDefined,
)
from dialer.core.ids import AgentId, RequestId
from dialer.core.queue_events import QueueDefined
from dialer.core.requests import LogIn, Request, StartCampaign
from dialer.core.settings import CampaignSettings, LinkSettings, QueueSettings, TrunkSettings
from dialer.simulation.world import SimulatedWorld

LATER = RequestId(1_000_000)
"""The first number of what is asked for after the opening."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What is there at the beginning."""

    trunks: Sequence[TrunkSettings]
    campaigns: Sequence[CampaignSettings]
    agents: int
    links: Sequence[LinkSettings] = ()
    queues: Sequence[QueueSettings] = ()


def open_floor(world: SimulatedWorld, opening: Opening, *, at: float, log_in: Sequence[AgentId]) -> None:
    """Have a floor begin.

    Args:
        world: Where it is to happen; its roster is told, if it has one.
        opening: What is there.
        at: When.
        log_in: Who comes at once.
    """
    world.time.at(RunStarted(at=at, instance="simulated"))
    for trunk in opening.trunks:
        world.time.at(TrunkDefined(at=at, trunk=trunk))
    for link in opening.links:
        world.time.at(LinkDefined(at=at, link=link))
    for queue in opening.queues:
        world.time.at(QueueDefined(at=at, queue=queue))
    for campaign in opening.campaigns:
        world.time.at(CampaignDefined(at=at, campaign=campaign))
    for number in range(opening.agents):
        world.time.at(AgentDefined(at=at, agent_id=AgentId(number)))
    if world.shifts:
        world.time.at(ShiftsLoaded(at=at, shifts=world.shifts))
    requests: list[Request] = [LogIn(agent_id=agent_id, ready=True) for agent_id in log_in]
    requests += [StartCampaign(campaign_id=campaign.campaign_id) for campaign in opening.campaigns]
    for number, request in enumerate(requests):
        world.time.at(RequestReceived(at=at, request_id=RequestId(number), request=request))


def is_of_opening(request_id: RequestId) -> bool:
    """Return whether a request is one of those that a floor begins with."""
    return request_id < LATER
