"""The compiled plans say of every number what `phonenumbers` says."""

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st

from dialer.leads.numbers import BadNumber, Normaliser, found_by_phonenumbers

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
NORMALISERS: dict[str, Normaliser] = {}

regions = st.sampled_from(REGIONS)
digits = st.text("0123456789", min_size=1, max_size=14)


@st.composite
def near_examples(draw):
    """An example of some region and type whose last digits are anything."""
    number = phonenumbers.example_number_for_type(draw(regions), draw(st.integers(0, 10)))
    if number is None:
        return draw(digits)
    national = phonenumbers.national_significant_number(number)
    kept = draw(st.integers(0, len(national)))
    return f"{number.country_code}{national[:kept]}{draw(digits)}"[: draw(st.integers(4, 15))]


@st.composite
def written_numbers(draw):
    body = draw(
        st.one_of(
            near_examples(),
            digits,
            st.sampled_from(CODES).map(str).flatmap(lambda c: digits.map(lambda d: c + d)),
        )
    )
    lead = draw(st.sampled_from(["", "+", "00", "011", "0", "1", "8", " ("]))
    spaced = "".join(digit + draw(st.sampled_from(["", "", "", " ", "-", ".", ")", "("])) for digit in body)
    return lead + spaced


def said(found):
    e164, facts = found
    return e164, facts.region, facts.kind, facts.zones


def agree(written, region):
    found = NORMALISERS.setdefault(region, Normaliser(region)).read(written)
    try:
        number = phonenumbers.parse(written, region)
        valid = phonenumbers.is_valid_number(number)
    except phonenumbers.NumberParseException:
        valid = False
    if valid:
        assert said(found) == said(found_by_phonenumbers(number))
    else:
        assert isinstance(found, BadNumber)


@given(written_numbers(), regions)
def test_a_written_number_means_what_phonenumbers_says_it_means(written, region):
    agree(written, region)


@given(st.text("0123456789+-(). /x#;,", max_size=20), regions)
def test_odd_writing_means_what_phonenumbers_says_it_means(written, region):
    agree(written, region)
