"""Scenarios by name, and by file."""

import pytest

from dialer.errors import ConfigError
from dialer.simulation.presets import FOLDER, find_scenario, presets


def test_every_preset_says_what_it_is():
    found = presets()
    assert {one.name for one in found} == {path.stem for path in FOLDER.glob("*.toml")}
    assert all(one.about.endswith((".", ")")) for one in found)


def test_a_preset_is_found_by_its_name():
    assert find_scenario("stationary-20").name == "stationary-20"
    assert find_scenario("stationary-20").agents == 20


def test_a_file_is_found_by_its_path(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("agents = 7\n")
    assert find_scenario(str(file)).agents == 7


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("stationary-2", "did you mean stationary-"),
        ("christmas", "dialer simulate --list"),
        ("christmas.toml", "christmas.toml: No such file"),
        ("here/christmas", "here/christmas: No such file"),
    ],
)
def test_what_is_not_there_is_named_with_a_remedy(wanted, words):
    with pytest.raises(ConfigError, match=words):
        find_scenario(wanted)
