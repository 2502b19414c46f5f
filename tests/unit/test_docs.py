"""What the documentation says of the code is so."""

import ast
import re
import shlex
from pathlib import Path

import click
import pytest

from cli.dispositions import read_dispositions
from cli.main import dialer
from dialer import config, network_words, workflows
from dialer.core import settings, states
from dialer.simulation.scenario import load_scenario
from docs.fields import PLAIN
from docs.generate import pages
from docs.ideas import Idea, ideas
from telephony.sip.emulator.behaviour import Directory

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
GLOSSARY = (DOCS / "glossary.md").read_text()

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`((?:dialer|telephony|cli|tests)(?:\.\w+)+)`")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_NOT_CODE = {"dialer.toml", "dialer.db"}


def ids(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


def each_page():
    return pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))


def anchors(page):
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page()
def test_every_link_leads_to_something(page):
    for link in _LINK.findall(page.read_text()):
        if link.startswith(("http:", "https:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_reached_from_the_index():
    linked = {
        (DOCS / link.partition("#")[0]).resolve() for link in _LINK.findall((DOCS / "index.md").read_text())
    }
    assert {page for page in PAGES if page.name != "index.md"} <= linked


# --- code that is named ------------------------------------------------------------------------------


def defined_in(path):
    """Return the names that a module's source defines, those of its classes as `Class.name`."""
    return set(names(ast.parse(path.read_text()).body))


def names(body, prefix=""):
    for node in body:
        match node:
            case ast.FunctionDef(name=name):
                yield prefix + name
            case ast.ClassDef(name=name):
                yield prefix + name
                yield from names(node.body, f"{prefix}{name}.")
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name


def exists(dotted):
    parts = dotted.split(".")
    for size in range(len(parts), 0, -1):
        base, rest = ROOT.joinpath(*parts[:size]), ".".join(parts[size:])
        for module in (base.with_suffix(".py"), base / "__init__.py"):
            if module.is_file():
                return not rest or rest in defined_in(module)
    return False


@each_page()
def test_every_function_and_module_that_is_named_exists(page):
    assert [
        name for name in _CODE.findall(page.read_text()) if name not in _NOT_CODE and not exists(name)
    ] == []


def test_a_name_that_is_not_there_is_found_out():
    assert exists("dialer.core.work.calls.answered")
    assert not exists("dialer.core.work.calls.reanswered")
    assert not exists("dialer.core.nowhere.answered")


# --- commands and files that are shown ---------------------------------------------------------------


def blocks(page, language):
    return [text for kind, text in _FENCE.findall(page.read_text()) if kind == language]


def commands(page):
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("dialer "):
                yield shlex.split(line, comments=True)[1:]


def parse(arguments):
    """Let click parse a command as the shell would hand it over, without carrying it out."""
    command, context = dialer, click.Context(dialer)
    while isinstance(command, click.Group):
        name, *arguments = arguments
        found = command.get_command(context, name)
        assert found is not None, f"no command is called {name}"
        command, context = found, click.Context(found, parent=context, info_name=name)
    return command.make_context(context.info_name, list(arguments), parent=context.parent)


@each_page()
def test_every_command_that_is_shown_is_understood(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (
        "people.csv",
        "carrier.toml",
        "optouts.txt",
        "march.csv",
        "dispositions.toml",
        "dialer-logs/4b6pm7qt-0001.jsonl",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for arguments in commands(page):
        parse(arguments)


def test_the_readme_shows_a_whole_first_use():
    shown = {" ".join(arguments[:2]) for arguments in commands(ROOT / "README.md")}
    assert {"leads import", "campaign create", "agent add", "agent login", "campaign start"} <= shown
    assert {"run", "carrier --listen"} <= shown


@each_page()
def test_every_configuration_that_is_shown_is_understood(page, tmp_path):
    for block in blocks(page, "toml"):
        if "[[step]]" in block:
            workflows.of_text(block)
        elif "kind =" in block:
            (tmp_path / "carrier.toml").write_text(block)
            Directory.load(tmp_path / "carrier.toml")
        elif "[[says]]" in block or "[[plays]]" in block:
            (tmp_path / "carrier.toml").write_text(block)
            network_words.load(tmp_path / "carrier.toml")
        elif "[people]" in block:
            (tmp_path / "scenario.toml").write_text(block)
            load_scenario(tmp_path / "scenario.toml")
        elif "[[disposition]]" in block:
            (tmp_path / "dispositions.toml").write_text(block)
            read_dispositions(tmp_path / "dispositions.toml")
        else:
            (tmp_path / "dialer.toml").write_text(block)
            config.load(tmp_path / "dialer.toml")


# --- words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [states.Outcome, states.EndCause, states.AgentState, states.CallState, states.CampaignState],
    ids=lambda kind: kind.__name__,
)
def test_the_glossary_explains_every_word_of(kind):
    assert [value for value in kind if f"\n| `{value}` | " not in GLOSSARY] == []


def test_the_glossary_tells_the_retry_rules_as_they_are():
    (table,) = re.findall(r"^## Outcomes$(.*?)^## ", GLOSSARY, re.MULTILINE | re.DOTALL)
    told = dict(re.findall(r"^\| `(\w+)` .*\| again: (\d+ times, \d+) minutes \|$", table, re.MULTILINE))
    rules = {
        str(outcome): f"{rule.attempts} times, {rule.minutes:g}"
        for outcome, rule in settings.DEFAULT_RETRY.items()
        if rule.attempts > 1
    }
    assert told == rules


# --- pages that are drawn ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(pages()))
def test_a_page_drawn_from_the_code_is_current(name):
    assert (DOCS / name).read_text() == pages()[name], "run `python -m docs.generate`"


def test_no_meaning_of_a_setting_is_given_in_vain():
    drawn = pages()["reference/configuration.md"] + pages()["reference/campaign.md"]
    assert [name for name, meaning in PLAIN.items() if f"| {meaning} |" not in drawn] == []


def test_what_ideas_gained_is_read_from_the_table_of_the_page():
    found = {one.what: one for one in ideas((DOCS / "pacing.md").read_text())}
    slow = "a price that an answer moves by 0.05 at most, instead of 0.2"
    assert found[slow] == Idea(slow, {"20 agents": 0.1, "5 agents": 0.2}, is_in_use=True)
    assert not found["what nobody can know: what each call that rings comes to"].is_in_use
