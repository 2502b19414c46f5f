"""What an operator writes about a carrier's refusals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.states import UNANSWERED_OUTCOMES, EndCause
from dialer.errors import ConfigError
from dialer.network_words import MEANINGS, Says, load
from telephony.causes import end_cause, reading

TABLE = """
# ours
[[says]]
sip_code = [480, 503]
text = "switched off"
means = "switched_off"

[[says]]
q850 = 20
means = "suspended"

[[says]]
text = "BARRED * debt"
means = "suspended"

[[says]]
sip_code = 603
text = "blocked"
means = "account_fault"
"""


@pytest.fixture
def write(tmp_path):
    def write_and_load(text):
        file = tmp_path / "carrier.toml"
        file.write_text(text)
        return load(file)

    return write_and_load


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        pytest.param((480, 20, "Phone is Switched  OFF"), EndCause.SWITCHED_OFF, id="first-that-fits"),
        pytest.param((480, 20, "Unavailable"), EndCause.SUSPENDED, id="by-cause-alone"),
        pytest.param((486, 20, ""), EndCause.SUSPENDED, id="before-a-certain-code"),
        pytest.param((404, None, "barred for unpaid debt"), EndCause.SUSPENDED, id="with-a-star"),
        pytest.param((404, None, "debt, so barred"), EndCause.UNALLOCATED, id="in-the-wrong-order"),
        pytest.param((404, None, "switched off"), EndCause.UNALLOCATED, id="another-code"),
        pytest.param((603, 21, "Blocked by analytics"), EndCause.ACCOUNT_FAULT, id="screened"),
        pytest.param((480, None, ""), EndCause.NO_ANSWER, id="the-general-table"),
        pytest.param((None, None, "switched off"), EndCause.NO_REPLY, id="not-a-word"),
    ],
)
def test_the_first_entry_that_fits_gives_the_cause_else_the_general_table(write, said, cause):
    code, q850, text = said
    assert end_cause(code, q850, text=text, says=write(TABLE).says) is cause


def test_the_reason_names_the_entry_or_the_general_table(write):
    says = write(TABLE).says
    ours = reading(503, None, text="switched off", says=says)
    assert ours.why == 'says 1 of the trunk\'s table: sip_code 480, 503, text "switched off"'
    assert reading(480, 20).why == "the general table: SIP code 480 with Q.850 cause 20"
    assert reading(480, 99).why == "the general table: SIP code 480"
    assert reading(None).why == "the far end never said a word"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("[[says]]\nmeans =", "not TOML", id="no-toml"),
        pytest.param(
            '# x\n\n[[says]]\nq850 = 1\nmeans = "busy"\n\n[[says]]\nq850 = 2\nmeans = "bussy"',
            "line 7: says 2: .*bussy",
            id="no-such-meaning",
        ),
        pytest.param('[[says]]\nq850 = 2\nmeans = "lost"', "cannot mean lost: write one of", id="ours-alone"),
        pytest.param('[[says]]\nmeans = "busy"', "line 1: says 1: it fits every refusal", id="nothing-asked"),
        pytest.param('[[says]]\ntext = "* *"\nmeans = "busy"', "fits every refusal", id="only-stars"),
        pytest.param('[[says]]\nsip_code = 200\nmeans = "busy"', "300", id="no-refusal"),
        pytest.param('[[says]]\nq850 = 128\nmeans = "busy"', "127", id="no-cause"),
        pytest.param(
            '[[says]]\nq850 = 17\ncode = 4\nmeans = "busy"',
            "line 1: says 1: code: unknown key; did you mean `sip_code`",
            id="unknown-key",
        ),
        pytest.param(
            '[[say]]\nq850 = 17\nmeans = "busy"', "say: unknown key; did you mean `says`", id="unknown-table"
        ),
        pytest.param(
            '[[says]]\nq850 = 17\nmeans = "busy"\n[[says]]\nsip_code = 480\nq850 = 17\nmeans = "declined"',
            "says 2 is never asked: whatever fits it fits says 1",
            id="never-asked",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(write, text, told):
    with pytest.raises(ConfigError, match=told):
        write(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            '\n[[plays]]\nrecording = "off.wav"', "line 2: plays 1: means is missing", id="no-meaning"
        ),
        pytest.param('[[plays]]\nmeans = "busy"', "line 1: plays 1: .*recording", id="no-recording"),
        pytest.param('[[plays]]\nrecording = 7\nmeans = "busy"', "recording: expected a path", id="no-path"),
        pytest.param('[[plays]]\nrecording = "x.wav"\nmeans = "lost"', "cannot mean lost", id="ours"),
        pytest.param('[sit]\nplain = "no_audio"', "cannot mean no_audio", id="sit-ours"),
        pytest.param('[sit]\nbusy = "busy"', "sit.busy: unknown key; there are", id="no-such-sit"),
    ],
)
def test_a_mistake_about_what_is_played_is_told_with_its_place(write, text, told):
    with pytest.raises(ConfigError, match=told):
        write(text)


def test_a_recordings_place_is_told_from_that_of_the_file(write, tmp_path):
    (plays,) = write('[[plays]]\nrecording = "theirs/off.wav"\nmeans = "switched_off"').plays
    assert (plays.recording, plays.means) == (tmp_path / "theirs" / "off.wav", EndCause.SWITCHED_OFF)


def test_tones_are_listened_for_only_if_the_file_names_them(write):
    assert write("").sit is None
    sit = write('[sit]\nplain = "suspended"').sit
    assert (sit.means("plain"), sit.means("vacant")) == (EndCause.SUSPENDED, EndCause.UNALLOCATED)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"causes: there is no file .*nobody.toml"):
        load(tmp_path / "nobody.toml")


def test_every_meaning_has_an_outcome():
    assert all(meaning in UNANSWERED_OUTCOMES for meaning in MEANINGS)


@given(st.text(max_size=50), st.text(max_size=50), st.text(max_size=50))
def test_a_text_is_found_in_whatever_holds_it(before, part, after):
    entry = Says(text=f"x{part}", means=EndCause.BUSY)
    assert entry.fits(480, None, f"{before}x{part}{after}")


@given(
    st.lists(st.sampled_from(["a", "b", "*", " ", "A"]), max_size=12).map("".join),
    st.lists(st.sampled_from(["a", "b", " ", "B"]), max_size=12).map("".join),
    st.integers(300, 699),
)
def test_what_one_entry_covers_it_fits_too(pattern, text, code):
    narrow = Says(sip_code=code, text=pattern, means=EndCause.BUSY)
    for wide in (Says(sip_code=(code, 300), text=pattern, means=EndCause.BUSY),):
        assert wide.covers(narrow)
        assert wide.fits(code, None, text) or not narrow.fits(code, None, text)
