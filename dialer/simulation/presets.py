"""Scenarios that come with the dialer, by name; their first comment says what they are."""

from difflib import get_close_matches
from pathlib import Path

import msgspec

from dialer.errors import ConfigError
from dialer.simulation.scenario import Scenario, load_scenario

FOLDER = Path(__file__).parent / "scenarios"


class Preset(msgspec.Struct, frozen=True):
    """One of them."""

    name: str
    about: str
    scenario: Scenario


def presets() -> list[Preset]:
    """Return all of them, those with fewer agents first."""
    found = [Preset(path.stem, _about(path), load_scenario(path)) for path in FOLDER.glob("*.toml")]
    return sorted(found, key=lambda preset: (preset.scenario.agents, preset.name))


def find_scenario(wanted: str) -> Scenario:
    """Return the scenario of a file, or the one that comes with the dialer under a name.

    Raises:
        ConfigError: If there is none, or its file cannot be used; the text names the place.
    """
    path = Path(wanted)
    if path.suffix or len(path.parts) != 1:
        return load_scenario(path)
    names = sorted(one.stem for one in FOLDER.glob("*.toml"))
    if wanted in names:
        return load_scenario(FOLDER / f"{wanted}.toml")
    close = get_close_matches(wanted, names, n=1)
    guess = f"did you mean {close[0]}? " if close else ""
    raise ConfigError(
        f"there is no scenario {wanted!r}: {guess}`dialer simulate --list` shows those that there are, "
        "and the name of a file ends with .toml"
    )


def _about(path: Path) -> str:
    """Return the comment that a file begins with, on one line."""
    lines = path.read_text().splitlines()
    end = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return " ".join(line.removeprefix("#").strip() for line in lines[:end])
