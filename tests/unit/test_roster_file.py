"""A roster as people write it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dialer import roster_file
from dialer.errors import ConfigError

AGENTS = {"anna": 1, "ben": 2}
HEADER = "agent,begins,ends,zone,breaks\n"


@pytest.fixture
def read(tmp_path):
    def write_and_read(text, name="roster.csv", zone="Europe/Berlin"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return roster_file.read(file, agents=AGENTS, zone=zone)

    return write_and_read


def at(text, zone="Europe/Berlin"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def test_a_shift_is_read_by_the_clock_of_its_zone(read):
    entries, faults = read(
        HEADER + "anna,2027-03-01 09:00,2027-03-01 17:00,America/New_York,12:00-12:30;15:00-15:15\n"
    )
    ((place, shift, zone),) = [(one.place, one.shift, one.zone) for one in entries]
    assert (place, shift.agent_id, zone, faults) == ("line 2", 1, "America/New_York", [])
    begins = at("2027-03-01 09:00", "America/New_York")
    assert (shift.begins_at, shift.ends_at) == (begins, begins + 8 * 3600)
    assert shift.breaks == (
        (begins + 3 * 3600, begins + 3.5 * 3600),
        (begins + 6 * 3600, begins + 6.25 * 3600),
    )


def test_columns_come_in_any_order_and_two_may_be_left_out(read):
    entries, faults = read("ends,agent,begins\n2027-03-01T17:00,ben,2027-03-01T09:00\n")
    assert (entries[0].shift.begins_at, faults) == (at("2027-03-01 09:00"), [])


def test_an_end_without_a_day_is_the_next_after_the_beginning(read):
    entries, _ = read(HEADER + "anna,2027-03-01 22:00,06:00,,01:00-01:30\n")
    assert entries[0].shift.ends_at == at("2027-03-02 06:00")
    assert entries[0].shift.breaks[0][0] == at("2027-03-02 01:00")


def test_toml_holds_the_same(read):
    text = """
        [[shifts]]
        agent = "anna"
        begins = 2027-03-01T09:00:00
        ends = 17:00:00
        breaks = ["12:00-12:30"]

        [[shifts]]
        agent = "ben"
        begins = 2027-03-01T09:00:00-05:00
        ends = "2027-03-01 17:00"
        zone = "America/New_York"
    """
    entries, faults = read(text, "roster.toml")
    assert faults == []
    assert [one.place for one in entries] == ["shift 1", "shift 2"]
    assert entries[0].shift.breaks == ((at("2027-03-01 12:00"), at("2027-03-01 12:30")),)
    assert entries[1].shift.begins_at == at("2027-03-01 09:00", "America/New_York")


def test_a_shift_over_a_change_of_the_clocks_lasts_as_long_as_it_does(read):
    entries, _ = read(HEADER + "anna,2027-03-27 22:00,06:00,,\nben,2027-10-30 22:00,06:00,,\n")
    assert [(one.shift.ends_at - one.shift.begins_at) / 3600 for one in entries] == [7, 9]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param("eve,2027-03-01 09:00,17:00,,", "no agent is called 'eve'", id="unknown-agent"),
        pytest.param(",2027-03-01 09:00,17:00,,", "agent is missing", id="no-agent"),
        pytest.param("anna,,17:00,,", "begins is missing", id="no-beginning"),
        pytest.param("anna", "begins is missing", id="short-line"),
        pytest.param("anna,2027-03-01 09:00,17:00,,,x", "one value too many", id="long-line"),
        pytest.param("anna,2027-03-01 09:00,2027-03-01 08:00,,", "not after its beginning", id="backward"),
        pytest.param("anna,2027-03-01 09:00,09:00,,", "not after its beginning", id="of-no-length"),
        pytest.param("anna,2027-03-01 09:00,2027-03-02 09:01,,", "lasts 24 h", id="too-long"),
        pytest.param(
            "anna,2027-03-01 09:00,2028-03-01 17:00,,", "no shift lasts longer than 24 h", id="a-year"
        ),
        pytest.param("anna,09:00,17:00,,", "'09:00' has no day", id="no-day"),
        pytest.param("anna,tomorrow,17:00,,", "'tomorrow' is no time", id="no-time"),
        pytest.param("anna,2027-02-29 09:00,17:00,,", "is no time", id="no-such-day"),
        pytest.param("anna,2027-03-01 09:00,17:00,Berlin,", "zone is 'Berlin'", id="unknown-zone"),
        pytest.param("anna,2027-03-01 09:00,17:00,,noon", "write it as 12:00-12:30", id="no-break"),
        pytest.param("anna,2027-03-01 09:00,17:00,,12:00-x", "'x' is no time of day", id="half-a-break"),
        pytest.param("anna,2027-03-01 09:00,17:00,,16:30-17:30", "not inside the shift", id="break-too-late"),
        pytest.param(
            "anna,2027-03-01 09:00,17:00,,08:00-08:30", "not inside the shift", id="break-too-early"
        ),
        pytest.param(
            "anna,2027-03-01 09:00,17:00,,12:00-13:00;12:30-13:30",
            "not inside the shift",
            id="breaks-overlap",
        ),
        pytest.param(
            "anna,2027-03-28 02:30,10:00,,", "is skipped in Europe/Berlin", id="skipped-by-the-clocks"
        ),
        pytest.param("anna,2027-10-31 02:30,10:00,,", "is twice in Europe/Berlin", id="twice-by-the-clocks"),
        pytest.param(
            "anna,2027-10-30 22:00,06:00,,02:15-02:45", "is twice in Europe/Berlin", id="break-twice"
        ),
    ],
)
def test_a_line_that_is_no_shift_is_told_with_its_place(read, line, told):
    entries, faults = read(HEADER + "ben,2027-03-01 09:00,17:00,,\n" + line + "\n")
    ((place, text),) = faults
    assert (place, len(entries)) == ("line 3", 1)
    assert told in text


def test_an_offset_says_which_of_two_times_is_meant(read):
    lines = "anna,2027-10-31 02:30+02:00,10:00,,\nben,2027-10-31 02:30+01:00,10:00,,\n"
    entries, faults = read(HEADER + lines)
    first, second = (one.shift.begins_at for one in entries)
    assert (second - first, faults) == (3600, [])


def test_shifts_of_one_agent_that_overlap_are_told_and_those_of_two_are_not(read):
    lines = (
        "anna,2027-03-01 09:00,17:00,,\nben,2027-03-01 09:00,17:00,,\n"
        "anna,2027-03-01 16:59,20:00,,\nanna,2027-03-01 17:00,20:00,,\n"
    )
    entries, faults = read(HEADER + lines)
    assert faults == [("line 4", "it overlaps line 2")]
    assert len(entries) == 3


def test_every_bad_line_is_told(read):
    _, faults = read(HEADER + "eve,2027-03-01 09:00,17:00,,\n\nanna,x,17:00,,\n")
    assert [place for place, _ in faults] == ["line 2", "line 4"]


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        pytest.param("agent,from\nanna,1\n", "r.csv", "no column begins, ends", id="columns"),
        pytest.param("", "r.csv", "no column agent, begins, ends", id="empty"),
        pytest.param("[shifts]\n", "r.toml", r"write one \[\[shifts\]\]", id="one-table"),
        pytest.param("[[shifts]]\n[more]\n", "r.toml", r"write one \[\[shifts\]\]", id="more-tables"),
        pytest.param("[[shifts", "r.toml", "not TOML", id="no-toml"),
        pytest.param('agent,begins,ends\n"anna,1\n', "r.csv", "not CSV after line 1", id="no-csv"),
    ],
)
def test_what_is_no_roster_at_all_is_refused_as_a_whole(read, text, name, told):
    with pytest.raises(ConfigError, match=told):
        read(text, name)


def test_a_key_that_no_shift_has_is_told(read):
    _, faults = read('[[shifts]]\nagent = "anna"\nfrom = 1\n', "r.toml")
    assert faults == [("shift 1", "from: a shift has agent, begins, ends, zone, breaks")]


def test_a_file_in_another_encoding_is_told(tmp_path):
    file = tmp_path / "roster.csv"
    file.write_bytes(b"agent,begins,ends\nj\xf6rg,1,2\n")
    with pytest.raises(ConfigError, match="UTF-8"):
        roster_file.read(file, agents=AGENTS, zone="UTC")
