"""A whole campaign on the stage: import, agents, calls, and what it came to."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

from cli.demo import full_floor
from cli.demo.evidence import collect
from cli.demo.fixture import MOST, Fixture, filled, fixture
from cli.demo.live import LiveLine
from cli.demo.play import add_agents, call, log_in, prepare, settings
from cli.demo.stage import CAMPAIGN, FIRST_CAMPAIGN, Backend, database_file, stage
from cli.demo.verdict import Floor, Verdict, judge
from cli.output import print_fields, print_json
from dialer.core.settings import PacingMode
from dialer.errors import ConfigError
from dialer.reports.render import Format, render
from dialer.reports.table import Report

# A floor of so many agents calls the files' leads as they are; a larger one is filled first.
_SMALL = 5
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
    backend: Backend = Backend.SIP

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
    with stage(directory, given, agents=plan.agents, lines=lines, backend=plan.backend) as here:
        add_agents(here, plan.agents)
        log_in(here, plan.agents, live.show)
        called = {}
        if here.first_leads is not None:
            called[FIRST_CAMPAIGN] = prepare(
                here,
                FIRST_CAMPAIGN,
                here.first_leads,
                settings(plan.mode, plan.ratio, ring_s=full_floor.RING_S),
            )
            call(here, called[FIRST_CAMPAIGN], None, live.show)
        called[CAMPAIGN] = prepare(here, CAMPAIGN, here.leads, settings(plan.mode, plan.ratio))
        cut_short = call(here, called[CAMPAIGN], plan.seconds, live.show)
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
    if chosen is not PacingMode.RATIO and ratio is not None:
        raise ConfigError("--ratio belongs to --mode ratio")
    return chosen, (ratio or _RATIO) if chosen is PacingMode.RATIO else 1.0


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
