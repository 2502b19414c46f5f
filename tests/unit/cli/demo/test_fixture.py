import csv
import tomllib

import phonenumbers
import pytest

from cli.demo import full_floor
from cli.demo.fixture import CARRIER_FILE, filled, fixture
from cli.demo.verdict import EXPECTED
from telephony.sip.emulator.behaviour import Directory, Kind


def test_the_files_have_every_kind_of_number_that_the_demo_listens_to():
    assert set(fixture().kinds.values()) == set(Kind) - {Kind.RTP_LESS, Kind.ANNOUNCEMENT}


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


def test_where_many_calls_are_made_for_one_answer_few_people_answer():
    plain, thinned = (list(fixture(560, calls_per_answer=calls).kinds.values()) for calls in (1, 3))
    assert thinned.count("person") + thinned.count("machine") == 39 + 9 * 13
    assert thinned.count("busy") - plain.count("busy") == 9 * 26
    assert {kind: thinned.count(kind) for kind in ("silent", "no-answer", "invalid")} == {
        kind: plain.count(kind) for kind in ("silent", "no-answer", "invalid")
    }


@pytest.mark.parametrize(("agents", "lines"), [(20, 60), (6, 6), (190, 1900)])
def test_a_floor_is_filled_by_talks_and_by_numbers_that_ring(tmp_path, agents, lines):
    given = fixture(12)
    made = filled(given, agents=agents, lines=lines)
    first = {number: kind for number, kind in made.kinds.items() if number not in given.kinds}
    assert list(first.values()) == ["person"] * agents + ["no-answer"] * (lines - agents)
    _, carrier = made.write(tmp_path)
    directory = Directory.load(carrier)
    assert {number: directory.plan(number).kind for number in first} == first
    with (tmp_path / "first.csv").open(newline="") as file:
        assert [row["phone"] for row in csv.DictReader(file)] == list(first)
    for number in first:
        assert phonenumbers.is_valid_number(phonenumbers.parse(number))
        assert number[5:10] == "55501"


def test_the_talks_that_fill_a_floor_overlap_for_a_minute_and_end_before_the_ringing(tmp_path):
    _, carrier = filled(fixture(1), agents=20, lines=60).write(tmp_path)
    directory = Directory.load(carrier)
    talks = [directory.plan(f"+120155501{index:02}") for index in range(20)]
    begins = [talk.ring_s for talk in talks]
    ends = [talk.ring_s + talk.talk_s for talk in talks]
    assert min(ends) - max(begins) > full_floor.HELD_S + 1
    assert max(ends) < full_floor.RING_S - 1


def test_more_lines_than_fictional_numbers_are_refused():
    with pytest.raises(ValueError, match="2000"):
        full_floor.rules(190, 2001)


def test_rows_that_are_no_leads_stay_in_every_fixture(tmp_path):
    leads, _ = fixture(1).write(tmp_path)
    with leads.open(newline="") as file:
        notes = [row["note"] for row in csv.DictReader(file)]
    assert {"no number", "too short", "no number at all", "too long"} < set(notes)


def test_every_kind_of_number_has_outcomes_that_agree_with_it():
    assert set(EXPECTED) == set(Kind)
