"""A whole campaign on the stage: import, agents, calls, and what it came to."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

from cli.ask import post_and_wait
from cli.demo import full_floor
from cli.demo.evidence import collect
from cli.demo.fixture import MOST, Fixture, filled, fixture
from cli.demo.live import LiveLine, Moment, moment
from cli.demo.stage import CAMPAIGN, FIRST_CAMPAIGN, TRUNK, Stage, database_file, pause, stage, wait_for
from cli.demo.verdict import Floor, Verdict, judge
from cli.output import print_fields, print_json
from cli.processes import ProcessError
from dialer.core.ids import AgentId, CampaignId, TrunkName
from dialer.core.requests import LogIn, StartCampaign, StopCampaign
from dialer.core.settings import DEFAULT_RETRY, CampaignSettings, PacingMode, RetryRule
from dialer.core.states import AgentState, CampaignState
from dialer.errors import ConfigError
from dialer.leads.importer import ImportOptions, import_file
from dialer.live.clock import Clock
from dialer.reports.lists import find_list
from dialer.reports.render import Format, render
from dialer.reports.table import Report
from dialer.storage import agents as agents_table
from dialer.storage import campaigns
from dialer.storage.hopper import fill

# A floor of so many agents calls the files' leads as they are; a larger one is filled first.
_SMALL = 5
_LOGIN_S = 60.0
# The longest that can pass between two ends of calls: a number that rings in vain, and some.
_STALL_S = 90.0
# Times the calls for one answer: enough for a minute of it.
_LEADS_PER_AGENT = 8
_RATIO = 1.5


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be shown."""

    agents: int
    mode: PacingMode
    ratio: float
    leads: int | None
    seconds: float | None
    """After so long the campaign is stopped; None lets it call every lead."""

    @property
    def lines(self) -> int:
        """How many lines are in use at the most, but for those that clear or hear the message."""
        return full_floor.lines_of(self.agents, self.ratio)

    @property
    def fills(self) -> bool:
        """Whether the floor is filled before its leads are called."""
        return self.agents > _SMALL and self.leads is None and self.seconds is None

    def fixture(self) -> Fixture:
        """Return whom to call."""
        if self.leads is not None or self.agents <= _SMALL:
            return fixture(self.leads)
        calls_per_answer = round(self.ratio)
        leads = min(MOST, self.agents * _LEADS_PER_AGENT * calls_per_answer)
        made = fixture(leads, calls_per_answer=calls_per_answer)
        return filled(made, agents=self.agents, lines=self.lines) if self.fills else made


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What was shown."""

    verdict: Verdict
    reports: list[Report]


def perform(plan: Plan, directory: Path) -> Shown:
    """Play a demo in an empty directory.

    Raises:
        ProcessError: If one of its processes does not do its part.
    """
    given = plan.fixture()
    # Beyond the lines in use those that clear, hear the message or wait in vain for any answer to a CANCEL.
    lines = plan.lines + max(10, plan.agents)
    live = LiveLine()
    live.show("starting a carrier, softphones and a dialer on this machine")
    with stage(directory, given, agents=plan.agents, lines=lines) as here:
        _add_agents(here, plan.agents)
        _log_in(here, plan.agents, live)
        called = {}
        if here.first_leads is not None:
            called[FIRST_CAMPAIGN] = _prepare(
                here, FIRST_CAMPAIGN, here.first_leads, settings(plan, ring_s=full_floor.RING_S)
            )
            _call(here, called[FIRST_CAMPAIGN], None, live)
        called[CAMPAIGN] = _prepare(here, CAMPAIGN, here.leads, settings(plan))
        cut_short = _call(here, called[CAMPAIGN], plan.seconds, live)
        live.show("ending")
        here.stop_run()
    live.clear()
    held_s = full_floor.HELD_S if plan.fills else 0.0
    floor = Floor(agents=plan.agents, lines=plan.lines, held_s=held_s)
    evidence, reports = collect(directory, given, floor=floor, called=called, cut_short=cut_short)
    return Shown(verdict=judge(evidence), reports=reports)


def pacing(mode: str | None, ratio: float | None) -> tuple[PacingMode, float]:
    """Return how to pace, from options that may be absent.

    Raises:
        ConfigError: If a ratio is given for another mode.
    """
    chosen = PacingMode(mode) if mode else PacingMode.RATIO if ratio else PacingMode.PROGRESSIVE
    if chosen is PacingMode.PROGRESSIVE and ratio is not None:
        raise ConfigError("--ratio belongs to --mode ratio")
    return chosen, 1.0 if chosen is PacingMode.PROGRESSIVE else ratio or _RATIO


@contextmanager
def workshop(*, keep: bool) -> Iterator[Path]:
    """Make a directory for a demo; it is taken away afterwards, unless it shall be kept."""
    directory = Path(tempfile.mkdtemp(prefix="dialer-demo-"))
    try:
        yield directory
    finally:
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)


def print_shown(shown: Shown, kept: Path | None, *, as_json: bool) -> None:
    """Print what was shown; what is wrong goes to stderr as well."""
    fields = msgspec.to_builtins(shown.verdict) | {"database": kept and str(database_file(kept))}
    if as_json:
        print_json(fields)
    else:
        for report in shown.reports:
            click.echo(render(report, Format.TABLE) + "\n")
        print_fields({key: value for key, value in fields.items() if key != "problems"}, as_json=False)
        if not shown.verdict.problems:
            click.echo(
                "\nEvery outcome is what the carrier's file says; no talk lacked sound on either side."
            )
    for problem in shown.verdict.problems:
        click.echo(f"Wrong: {problem}", err=True)


def settings(plan: Plan, *, ring_s: float = 15.0) -> CampaignSettings:
    """Return a campaign's settings: at any hour, each lead once, little wrap-up."""
    return CampaignSettings(
        campaign_id=CampaignId(0),
        trunk=TrunkName(TRUNK),
        mode=plan.mode,
        ratio=plan.ratio,
        ring_s=ring_s,
        wrap_up_s=0.3,
        window_opens_min=0,
        window_closes_min=24 * 60,
        countries=("US",),
        retry={outcome: RetryRule(1, 0.0) for outcome in DEFAULT_RETRY},
        faults_per_day=0,  # a number that is silent is called once, as all others
    )


