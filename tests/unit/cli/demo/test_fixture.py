import csv
import tomllib

import phonenumbers
import pytest

from cli.demo.fixture import CARRIER_FILE, fixture
from cli.demo.verdict import EXPECTED
from telephony.sip.emulator.behaviour import Directory, Kind


def test_the_files_have_every_kind_of_number_that_can_be_heard():
    assert set(fixture().kinds.values()) == set(Kind) - {Kind.RTP_LESS}


@pytest.mark.parametrize("leads", [None, 1, 56, 57, 220, 2600])
def test_every_number_is_valid_and_fictional(leads):
    made = fixture(leads)
    assert len(made.kinds) == (leads or 56)
    for number in made.kinds:
        assert phonenumbers.is_valid_number(phonenumbers.parse(number))
        assert number[5:10] == "55501"


def test_more_leads_than_fictional_numbers_are_refused():
    with pytest.raises(ValueError, match="2688"):
        fixture(2689)


def test_what_is_written_is_what_the_carrier_does(tmp_path):
    made = fixture(120)
    _, carrier = made.write(tmp_path)
    directory = Directory.load(carrier)
    assert {number: directory.plan(number).kind for number in made.kinds} == made.kinds


def test_a_small_fixture_is_the_files_as_they_are(tmp_path):
    _, carrier = fixture().write(tmp_path)
    assert tomllib.loads(carrier.read_text()) == tomllib.loads(CARRIER_FILE.read_text())


def test_rows_that_are_no_leads_stay_in_every_fixture(tmp_path):
    leads, _ = fixture(1).write(tmp_path)
    with leads.open(newline="") as file:
        notes = [row["note"] for row in csv.DictReader(file)]
    assert {"no number", "too short", "no number at all", "too long"} < set(notes)


def test_every_kind_of_number_has_outcomes_that_agree_with_it():
    assert set(EXPECTED) == set(Kind)
