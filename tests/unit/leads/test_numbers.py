import itertools
import zoneinfo

import phonenumbers
import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from dialer.core.rules.number_kinds import NEVER_CALLED, NumberKind
from dialer.errors import ConfigError
from dialer.leads.numbers import BadNumber, Normaliser, found_by_phonenumbers


def said(found):
    """What a reading says, in values that compare."""
    if isinstance(found, BadNumber):
        return None
    e164, facts = found
    return e164, facts.region, facts.kind, facts.zones


def by_phonenumbers(written, region):
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    return said(found_by_phonenumbers(number)) if phonenumbers.is_valid_number(number) else None


def examples():
    types = range(phonenumbers.PhoneNumberType.VOICEMAIL + 1)
    for region, number_type in itertools.product(sorted(phonenumbers.SUPPORTED_REGIONS), types):
        number = phonenumbers.example_number_for_type(region, number_type)
        if number is not None:
            yield region, number
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        yield "GB", phonenumbers.example_number_for_non_geo_entity(code)


def writings(number):
    code, national = str(number.country_code), phonenumbers.national_significant_number(number)
    yield from (phonenumbers.format_number(number, style) for style in (0, 1, 2))
    yield from (national, "0" + national, "1" + national, code + national, code + "0" + national)
    yield from (f"{prefix}{code}{national}" for prefix in ("00", "011", "0011", "810", "+"))


def one_off(written):
    """The same writing with one digit changed, left out or doubled at several places."""
    yield written
    for at in sorted({1, len(written) // 2, len(written) - 1}):
        for digit in "09":
            yield written[:at] + digit + written[at + 1 :]
        yield written[:at] + written[at + 1 :]
        yield written[:at] + written[at] + written[at:]


@pytest.mark.parametrize("home", ["US", "GB", "CN", "AR", "IT", "KZ", None])
def test_example_numbers_and_their_neighbours_read_as_phonenumbers_reads_them(home):
    normalisers = {}
    for region, number in examples():
        reads_in = home or region
        normaliser = normalisers.setdefault(reads_in, Normaliser(reads_in))
        # Slow as phonenumbers is, every region gets all writings at home, and fewer away.
        shown = writings(number) if home is None else itertools.islice(writings(number), 0, None, 5)
        for written in itertools.chain.from_iterable(map(one_off, shown)) if home is None else shown:
            assert said(normaliser.read(written)) == by_phonenumbers(written, reads_in), written


@pytest.mark.parametrize(
    ("region", "written", "e164"),
    [
        pytest.param("US", "(212) 555-0100", "+12125550100", id="national"),
        pytest.param("US", "1.212.555.0100", "+12125550100", id="national-prefix-and-dots"),
        pytest.param("US", "+44 (0)20 7946 0000", "+442079460000", id="zero-in-parentheses"),
        pytest.param("GB", "020 7946 0958", "+442079460958", id="british-trunk-zero"),
        pytest.param("GB", "0012125550100", "+12125550100", id="international-prefix"),
        pytest.param("US", "+1 212 555 0100 ext. 7", "+12125550100", id="extension-dropped"),
        pytest.param("US", "＋１２１２５５５０１００", "+12125550100", id="full-width-digits"),
        pytest.param("US", " 212\u00a0555 0100 ", "+12125550100", id="spaces-around"),
        pytest.param("US", "'+12125550100", "+12125550100", id="apostrophe-of-a-spreadsheet"),
    ],
)
def test_a_number_gets_its_one_form(region, written, e164):
    assert Normaliser(region).read(written)[0] == e164


@pytest.mark.parametrize(
    ("region", "written", "reason"),
    [
        pytest.param("US", "", BadNumber.MISSING, id="empty"),
        pytest.param("US", " \t", BadNumber.MISSING, id="blank"),
        pytest.param("US", "unknown", BadNumber.NOT_A_NUMBER, id="a-word"),
        pytest.param("US", "=cmd|' /C calc'!A0", BadNumber.NOT_A_NUMBER, id="formula"),
        pytest.param("US", "2125550\x00100", BadNumber.NUL, id="nul"),
        pytest.param("US", "212\n5550100", BadNumber.LINE_BREAK, id="line-feed"),
        pytest.param("US", "212\r5550100", BadNumber.LINE_BREAK, id="carriage-return"),
        pytest.param("US", "5550100", BadNumber.TOO_SHORT, id="no-area-code"),
        pytest.param("US", "+1 212 555 01000 0", BadNumber.TOO_LONG, id="too-many-digits"),
        pytest.param("US", "+1 112 555 0100", BadNumber.UNASSIGNED, id="no-such-area"),
        pytest.param("US", "+999 2125550100", BadNumber.UNKNOWN_COUNTRY, id="no-such-country"),
        pytest.param("US", "911", BadNumber.EMERGENCY, id="emergency-us"),
        pytest.param("GB", "999", BadNumber.EMERGENCY, id="emergency-gb"),
        pytest.param("CN", "110", BadNumber.EMERGENCY, id="emergency-cn"),
        pytest.param("US", "611", BadNumber.SHORT, id="short"),
        pytest.param("US", "2" * 300, BadNumber.LONG, id="over-long"),
    ],
)
def test_what_cannot_be_called_says_why(region, written, reason):
    found = Normaliser(region).read(written)
    assert found == reason


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        pytest.param("+1 900 555 0100", NumberKind.PREMIUM_RATE, id="us-premium"),
        pytest.param("+49 180 1234567", NumberKind.SHARED_COST, id="german-shared-cost"),
        pytest.param("+870 301234567", NumberKind.SATELLITE, id="inmarsat"),
        pytest.param("+881 612345678", NumberKind.SATELLITE, id="iridium"),
        pytest.param("+979 123456789", NumberKind.PREMIUM_RATE, id="international-premium"),
        pytest.param("+808 12345678", NumberKind.SHARED_COST, id="international-shared-cost"),
    ],
)
def test_numbers_that_cost_more_than_a_call_are_marked_never_to_be_called(written, kind):
    _, facts = Normaliser("US").read(written)
    assert (facts.kind, facts.kind in NEVER_CALLED) == (kind, True)


def test_a_number_may_be_in_several_zones():
    mobile = phonenumbers.example_number_for_type("GB", phonenumbers.PhoneNumberType.MOBILE)
    _, facts = Normaliser("GB").read(phonenumbers.format_number(mobile, phonenumbers.PhoneNumberFormat.E164))
    assert len(facts.zones) > 1
    assert "Europe/London" in facts.zones


def test_a_number_of_no_country_has_no_known_zone():
    _, facts = Normaliser("GB").read("+881 612345678")
    assert (facts.region, facts.zones) == ("001", ())


def test_every_zone_on_record_is_one_that_python_knows():
    named = set(itertools.chain.from_iterable(TIMEZONE_DATA.values())) - {"Etc/Unknown"}
    assert named <= zoneinfo.available_timezones()


@pytest.mark.parametrize("region", ["", "us", "XX", "USA"])
def test_an_unknown_region_is_refused_with_examples(region):
    with pytest.raises(ConfigError, match="two-letter"):
        Normaliser(region)
