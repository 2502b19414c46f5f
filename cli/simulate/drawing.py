"""The picture of simulated days: what happened over the day, and what the days came to, a colour for each mode."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.simulate.curves import BAND_DAYS, Band, Curves
from dialer.errors import ConfigError
from dialer.simulation.day_result import LIMIT
from dialer.simulation.experiment import Day
from dialer.simulation.figures import Figures, figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Source: Okabe and Ito, "Color Universal Design", 2008: told apart by colour-blind people, too. Without black and yellow.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_INK, _FAINT, _LIMIT_COLOUR = "#333333", "#8A8A8A", "#B00020"
_SUFFIXES = (".png", ".svg", ".pdf")
STYLE: dict[Any, Any] = {
    "figure.dpi": 120,
    "font.size": 9,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": "#999999",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#ECECEC",
    "xtick.color": _INK,
    "ytick.color": _INK,
    "svg.hashsalt": "dialer",  # the same days, the same file
}


def check(path: Path) -> None:
    """See that a picture can be drawn, before anything is simulated for it.

    Raises:
        ConfigError: If it cannot.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise ConfigError(f"--plot {path}: the name of a picture ends with {', '.join(_SUFFIXES)}")
    if find_spec("matplotlib") is None:
        raise ConfigError("--plot needs matplotlib: `pip install 'outdial[plots]'`")


def draw(path: Path, *, title: str, days: Mapping[str, Sequence[Day]]) -> None:
    """Draw a picture of the days of each mode.

    Raises:
        OSError: If the file cannot be written.
    """
    from matplotlib import rc_context

    with rc_context(STYLE):
        _picture(title, days).savefig(path)


def _picture(title: str, days: Mapping[str, Sequence[Day]]) -> "Figure":
    from matplotlib.figure import Figure

    picture = Figure(figsize=(13, 8), layout="constrained")
    axes = picture.subplot_mosaic(
        [["busy", "days"], ["abandoned", "days"], ["calls", "hour"]], width_ratios=(1.7, 1)
    )
    found = {mode: figures(mode, [day.result for day in done]) for mode, done in days.items()}
    colours = {mode: COLOURS[number % len(COLOURS)] for number, mode in enumerate(days)}
    ends = []
    for mode, done in days.items():
        curves = Curves([day.minutes for day in done])
        ends.append(_over_the_day(axes, curves, colours[mode]))
        _each_day(axes["days"], done, colours[mode])
    _agents(axes["calls"], days)
    _dress(axes)
    # A curve begins with few people, and swings: the end of the day is what counts.
    _limit(axes["abandoned"], top=max(200 * LIMIT, 1.6 * max(ends)))
    _limit(axes["days"], top=max(axes["days"].get_ylim()[1], 140 * LIMIT))
    _hours(axes["hour"], found, colours)
    count = max(len(done) for done in days.values())
    picture.suptitle(
        f"{title}, {count} simulated {'day' if count == 1 else 'days'}",
        x=0.008, ha="left", fontsize=14, fontweight="bold",
    )  # fmt: skip
    _name_colours(picture, colours, bands=any(len(done) >= BAND_DAYS for done in days.values()))
    return picture


def _name_colours(picture: "Figure", colours: Mapping[str, str], *, bands: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries: list[Line2D | Patch] = [
        Line2D([], [], color=colour, linewidth=3, label=mode) for mode, colour in colours.items()
    ]
    if bands:
        entries.append(Patch(color="#CCCCCC", label="5 to 95 % of the days"))
    picture.legend(handles=entries, loc="upper right", ncols=len(entries), frameon=False)


def _over_the_day(axes: "dict[str, Axes]", curves: Curves, colour: str) -> float:
    """Draw the curves of one mode, and return where its abandonment ends."""
    end = 0.0
    for name, values in (
        ("busy", 100 * curves.utilisation),
        ("abandoned", 100 * curves.abandonment),
        ("calls", curves.in_flight),
    ):
        band = Band(curves.hours, values)
        axes[name].plot(band.hours, band.mean, color=colour, linewidth=1.8, zorder=3)
        if band.edges:
            axes[name].fill_between(band.hours, *band.edges, color=colour, alpha=0.13, linewidth=0)
        axes[name].set_xlim(0, float(curves.hours[-1]))
        if name == "abandoned" and len(band.mean):
            end = float(band.mean[-1])
    return end


def _agents(axes: "Axes", days: Mapping[str, Sequence[Day]]) -> None:
    """Draw how many were there: the same people's day under every mode."""
    curves = Curves([day.minutes for done in days.values() for day in done])
    band = Band(curves.hours, curves.agents)
    axes.plot(band.hours, band.mean, color=_FAINT, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.annotate(
        "agents there", (band.hours[-1], band.mean[-1]), xytext=(0, 4), textcoords="offset points",
        ha="right", color=_FAINT, fontsize=8,
    )  # fmt: skip


def _each_day(axes: "Axes", done: Sequence[Day], colour: str) -> None:
    axes.scatter(
        [100 * day.result.utilisation for day in done],
        [100 * day.result.abandonment_rate for day in done],
        s=30, color=colour, alpha=0.65, linewidth=0, zorder=3, clip_on=False,
    )  # fmt: skip


def _dress(axes: "dict[str, Axes]") -> None:
    axes["busy"].set_title("Utilisation: talk and wrap-up, % of the time there")
    axes["abandoned"].set_title("Abandoned people of the day so far, %")
    axes["calls"].set_title("Calls in flight")
    axes["calls"].set_xlabel("hours of the day")
    axes["calls"].set_ylim(bottom=0)
    axes["days"].set_title("Each day")
    axes["days"].set_xlabel("utilisation, %")
    axes["days"].set_ylabel("abandoned, %")


def _limit(axes: "Axes", *, top: float) -> None:
    """Draw the limit, and what is above it as forbidden ground."""
    axes.set_ylim(bottom=0, top=top)
    axes.axhspan(100 * LIMIT, top, color=_LIMIT_COLOUR, alpha=0.05, linewidth=0, zorder=0)
    axes.axhline(100 * LIMIT, color=_LIMIT_COLOUR, linewidth=1.2, linestyle=(0, (5, 2)), zorder=2)
    axes.annotate(
        f"limit {100 * LIMIT:g} %", (0, 100 * LIMIT), xycoords=("axes fraction", "data"), xytext=(4, 3),
        textcoords="offset points", color=_LIMIT_COLOUR, fontsize=8,
    )  # fmt: skip


def _hours(axes: "Axes", found: Mapping[str, Figures], colours: Mapping[str, str]) -> None:
    """Draw an agent's hour under each mode: with customers, and waiting for one."""
    modes = list(found)
    busy = [60 * (found[mode].utilisation.mean or 0) for mode in modes]
    axes.barh(modes, busy, color=[colours[mode] for mode in modes], height=0.62)
    axes.barh(modes, [60 - minutes for minutes in busy], left=busy, color="#E6E6E6", height=0.62)
    for row, mode in enumerate(modes):
        axes.text(1, row, f"{busy[row]:.1f} min", va="center", color="white", fontweight="bold")
        wait_s = found[mode].wait_s.mean
        waits = "" if wait_s is None else f"waits {wait_s:.0f} s a call"
        axes.text(61, row, waits, va="center", fontsize=8)
    axes.set_xlim(0, 60)
    axes.set_ylim(-0.5, max(len(modes), 3) - 0.5)  # a single bar is not to fill it all
    axes.set_xticks(range(0, 61, 15))
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False)
    axes.set_title("An agent's hour: with customers, waiting")
    axes.set_xlabel("minutes")
