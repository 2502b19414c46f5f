from pathlib import Path

import click
import pytest

from cli.main import dialer
from cli.reference import commands, page

DOCS = Path(__file__).parents[3] / "docs" / "reference" / "cli.md"
COMMANDS = dict(commands(dialer, "dialer"))


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_says_what_it_does(path):
    assert COMMANDS[path].help


@pytest.mark.parametrize(
    "path", [path for path, found in COMMANDS.items() if not isinstance(found, click.Group)]
)
def test_every_command_shows_an_example_of_itself(path):
    epilog = COMMANDS[path].epilog
    assert epilog is not None
    assert epilog.partition("Example:")[2].strip().startswith(path)


@pytest.mark.parametrize("path", [path for path, found in COMMANDS.items() if isinstance(found, click.Group)])
def test_the_list_of_a_groups_commands_fits_a_terminal_of_80_columns(path):
    context = click.Context(COMMANDS[path], info_name=path, terminal_width=80)
    listed = COMMANDS[path].get_help(context).partition("Commands:")[2]
    assert "..." not in listed


@pytest.mark.parametrize(
    "path", [path for path, found in COMMANDS.items() if not isinstance(found, click.Group)]
)
def test_every_command_can_answer_in_json(path):
    assert any("--json" in option.opts for option in COMMANDS[path].params)


def test_the_page_of_commands_is_current():
    assert DOCS.read_text(encoding="utf-8") == page(), "run python -m cli.reference > docs/reference/cli.md"
