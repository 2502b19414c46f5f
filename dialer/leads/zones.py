"""In which time zones a number may be: a set, because one prefix often spans several.

The data are those of `phonenumbers`, and so is the rule: a geographic number takes the zones of the
longest prefix on record, any other number all zones of its country calling code.
"""

from functools import cache

from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

Zones = tuple[str, ...]
"""IANA names in the order of the data; empty when nothing is known."""

START = 5
"""Characters of an E.164 number that settle its zones mostly: no longer prefix of that start on record."""


def geographic_zones(e164: str) -> Zones:
    """Return the zones of a number that is bound to a place."""
    return _longest_prefix(e164[1:], TIMEZONE_LONGEST_PREFIX)


def is_settled(e164: str) -> bool:
    """Return whether all geographic numbers with the same first `START` characters have the same zones."""
    return e164[1:START] not in _unsettled()


def country_zones(country_code: int) -> Zones:
    """Return every zone of a country calling code.

    Source: `_country_level_time_zones_for_number` of phonenumbers, which never looks at the first
    digit of a longer code alone.
    """
    code = str(country_code)
    return _longest_prefix(code, len(code), shortest=min(len(code), 2))


@cache
def _unsettled() -> frozenset[str]:
    return frozenset(prefix[: START - 1] for prefix in TIMEZONE_DATA if len(prefix) >= START)


def _longest_prefix(digits: str, longest: int, *, shortest: int = 1) -> Zones:
    for size in range(longest, shortest - 1, -1):
        zones = TIMEZONE_DATA.get(digits[:size])
        if zones is not None:
            return zones
    return ()
