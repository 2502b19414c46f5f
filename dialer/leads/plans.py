"""Numbering plans, compiled from the metadata of `phonenumbers` when they are first needed.

Parsing and validating with `phonenumbers` takes about 30 microseconds a number, for it tries one
pattern after another. Here the patterns of all regions and kinds under one country calling code
become one expression for each length of number, in the order in which `phonenumbers` tries them: the
first that matches names region and kind. A plan answers only what it can answer exactly as
`phonenumbers` does; None means "ask phonenumbers", never "invalid".
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Protocol

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberDesc, PhoneNumberType
from phonenumbers.phonenumberutil import is_number_type_geographical

from dialer.core.rules.number_kinds import NumberKind
from dialer.leads.kinds import kind_of
from dialer.leads.zones import START, Zones, country_zones, geographic_zones, is_settled

_NEVER = "(?!)"


class _FullMatch(Protocol):
    def __call__(self, text: str, at: int = 0, /) -> re.Match[str] | None: ...


class NumberFacts:
    """What a valid number says of itself; numbers that say the same share one object."""

    __slots__ = ("kind", "region", "zones")

    def __init__(self, region: str, kind: NumberKind, zones: Zones) -> None:
        self.region = region
        """ISO 3166 code; `001` for numbers that belong to no country."""
        self.kind = kind
        self.zones = zones


Found = tuple[str, NumberFacts]
"""A number in E.164 form, and its facts."""


class _Answer:
    """Region and kind that one part of an expression stands for."""

    def __init__(self, region: str, number_type: int, country_code: int) -> None:
        self._region = region
        self._kind = kind_of(number_type, country_code)
        self._by_zones: dict[Zones, NumberFacts] = {}
        self.by_start: dict[str, NumberFacts] = {}
        """By the first digits, where they settle the zones."""
        self.facts: NumberFacts | None = None
        """None for geographic numbers, whose zones depend on their prefix."""
        if not is_number_type_geographical(number_type, country_code):
            self.facts = self._facts_in(country_zones(country_code))

    def facts_of(self, e164: str) -> NumberFacts:
        facts = self._facts_in(geographic_zones(e164))
        if is_settled(e164):
            self.by_start[e164[:START]] = facts
        return facts

    def _facts_in(self, zones: Zones) -> NumberFacts:
        return self._by_zones.setdefault(zones, NumberFacts(self._region, self._kind, zones))


class _Prefix:
    """The national prefix of a region, taken off as `phonenumbers.parse` does."""

    def __init__(self, metadata: PhoneMetadata) -> None:
        self.match = re.compile(metadata.national_prefix_for_parsing or _NEVER).match
        self._transforms = bool(metadata.national_prefix_transform_rule)
        general = _general(metadata)
        self.possible = re.compile(general.national_number_pattern or _NEVER).fullmatch
        self._lengths = frozenset(general.possible_length) - frozenset(general.possible_length_local_only)

    def strip(self, digits: str) -> str | None:
        """Return the national significant number, or None when it takes `phonenumbers` to tell."""
        found = self.match(digits)
        if found is None:
            return digits
        if self._transforms and found.lastindex is not None:
            return None
        stripped = digits[found.end() :]
        return stripped if len(stripped) in self._lengths and self.possible(stripped) else None


class Plan:
    """The numbers of one country calling code."""

    def __init__(self, country_code: int) -> None:
        self.code = str(country_code)
        self.after_plus = 1 + len(self.code)
        self._plus_code = "+" + self.code
        self._country_code = country_code
        self._regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[country_code]
        self._prefix = _Prefix(_metadata(country_code, self._regions[0]))
        self.prefix_match = self._prefix.match
        self._by_length: dict[int, tuple[_FullMatch, list[_Answer | None]]] = {}

    def read(self, digits: str) -> Found | None:
        """Return the facts of what follows the country calling code, national prefix or not."""
        number = self._prefix.strip(digits)
        return None if number is None else self.find(number)

    def find(self, digits: str, at: int = 0) -> Found | None:
        """Return the facts of the national significant number that begins at a place in some digits.

        What stands before it is a plus sign and the code.
        """
        length = len(digits) - at
        compiled = self._by_length.get(length) or self._compile(length)
        found = compiled[0](digits, at)
        if found is None:
            return None
        answer = compiled[1][found.lastindex or 0]
        if answer is None:
            return None
        e164 = digits if at else self._plus_code + digits
        return e164, answer.facts or answer.by_start.get(e164[:START]) or answer.facts_of(e164)

    def _compile(self, length: int) -> tuple[_FullMatch, list[_Answer | None]]:
        patterns: list[str] = []
        # Groups count from 1.
        answers: list[_Answer | None] = [None]
        for region in self._regions:
            metadata = _metadata(self._country_code, region)
            typed = list(_typed_patterns(metadata, length))
            answers += [_Answer(region, number_type, self._country_code) for number_type, _ in typed]
            kinds = "|".join(f"({pattern})" for _, pattern in typed) or _NEVER
            general = f"(?=(?:{_general(metadata).national_number_pattern})\\Z)"
            if len(self._regions) == 1 or metadata.leading_digits is None:
                patterns.append(f"{general}(?:{kinds})")
            else:
                # Leading digits decide the region, even where no kind of that region then fits.
                patterns.append(f"(?={metadata.leading_digits})(?:{general}(?:{kinds})|(.*))")
                answers.append(None)
        compiled = self._by_length[length] = (re.compile("|".join(patterns)).fullmatch, answers)
        return compiled


class Reader:
    """Reads numbers as they are written in one region, or with their country calling code."""

    def __init__(self, region: str) -> None:
        """Prepare for a region (ISO 3166), which must be one that `phonenumbers` knows."""
        country_code = phonenumbers.country_code_for_region(region)
        metadata = _metadata(country_code, region)
        self._home = plan(country_code)
        self._prefix = _Prefix(metadata)
        abroad = metadata.international_prefix or _NEVER
        self._abroad = re.compile(abroad).match
        self._longest = max(_general(metadata).possible_length)
        national = metadata.national_prefix_for_parsing or _NEVER
        self._is_more = re.compile(f"{abroad}|{self._home.code}|{national}").match
        """Whether a number may be more than a national significant number, and needs a closer look."""

    def read(self, digits: str) -> Found | None:
        """Return the facts of ASCII digits, perhaps after a plus sign; None: ask `phonenumbers`."""
        # Most numbers end in one of the first two ways, so as little as can be is done on them.
        if digits[0] == "+":
            plan = _plan_of(digits[1:4])
            if plan is None:
                return None
            at = plan.after_plus
            return plan.read(digits[at:]) if plan.prefix_match(digits, at) else plan.find(digits, at)
        return self._read_closely(digits) if self._is_more(digits) else self._home.find(digits)

    def _read_closely(self, digits: str) -> Found | None:
        abroad = self._abroad(digits)
        if abroad is not None:
            return self.read("+" + digits[abroad.end() :])
        if digits.startswith(self._home.code):
            if not self._prefix.possible(digits):
                return self._without_plus(digits[len(self._home.code) :])
            if len(digits) > self._longest:
                return None
        number = self._prefix.strip(digits)
        return None if number is None else self._home.find(number)

    def _without_plus(self, digits: str) -> Found | None:
        if self._prefix.match(digits) or not self._prefix.possible(digits):
            return None
        return self._home.read(digits)


@cache
def plan(country_code: int) -> Plan:
    """Return the plan of a country calling code, compiled once."""
    return Plan(country_code)


@cache
def _plan_of(start: str) -> Plan | None:
    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    if len(start) < 3 or start[0] == "0":
        return None
    return next((plan(int(start[:size])) for size in (1, 2, 3) if int(start[:size]) in codes), None)


def _metadata(country_code: int, region: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(country_code, region)
    if metadata is None:
        raise LookupError(f"phonenumbers has no metadata for {region} under +{country_code}")
    return metadata


def _general(metadata: PhoneMetadata) -> PhoneNumberDesc:
    if metadata.general_desc is None:
        raise LookupError(f"phonenumbers has no general pattern for {metadata.id}")
    return metadata.general_desc


def _typed_patterns(metadata: PhoneMetadata, length: int) -> Iterator[tuple[int, str]]:
    """Yield number types with their patterns, in the order of `_number_type_helper` of phonenumbers."""
    if not _pattern(metadata.general_desc, length):
        return
    for number_type, desc in (
        (PhoneNumberType.PREMIUM_RATE, metadata.premium_rate),
        (PhoneNumberType.TOLL_FREE, metadata.toll_free),
        (PhoneNumberType.SHARED_COST, metadata.shared_cost),
        (PhoneNumberType.VOIP, metadata.voip),
        (PhoneNumberType.PERSONAL_NUMBER, metadata.personal_number),
        (PhoneNumberType.PAGER, metadata.pager),
        (PhoneNumberType.UAN, metadata.uan),
        (PhoneNumberType.VOICEMAIL, metadata.voicemail),
    ):
        if pattern := _pattern(desc, length):
            yield number_type, pattern
    yield from _line_patterns(metadata, length)


def _line_patterns(metadata: PhoneMetadata, length: int) -> Iterator[tuple[int, str]]:
    fixed, mobile = _pattern(metadata.fixed_line, length), _pattern(metadata.mobile, length)
    if metadata.same_mobile_and_fixed_line_pattern:
        if fixed:
            yield PhoneNumberType.FIXED_LINE_OR_MOBILE, fixed
        return
    if fixed and mobile:
        yield PhoneNumberType.FIXED_LINE_OR_MOBILE, f"(?={mobile}\\Z){fixed}"
    if fixed:
        yield PhoneNumberType.FIXED_LINE, fixed
    if mobile:
        yield PhoneNumberType.MOBILE, mobile


def _pattern(desc: PhoneNumberDesc | None, length: int) -> str | None:
    if desc is None or desc.national_number_pattern is None:
        return None
    possible = not desc.possible_length or length in desc.possible_length
    return f"(?:{desc.national_number_pattern})" if possible else None
