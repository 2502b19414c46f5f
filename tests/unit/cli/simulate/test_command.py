"""`dialer simulate`: what it is asked, and what it answers."""

import json
import sys

import pytest

from cli.main import carry_out

TINY = "agents = 2\nhours = 0.5\nwarm_up_min = 1\n"


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(TINY)
    return "tiny.toml"


def test_programs_get_every_figure_with_its_interval(dialer, tiny):
    answer = dialer("simulate", tiny, "--seeds", "3", "--jobs", "1", "--mode", "ratio:2")
    assert (answer["scenario"], answer["mode"], answer["interrupted"]) == ("tiny", "ratio:2", False)
    assert answer["seeds"] == {"first": 1, "count": 3}
    for name in ("utilisation", "wait_s", "abandonment_rate", "days_over_limit", "worst_30min"):
        assert {"mean", "low", "high"} <= answer[name].keys()
        assert answer[name]["low"] <= answer[name]["mean"] <= answer[name]["high"]
    assert answer["speed"]["virtual_over_real"] > 1
    assert [day["seed"] for day in answer["days"]] == [1, 2, 3]
    mean = sum(day["utilisation"] for day in answer["days"]) / 3
    assert answer["utilisation"]["mean"] == pytest.approx(mean)


def test_the_same_seeds_give_the_same_answer(dialer, tiny):
    words = ("simulate", tiny, "--seeds", "2", "--first-seed", "7", "--jobs", "1")
    one, other = dialer(*words), dialer(*words)
    assert one["seeds"] == {"first": 7, "count": 2}
    assert one["days"] == other["days"]


def test_modes_stand_side_by_side(dialer, tiny):
    answer = dialer("simulate", tiny, "--seeds", "2", "--jobs", "1", "--compare", "progressive,ratio:3")
    assert [mode["mode"] for mode in answer["modes"]] == ["progressive", "ratio:3"]
    (difference,) = answer["differences"]
    assert (difference["mode"], difference["against"]) == ("ratio:3", "progressive")
    means = [mode["utilisation"]["mean"] for mode in answer["modes"]]
    assert difference["utilisation"]["mean"] == pytest.approx(means[1] - means[0])


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        pytest.param(["--compare", "progressive,ratio:3"], ["against progressive", "± "], id="modes"),
        pytest.param(["--seeds", "1"], ["1 day of 0.5 h", "One day says nothing"], id="one-day"),
        pytest.param(["--calls", "calls.csv"], ["calls: calls.csv"], id="calls"),
    ],
)
def test_people_get_a_table(tiny, capsys, words, parts):
    assert carry_out(["simulate", tiny, "--seeds", "2", "--jobs", "1", *words]) == 0
    printed = capsys.readouterr().out
    assert "utilisation %" in printed
    assert "times real time" in printed
    assert all(part in printed for part in parts)


def test_the_scenarios_that_there_are_are_listed(dialer):
    names = [row["scenario"] for row in dialer("simulate", "--list")]
    assert {"stationary-5", "stationary-20"} <= set(names)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param([], "name one scenario", id="nothing"),
        pytest.param(["tiny.toml", "--from-campaign", "x"], "name one scenario", id="two-sources"),
        pytest.param(["missing.toml"], "missing.toml: No such file", id="no-file"),
        pytest.param(["christmas"], "`dialer simulate --list`", id="no-preset"),
        pytest.param(["tiny.toml", "--mode", "fast"], "there is no pacing mode 'fast'", id="no-mode"),
        pytest.param(["tiny.toml", "--mode", "ratio"], "such as ratio:2", id="no-ratio"),
        pytest.param(["tiny.toml", "--compare", "ratio:2,ratio:2"], "there twice", id="twice"),
        pytest.param(["tiny.toml", "--mode", "ratio:2", "--compare", "ratio:2"], "one of the two", id="both"),
        pytest.param(["tiny.toml", "--plot", "days.jpg"], "ends with .png, .svg", id="no-picture"),
        pytest.param(["tiny.toml", "--calls", "none/c.csv"], "there is no directory", id="no-directory"),
        pytest.param(
            ["broken.toml"], "broken.toml: people.talk: unknown key; did you mean", id="unknown-key"
        ),
    ],
)
def test_a_mistake_is_named_with_its_remedy(dialer, tiny, tmp_path, words, error):
    (tmp_path / "broken.toml").write_text("[people]\ntalk = 200\n")
    assert error in dialer("simulate", *words, code=2)["error"]


def test_without_matplotlib_a_plot_says_what_to_install(dialer, tiny, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    error = dialer("simulate", tiny, "--plot", "days.png", code=2)["error"]
    assert "pip install 'outdial[plots]'" in error


def test_an_unknown_campaign_is_named(dialer, tmp_path):
    url = f"sqlite:///{tmp_path}/dialer.db"
    error = dialer("simulate", "--from-campaign", "spring", "--database", url, code=2)["error"]
    assert "spring" in error


def test_json_is_one_document(tiny, capsys):
    assert carry_out(["simulate", tiny, "--seeds", "1", "--jobs", "1", "--json"]) == 0
    printed = capsys.readouterr()
    json.loads(printed.out)
    assert printed.err == ""
