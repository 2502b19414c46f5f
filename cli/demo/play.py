"""What is played on a stage: agents log in, campaigns are made of files of leads and called."""

from collections.abc import Callable
from pathlib import Path

from cli.ask import post_and_wait
from cli.demo.live import Moment, moment
from cli.demo.stage import TRUNK, Stage, pause, wait_for
from cli.processes import ProcessError
from dialer.core.ids import AgentId, CampaignId, TrunkName
from dialer.core.requests import LogIn, StartCampaign, StopCampaign
from dialer.core.settings import DEFAULT_RETRY, CampaignSettings, PacingMode, RetryRule
from dialer.core.states import AgentState, CampaignState
from dialer.leads.importer import ImportOptions, import_file
from dialer.live.clock import Clock
from dialer.reports.lists import find_list
from dialer.storage import agents as agents_table
from dialer.storage import campaigns
from dialer.storage.hopper import fill

Say = Callable[[str], None]
"""Is told what goes on, a few times a second."""

_LOGIN_S = 60.0
# The longest that can pass between two ends of calls: a number that rings in vain, and some.
_STALL_S = 90.0


def settings(mode: PacingMode, ratio: float, *, ring_s: float = 15.0) -> CampaignSettings:
    """Return a campaign's settings: at any hour, each lead once, little wrap-up."""
    return CampaignSettings(
        campaign_id=CampaignId(0),
        trunk=TrunkName(TRUNK),
        mode=mode,
        ratio=ratio,
        ring_s=ring_s,
        wrap_up_s=0.3,
        window_opens_min=0,
        window_closes_min=24 * 60,
        countries=("US",),
        retry={outcome: RetryRule(1, 0.0) for outcome in DEFAULT_RETRY},
        faults_per_day=0,  # a number that is silent is called once, as all others
    )


def add_agents(here: Stage, count: int) -> None:
    """Add agents, each with a softphone of the stage."""
    at = Clock().now()
    with here.place.database.write() as connection:
        for index in range(1, count + 1):
            agents_table.add(
                connection, here.place.workspace_id, name=f"agent-{index}", phone=here.phone(index), at=at
            )


def prepare(here: Stage, name: str, leads: Path, chosen: CampaignSettings) -> CampaignId:
    """Make a campaign of a file of leads; their list has its name."""
    at = Clock().now()
    place = here.place
    options = ImportOptions(list_name=name, region="US")
    import_file(place.database, place.workspace_id, path=leads, options=options, at=at)
    with place.database.write() as connection:
        list_id = find_list(connection, place.workspace_id, name).list_id
        campaign_id = campaigns.create(
            connection, place.workspace_id, name=name, list_id=list_id, settings=chosen, at=at
        )
    fill(place.database, campaign_id, list_id, at=at)
    return campaign_id


def log_in(here: Stage, count: int, say: Say) -> None:
    """Log every agent in and wait until they are ready, and every line is.

    Raises:
        ProcessError: If a phone does not answer in time.
    """

    def states() -> dict[AgentId, AgentState]:
        with here.place.database.read() as connection:
            rows = agents_table.every(connection, here.place.workspace_id)
        ready = sum(row.state is AgentState.READY for row in rows)
        say(f"calling the agents' phones: {ready} of {count} are up")
        return {row.agent_id: row.state for row in rows}

    for agent_id in states():
        post_and_wait(here.place, LogIn(agent_id=agent_id, ready=True))
    wait_for(
        lambda: all(state is AgentState.READY for state in states().values()),
        _LOGIN_S,
        "the agents' phones",
        here,
    )
    here.wait_for_lines()


def call(here: Stage, campaign_id: CampaignId, seconds: float | None, say: Say) -> bool:
    """Let a campaign call to its end or for some seconds; return whether it was stopped.

    Raises:
        ProcessError: If the run ends, or nothing happens any more.
    """
    post_and_wait(here.place, StartCampaign(campaign_id=campaign_id))
    clock = Clock()
    ends_at = float("inf") if seconds is None else clock.now() + seconds
    progress_at, now = clock.now(), _moment(here, campaign_id)
    while now.state is not CampaignState.COMPLETE and clock.now() < ends_at:
        pause()
        here.check()
        before, now = now, _moment(here, campaign_id)
        say(now.line())
        if now != before:
            progress_at = clock.now()
        elif clock.now() - progress_at > _STALL_S:
            raise ProcessError(f"nothing happened for {_STALL_S:.0f} s: {now.line()}")
    if now.state is CampaignState.COMPLETE:
        return False
    post_and_wait(here.place, StopCampaign(campaign_id=campaign_id))
    wait_for(lambda: _moment(here, campaign_id).open == 0, _STALL_S, "the last calls", here)
    return True


def _moment(here: Stage, campaign_id: CampaignId) -> Moment:
    with here.place.database.read() as connection:
        return moment(connection, campaign_id)
