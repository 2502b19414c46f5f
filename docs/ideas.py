"""Draws what each idea gained: `python -m docs.ideas`, from the table of pacing.md."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parent
PICTURE = DOCS / "pacing-ideas.svg"
SIZES = ("20 agents", "5 agents")
_HEAD = "| idea | gain in points |"


class Idea(NamedTuple):
    """A row of the table: what was tried, and the points of utilisation that it gained by size of team."""

    what: str
    gains: dict[str, float]
    is_in_use: bool


def ideas(text: str) -> Iterator[Idea]:
    """Read the rows of which a gain is known for a size of team."""
    rows = text.partition(_HEAD)[2].partition("\n\n")[0].splitlines()[2:]
    for row in rows:
        what, said = (cell.strip() for cell in row.strip("|").split("|"))
        gains = {
            size: float(found[1])
            for size in SIZES
            if (found := re.search(rf"(?<!with ){size}(?: on a \w+ day)?: ([+-]?\d+\.\d+)", said))
        }
        if gains:
            yield Idea(what.replace("*", ""), gains, "In use" in said)


def draw() -> None:
    """Draw a bar for each gain."""
    from matplotlib import rc_context

    from cli.simulate.drawing import COLOURS, STYLE

    found = sorted(ideas((DOCS / "pacing.md").read_text()), key=lambda one: max(one.gains.values()))
    with rc_context(STYLE):
        from matplotlib.figure import Figure

        picture = Figure(figsize=(9, 0.42 * len(found) + 1), layout="constrained")
        axes = picture.subplots()
        for number, size in enumerate(SIZES):
            there = [(at, one.gains[size]) for at, one in enumerate(found) if size in one.gains]
            axes.barh(
                [at + 0.2 - 0.4 * number for at, _ in there],
                [gain for _, gain in there],
                height=0.36,
                color=COLOURS[number],
                label=size,
            )
        words = [("● " if one.is_in_use else "") + one.what for one in found]
        axes.set_yticks(range(len(found)), [textwrap.fill(one, 62) for one in words], fontsize=7)
        axes.axvline(0, color="#999999", linewidth=1)
        axes.set(xlabel="points of utilisation", title="What ideas gained (●: in use)")
        axes.legend(frameon=False, loc="lower right")
        picture.savefig(PICTURE, metadata={"Date": None})


if __name__ == "__main__":
    draw()
