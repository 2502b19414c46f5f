import itertools
from pathlib import Path

import pytest

from dialer.errors import ConfigError
from telephony.sip.emulator.behaviour import Behaviour, Directory, Kind, draw

FIXTURE = Path(__file__).parents[5] / "fixtures" / "carrier" / "demo.toml"


def directory(tmp_path: Path, text: str) -> Directory:
    path = tmp_path / "behaviour.toml"
    path.write_text(text)
    return Directory.load(path)


RULES = """
[[rule]]
prefixes = ["+1212"]
kind = "busy"
[[rule]]
prefixes = ["+1212555"]
kind = "person"
ring_s = [1, 3]
talk_s = 5
[[rule]]
numbers = ["+12125550100"]
kind = "no-answer"
"""


def test_an_exact_number_wins_over_the_longest_prefix_and_that_over_shorter_ones(tmp_path):
    found = directory(tmp_path, RULES)
    assert found.plan("+12125550100").kind is Kind.NO_ANSWER
    assert found.plan("+12125550101").kind is Kind.PERSON
    assert found.plan("+12129990101").kind is Kind.BUSY
    assert found.plan("+13125550101").kind is Kind.INVALID


def test_a_plan_depends_on_seed_and_number_alone(tmp_path):
    first, second = directory(tmp_path, RULES), directory(tmp_path, RULES)
    second.plan("+12125550199")
    assert first.plan("+12125550101") == second.plan("+12125550101")
    assert first.plan("+12125550101") != first.plan("+12125550102")
    assert Directory.load(tmp_path / "behaviour.toml", seed=9).plan("+12125550101") != first.plan(
        "+12125550101"
    )


def test_ranges_are_kept_and_numbers_taken_as_they_are(tmp_path):
    plans = [directory(tmp_path, RULES).plan(f"+121255501{n:02}") for n in range(1, 100)]
    assert all(1 <= plan.ring_s <= 3 and plan.talk_s == 5 for plan in plans)
    assert len({plan.ring_s for plan in plans}) == len(plans)


@pytest.mark.parametrize(
    ("kind", "provisional", "final"),
    [
        (Kind.PERSON, 180, 200),
        (Kind.MACHINE, 180, 200),
        (Kind.SLOW_ANSWER, 180, 200),
        (Kind.EARLY_MEDIA, 183, 200),
        (Kind.RTP_LESS, 180, 200),
        (Kind.BUSY, None, 486),
        (Kind.DECLINED, None, 603),
        (Kind.INVALID, None, 404),
        (Kind.CONGESTION, None, 503),
        (Kind.NO_ANSWER, 180, None),
        (Kind.SILENT, None, None),
    ],
)
def test_each_kind_has_its_responses(kind, provisional, final):
    plan = draw(Behaviour(kind=kind), "+12125550100", seed=0)
    assert (plan.provisional, plan.final) == (provisional, final)


def test_a_refusal_may_ring_and_have_another_status():
    plan = draw(Behaviour(kind=Kind.BUSY, ring_s=1.0, status=480), "+12125550100", seed=0)
    assert (plan.provisional, plan.ring_s, plan.final) == (180, 1.0, 480)


def test_a_changed_number_behaves_anew(tmp_path):
    found = directory(tmp_path, RULES)
    found.behave("+12125550100", Behaviour(kind=Kind.PERSON))
    assert found.plan("+12125550100").kind is Kind.PERSON


def test_the_fixture_has_every_kind_but_announcements_to_which_the_demo_does_not_listen():
    found = Directory.load(FIXTURE)
    kinds = [found.plan(f"+12125550{n}").kind for n in itertools.chain(range(100, 200), [555])]
    assert set(kinds) == set(Kind) - {Kind.ANNOUNCEMENT}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("default = 3", "default", id="no-table"),
        pytest.param("[default]\nkind = 'nobody'", "nobody", id="unknown-kind"),
        pytest.param("[default]\nkind = 'person'\nringing = 3", "ringing", id="unknown-key"),
        pytest.param("[default]\nkind = 'person'\nring_s = [3, 1]", "ring_s", id="range-upside-down"),
        pytest.param("[default]\nkind = 'person'\nring_s = -1", "ring_s", id="negative"),
        pytest.param("[default]\nkind = 'busy'\nstatus = 200", "status", id="a-refusal-that-accepts"),
        pytest.param("[default]\nkind = 'busy'\ncause = 0", "cause", id="no-cause"),
        pytest.param("[[rule]]\nnumbers = ['1', '1']\nkind = 'busy'", "two rules", id="number-twice"),
        pytest.param("[default]\nkind = 'person'\nspeech = [0.3, 61]", "speech", id="endless-word"),
        pytest.param("[[", "", id="no-toml"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_its_name_and_the_place(tmp_path, text, said):
    with pytest.raises(ConfigError, match=r"behaviour\.toml") as caught:
        directory(tmp_path, text)
    assert said in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot read"):
        Directory.load(tmp_path / "none.toml")


def test_what_an_answer_sounds_like_is_planned():
    plan = draw(Behaviour(kind=Kind.PERSON, speech=(0.3, 0.7)), "+12125550100", seed=0)
    assert plan.speech == (0.3, 0.7)


def test_an_announcement_comes_as_early_media_and_is_followed_by_a_refusal(tmp_path):
    rule = '[[rule]]\nnumbers = ["+12125550100"]\nkind = "announcement"\n'
    plan = directory(tmp_path, rule + 'plays = "sit-vacant"').plan("+12125550100")
    assert (plan.provisional, plan.final, plan.plays) == (183, 480, "sit-vacant")
    assert directory(tmp_path, rule).plan("+12125550100").plays == "sit-intercept"


def test_what_cannot_be_played_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="one of sit-intercept"):
        directory(tmp_path, '[default]\nkind = "machine"\nplays = "nobody.wav"')
