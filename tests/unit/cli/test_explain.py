"""What a refusal would become, without a call."""

import json

import pytest

from cli.main import carry_out
from tests import sounds

CONFIG = '[trunks.main]\nhost = "192.0.2.1"\ncauses = "carrier.toml"\n[trunks.plain]\nhost = "192.0.2.2"\n'
TABLE = '[sit]\n[[says]]\nsip_code = 480\ntext = "switched off"\nmeans = "switched_off"\n'


@pytest.fixture
def explain(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dialer.toml").write_text(CONFIG)
    (tmp_path / "carrier.toml").write_text(TABLE)

    def ask(*arguments, code=0):
        assert carry_out(["call", "explain", "--config", "dialer.toml", "--json", *arguments]) == code
        printed = capsys.readouterr()
        return json.loads(printed.err if code else printed.out)

    return ask


def test_the_trunks_table_decides_and_is_named(explain):
    assert explain("--trunk", "main", "--sip", "480", "--text", "Subscriber Switched Off") == {
        "end_cause": "switched_off",
        "outcome": "switched_off",
        "why": 'says 1 of the trunk\'s table: sip_code 480, text "switched off"',
        "carrier_fault": False,
        "again": "3 times at most, 240 minutes later",
    }


def test_another_trunk_has_the_general_table_alone(explain):
    answer = explain("--trunk", "plain", "--sip", "480", "--q850", "20", "--text", "switched off")
    assert (answer["outcome"], answer["why"]) == (
        "unreachable",
        "the general table: SIP code 480 with Q.850 cause 20",
    )


@pytest.mark.parametrize(
    ("arguments", "fault", "again"),
    [
        pytest.param(("--sip", "503"), True, "costs the lead nothing", id="the-carriers-fault"),
        pytest.param(("--sip", "404"), False, "finished", id="no-such-number"),
        pytest.param(("--sip", "408"), True, "costs the lead nothing", id="timeout"),
        pytest.param(("--sip", "408", "--rang"), False, "3 times", id="timeout-after-ringing"),
    ],
)
def test_whose_fault_it_is_and_what_follows_is_told(explain, arguments, fault, again):
    answer = explain("--trunk", "main", *arguments)
    assert answer["carrier_fault"] is fault
    assert again in answer["again"]


def test_a_trunk_that_is_not_there_is_refused_with_those_that_are(explain):
    assert "there are main, plain" in explain("--trunk", "spare", "--sip", "480", code=2)["error"]


def test_a_recording_is_listened_to_as_a_call_would_be(explain, tmp_path):
    sounds.write_wav(tmp_path / "heard.wav", sounds.tones(sounds.SITS["vacant"][1]))
    answer = explain("--trunk", "main", "--recording", "heard.wav")
    assert (answer["outcome"], answer["why"]) == ("invalid", "SIT vacant, after 1.10 s")


def test_a_recording_in_which_nothing_is_known_is_refused_with_the_remedy(explain, tmp_path):
    sounds.write_wav(tmp_path / "heard.wav", sounds.speech(1, 5.0))
    for trunk in ("main", "plain"):
        told = explain("--trunk", trunk, "--recording", "heard.wav", code=2)["error"]
        assert "[[plays]]" in told


@pytest.mark.parametrize("arguments", [(), ("--sip", "480", "--recording", "heard.wav")])
def test_one_thing_is_explained_at_a_time(explain, arguments):
    assert "--sip or --recording" in explain("--trunk", "main", *arguments, code=2)["error"]