def _add_agents(here: Stage, count: int) -> None:
    at = Clock().now()
    with here.place.database.write() as connection:
        for index in range(1, count + 1):
            agents_table.add(
                connection, here.place.workspace_id, name=f"agent-{index}", phone=here.phone(index), at=at
            )


def _prepare(here: Stage, name: str, leads: Path, chosen: CampaignSettings) -> CampaignId:
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


def _log_in(here: Stage, count: int, live: LiveLine) -> None:
    def states() -> dict[AgentId, AgentState]:
        with here.place.database.read() as connection:
            rows = agents_table.every(connection, here.place.workspace_id)
        ready = sum(row.state is AgentState.READY for row in rows)
        live.show(f"calling the agents' phones: {ready} of {count} are up")
        return {row.agent_id: row.state for row in rows}

    for agent_id in states():
        post_and_wait(here.place, LogIn(agent_id=agent_id, ready=True))
    wait_for(
        lambda: all(state is AgentState.READY for state in states().values()),
        _LOGIN_S,
        "the agents' phones",
        here,
    )


def _call(here: Stage, campaign_id: CampaignId, seconds: float | None, live: LiveLine) -> bool:
    """Let the campaign call to its end or for some seconds; return whether it was stopped."""
    post_and_wait(here.place, StartCampaign(campaign_id=campaign_id))
    clock = Clock()
    ends_at = float("inf") if seconds is None else clock.now() + seconds
    progress_at, now = clock.now(), _moment(here, campaign_id)
    while now.state is not CampaignState.COMPLETE and clock.now() < ends_at:
        pause()
        here.check()
        before, now = now, _moment(here, campaign_id)
        live.show(now.line())
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
