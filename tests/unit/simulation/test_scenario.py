"""Scenarios are read as they are written, and a mistake is named with its place."""

import pytest

from dialer.core.settings import PacingMode
from dialer.errors import ConfigError
from dialer.simulation.presets import FOLDER
from dialer.simulation.scenario import AnswerShock, Mode, load_scenario, read_scenario

SHIPPED = sorted(FOLDER.glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_scenario_can_be_read(path):
    assert load_scenario(path).name == path.stem


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        pytest.param({"agent": 5}, "agent: unknown key; did you mean `agents`?", id="unknown-key"),
        pytest.param({"people": {"answer_share": 2}}, "people.answer_share: expected", id="no-share"),
        pytest.param({"mode": "fast"}, "there is no pacing mode 'fast'", id="no-mode"),
        pytest.param({"settings": {"rings": 1}}, "settings.rings: unknown key", id="no-setting"),
        pytest.param(
            {"settings": {"trunk": "x"}}, "settings.trunk: is said by the scenario", id="own-setting"
        ),
        pytest.param({"shocks": [{"kind": "flood"}]}, "shocks.0.kind: invalid value", id="no-shock"),
        pytest.param({"campaigns": [{"name": "a"}, {"name": "a"}]}, "the same name", id="two-alike"),
        pytest.param(
            {"people": {"machine_share": 0.9, "busy_share": 0.2}}, "more than 1 together", id="too-many"
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(raw, told):
    with pytest.raises(ConfigError, match="^.*" + told.replace("?", "[?]")):
        read_scenario(raw)


def test_a_shock_is_told_from_others_by_its_kind():
    scenario = read_scenario({"shocks": [{"kind": "answers", "from_min": 240, "factor": 3.0}]})
    assert scenario.shocks == (AnswerShock(from_min=240, factor=3.0),)


def test_a_mode_is_read_and_written_the_same_way():
    assert Mode.parse("ratio:2.5") == Mode(PacingMode.RATIO, 2.5)
    assert [str(Mode.parse(text)) for text in ("progressive", "ratio:2")] == ["progressive", "ratio:2"]


@pytest.mark.parametrize("text", ["ratio", "ratio:0.5", "ratio:x", "progressive:2", ""])
def test_what_is_no_mode_is_refused(text):
    with pytest.raises(ConfigError):
        Mode.parse(text)
