"""The demo's leads and what their numbers do: two files, and for larger floors the same in other cities.

Every number is fictional: 555-0100 to 555-0199 are set aside for that in each area code.
"""

import csv
import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from cli.demo import full_floor
from telephony.sip.emulator.behaviour import Kind

LEADS_FILE = Path(__file__).with_name("leads.csv")
CARRIER_FILE = Path(__file__).with_name("carrier.toml")

# The files' own area codes first; below each, others to stand in its place.
_AREAS = (
    ("212", "312", "303", "415"),
    ("202", "214", "505", "206"),
    ("203", "314", "602", "213"),
    ("216", "402", "801", "310"),
    ("305", "405", "307", "503"),
    ("313", "504", "406", "619"),
    ("302", "512", "520", "702"),
    ("404", "612", "719", "916"),
)
# The files use 555-0100 to 555-0113 only: six such blocks fit below 555-0200.
_BLOCK = 16
_BLOCKS = 6
MOST = 56 * len(_AREAS) * _BLOCKS
"""How many leads there can be."""
# In the place of people who do not answer the many calls of a high ratio: it rings, then the line is busy.
_ANSWERING = frozenset({Kind.PERSON, Kind.MACHINE})
_RINGS_IN_VAIN = {"kind": Kind.BUSY, "cause": 17, "ring_s": (3.0, 6.0)}


class Fixture(msgspec.Struct, frozen=True, kw_only=True):
    """Leads to import, and what the carrier does with them."""

    rows: tuple[tuple[str, ...], ...]
    """Of the CSV file, its header first; some are duplicates, some no leads at all."""
    kinds: dict[str, str]
    """What each number is that can be called, by E.164."""
    carrier: dict[str, Any]
    """The behaviour file's content."""
    first_rows: tuple[tuple[str, ...], ...] = ()
    """Of the list that is called before the other one, if any; its header first."""

    def write(self, directory: Path) -> tuple[Path, Path]:
        """Write `leads.csv`, `first.csv` if there are such leads, and `carrier.toml`.

        Returns:
            The paths of the first and the last.
        """
        leads, carrier = directory / "leads.csv", directory / "carrier.toml"
        _write_csv(leads, self.rows)
        if self.first_rows:
            _write_csv(directory / "first.csv", self.first_rows)
        carrier.write_text(_toml(self.carrier), encoding="utf-8")
        return leads, carrier


def fixture(leads: int | None = None, *, calls_per_answer: int = 1) -> Fixture:
    """Return a fixture.

    Args:
        leads: How many can be called; None takes the files as they are.
        calls_per_answer: In other cities, of so many people and machines one answers.

    Raises:
        ValueError: If there are not enough fictional numbers.
    """
    carrier = tomllib.loads(CARRIER_FILE.read_text(encoding="utf-8"))
    with LEADS_FILE.open(encoding="utf-8", newline="") as file:
        header, *rows = (tuple(row) for row in csv.reader(file))
    kinds = {number: str(rule["kind"]) for rule in carrier["rule"] for number in rule["numbers"]}
    homes = list(dict.fromkeys(number for row in rows if (number := _number(row)) in kinds))
    wanted = len(homes) if leads is None else leads
    copies = -(-wanted // len(homes))
    if not 1 <= copies <= len(_AREAS) * _BLOCKS:
        raise ValueError(f"there are fictional numbers for 1 to {len(homes) * len(_AREAS) * _BLOCKS} leads")
    moved = [(_moved(home, copy), kinds[home]) for copy in range(copies) for home in homes][:wanted]
    in_vain = _in_vain(moved[len(homes) :], calls_per_answer)
    known = dict(moved) | dict.fromkeys(in_vain, str(Kind.BUSY))
    own = (row for row in rows if (number := _number(row)) not in kinds or number in known)
    others = (
        (f"Twin {index}", "", number, known[number]) for index, (number, _) in enumerate(moved[len(homes) :])
    )
    silenced = frozenset(in_vain)
    rules = [
        rule | {"numbers": [to for to in _all_moved(rule["numbers"], copies) if to not in silenced]}
        for rule in carrier["rule"]
    ]
    if in_vain:
        rules.append(_RINGS_IN_VAIN | {"numbers": in_vain})
    return Fixture(rows=(header, *own, *others), kinds=known, carrier=carrier | {"rule": rules})


def _in_vain(moved: list[tuple[str, str]], calls_per_answer: int) -> list[str]:
    answering = [number for number, kind in moved if kind in _ANSWERING]
    return [number for index, number in enumerate(answering) if index % calls_per_answer]


def filled(given: Fixture, *, agents: int, lines: int) -> Fixture:
    """Return the fixture with the leads that fill a floor first, see `full_floor`.

    Raises:
        ValueError: If there are not enough fictional numbers.
    """
    rules = full_floor.rules(agents, lines)
    kinds = {number: str(rule["kind"]) for rule in rules for number in rule["numbers"]}
    rows = (("name", "phone"), *((f"Filler {index}", number) for index, number in enumerate(kinds)))
    carrier = given.carrier | {"rule": [*given.carrier["rule"], *rules]}
    return Fixture(rows=given.rows, kinds=given.kinds | kinds, carrier=carrier, first_rows=rows)


def _write_csv(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _number(row: tuple[str, ...]) -> str:
    digits = "".join(character for character in row[2] if character.isdigit())
    return f"+1{digits[-10:]}"


def _moved(number: str, copy: int) -> str:
    block, row = divmod(copy, len(_AREAS))
    area = _AREAS[row][_AREAS[0].index(number[2:5])]
    return f"+1{area}{number[5:10]}{int(number[10:]) + _BLOCK * block:02}"


def _all_moved(numbers: Iterable[str], copies: int) -> list[str]:
    return [_moved(number, copy) for copy in range(copies) for number in numbers]


def _toml(content: Mapping[str, Any]) -> str:
    # Strings, numbers and arrays of them are written alike in JSON and TOML.
    plain = [f"{key} = {json.dumps(value)}" for key, value in content.items() if key != "rule"]
    rules = [
        "\n".join(["", "[[rule]]", *(f"{key} = {json.dumps(value)}" for key, value in rule.items())])
        for rule in content["rule"]
    ]
    return "\n".join([*plain, *rules, ""])
