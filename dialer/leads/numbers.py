"""From what a person wrote to one E.164 number with its facts, or the reason why it is none.

`phonenumbers` decides. Numbers in plain writing take the compiled plans of `dialer.leads.plans`, which
give the same answer some ten times faster; everything else goes to `phonenumbers` itself.
"""

from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, timezone

from dialer.errors import ConfigError
from dialer.leads.kinds import kind_of
from dialer.leads.plans import Found, NumberFacts, Reader

_FIRST = "+0123456789"
_REMEMBERED = 4_096
"""Texts whose answer is kept: what stands in place of a number, such as `n/a`, stands there often."""

MAX_WRITTEN = 250
"""Characters in a written number. Source: `_MAX_INPUT_STRING_LENGTH` of phonenumbers."""


class BadNumber(StrEnum):
    """Why a written number cannot be called."""

    MISSING = "no number"
    LONG = "over-long field"
    NUL = "NUL character in the number"
    LINE_BREAK = "line break in the number"
    NOT_A_NUMBER = "not a phone number"
    UNKNOWN_COUNTRY = "unknown country calling code"
    EMERGENCY = "emergency number"
    SHORT = "short number"
    TOO_SHORT = "impossible number: too few digits"
    TOO_LONG = "impossible number: too many digits"
    UNASSIGNED = "impossible number: in no range of its country"


_PARSE_ERRORS = {
    NumberParseException.INVALID_COUNTRY_CODE: BadNumber.UNKNOWN_COUNTRY,
    NumberParseException.NOT_A_NUMBER: BadNumber.NOT_A_NUMBER,
    NumberParseException.TOO_SHORT_AFTER_IDD: BadNumber.TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: BadNumber.TOO_SHORT,
    NumberParseException.TOO_LONG: BadNumber.TOO_LONG,
}

_LENGTH_ERRORS = {
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: BadNumber.UNKNOWN_COUNTRY,
    phonenumbers.ValidationResult.TOO_SHORT: BadNumber.TOO_SHORT,
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: BadNumber.TOO_SHORT,
    phonenumbers.ValidationResult.TOO_LONG: BadNumber.TOO_LONG,
}


class Normaliser:
    """Reads written numbers; those without a country calling code belong to the default region."""

    def __init__(self, default_region: str) -> None:
        """Prepare for a region, an ISO 3166 code such as `US`.

        Raises:
            ConfigError: If phonenumbers does not know the region.
        """
        if default_region not in phonenumbers.SUPPORTED_REGIONS:
            raise ConfigError(
                f"unknown region {default_region!r}: give a two-letter country code such as US, GB or CN"
            )
        self.region = default_region
        self._read_plainly = Reader(default_region).read
        self._read_slowly = lru_cache(_REMEMBERED)(self._ask_phonenumbers)

    def read(self, written: str) -> Found | BadNumber:
        """Return a number's E.164 form and facts, or why it is none. An extension is dropped."""
        digits = written
        # A plus sign anywhere but in front fails isdigit; phonenumbers then says what it is.
        if not digits[1:].isdigit():
            # Half the time of str.translate.
            for mark in " -().":
                digits = digits.replace(mark, "")
            if not digits[1:].isdigit():
                return self._read_slowly(written)
        if digits[0] in _FIRST and digits.isascii():
            found = self._read_plainly(digits)
            if found is not None:
                return found
        return self._read_slowly(written)

    def _ask_phonenumbers(self, written: str) -> Found | BadNumber:
        unreadable = _unreadable(written)
        if unreadable is not None:
            return unreadable
        try:
            number = phonenumbers.parse(written, self.region)
        except NumberParseException as error:
            return self._short(written) or _PARSE_ERRORS[error.error_type]
        if phonenumbers.is_valid_number(number):
            return found_by_phonenumbers(number)
        problem = phonenumbers.is_possible_number_with_reason(number)
        return self._short(written) or _LENGTH_ERRORS.get(problem, BadNumber.UNASSIGNED)

    def _short(self, written: str) -> BadNumber | None:
        digits = phonenumbers.normalize_digits_only(written)
        if phonenumbers.is_emergency_number(digits, self.region):
            return BadNumber.EMERGENCY
        if not digits.isdigit():
            return None
        country_code = phonenumbers.country_code_for_region(self.region)
        number = phonenumbers.PhoneNumber(country_code=country_code, national_number=int(digits))
        is_short = phonenumbers.is_valid_short_number_for_region(number, self.region)
        return BadNumber.SHORT if is_short else None


def found_by_phonenumbers(number: phonenumbers.PhoneNumber) -> Found:
    """Return what `phonenumbers` alone says of a valid number."""
    zones = timezone.time_zones_for_number(number)
    region = phonenumbers.region_code_for_number(number)
    if region is None or number.country_code is None:
        raise ValueError("a number without a region is not valid")
    facts = NumberFacts(
        region,
        kind_of(phonenumbers.number_type(number), number.country_code),
        () if zones == (timezone.UNKNOWN_TIMEZONE,) else zones,
    )
    return phonenumbers.format_number(number, PhoneNumberFormat.E164), facts


def _unreadable(written: str) -> BadNumber | None:
    if not written.strip():
        return BadNumber.MISSING
    if "\0" in written:
        return BadNumber.NUL
    if "\n" in written.strip() or "\r" in written.strip():
        return BadNumber.LINE_BREAK
    return None if len(written) <= MAX_WRITTEN else BadNumber.LONG
