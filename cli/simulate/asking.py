"""What is to be simulated, from the options of the command."""

from pathlib import Path

import click
import msgspec

from cli.options import Shared
from dialer.core.settings import PacingMode
from dialer.errors import ConfigError
from dialer.simulation.estimate import Estimated, estimate
from dialer.simulation.history import read_history
from dialer.simulation.presets import find_scenario
from dialer.simulation.scenario import Mode, Scenario

_RATIO = 2.0
"""Calls per free agent, where nobody says how many."""
_COMPARED = ("progressive", "ratio", "adaptive", "predictive")
"""Modes in which the dialer decides how many calls are started for agents."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to know, as it was typed."""

    scenario: str | None
    campaign: str | None
    mode: str | None
    compare: str | None


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario, the modes that are tried on it, and where files go."""

    scenario: Scenario
    modes: tuple[Mode, ...]
    seeds: range
    estimated: Estimated | None = None
    """Where the scenario comes from, if that is a campaign."""
    calls: Path | None = None
    plot: Path | None = None

    @property
    def mode_names(self) -> list[str]:
        """Return the modes as people write them."""
        return [str(mode) for mode in self.modes]


def ask(options: Shared, wish: Wish, *, seeds: range, calls: Path | None, plot: Path | None) -> Experiment:
    """Return what is to be simulated.

    Raises:
        ConfigError: If the scenario or a mode is none, or a file cannot be written.
        UsageError: If the options do not go together.
    """
    if (wish.scenario is None) == (wish.campaign is None):
        raise click.UsageError(
            "name one scenario, a TOML file or one of `dialer simulate --list`, or a campaign with --from-campaign"
        )
    if wish.mode is not None and wish.compare is not None:
        raise click.UsageError("--mode simulates one mode, --compare several: use one of the two")
    if plot is not None:
        from cli.simulate.drawing import check

        check(plot)
    for path in (calls, plot):
        if path is not None and not path.absolute().parent.is_dir():
            raise ConfigError(f"{path}: there is no directory {path.absolute().parent}; make it first")
    estimated, modes = _from_campaign(options, wish.campaign) if wish.campaign else (None, ())
    scenario = find_scenario(str(wish.scenario)) if estimated is None else estimated.scenario
    return Experiment(
        scenario=scenario,
        modes=_modes_asked(wish) or modes or (Mode.parse(scenario.mode),),
        seeds=seeds,
        estimated=estimated,
        calls=calls,
        plot=plot,
    )


def _modes_asked(wish: Wish) -> tuple[Mode, ...]:
    if wish.compare is None:
        return (Mode.parse(wish.mode),) if wish.mode else ()
    modes = tuple(Mode.parse(text) for text in wish.compare.split(","))
    if len(set(modes)) < len(modes):
        raise ConfigError(f"--compare {wish.compare}: a mode is there twice")
    return modes


def _from_campaign(options: Shared, name: str) -> tuple[Estimated, tuple[Mode, ...]]:
    """Return what a campaign's history says, and the modes to try: its own, then the others."""
    from dialer.storage import campaigns

    with options.open() as place, place.database.read() as connection:
        campaign = campaigns.find(connection, place.workspace_id, name)
        settings = campaign.settings
        history = read_history(connection, campaign.campaign_id, settings.dispositions)
    estimated = estimate(history, settings, name=name, lines=_lines(options, settings.trunk))
    ratio = settings.ratio if settings.mode is PacingMode.RATIO else _RATIO
    own = Mode(settings.mode, ratio if settings.mode is PacingMode.RATIO else 1.0)
    others = (
        Mode(mode, ratio if mode is PacingMode.RATIO else 1.0) for mode in PacingMode if mode in _COMPARED
    )
    first = (own,) if settings.mode in _COMPARED else ()
    return estimated, tuple(dict.fromkeys((*first, *others)))


def _lines(options: Shared, route: str) -> int | None:
    """Return how many lines the configuration gives a trunk or a group; None: it knows neither."""
    trunks = options.load_config().trunks
    lines = [trunk.lines for name, trunk in trunks.items() if route in (name, trunk.group)]
    return sum(lines) if lines else None
