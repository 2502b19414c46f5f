"""Workflow files: what they say, and that each mistake is told with its place."""

import json
import re
from pathlib import Path

import pytest

from dialer import workflows
from dialer.core.allocation.profile import AgentKind
from dialer.core.allocation.service_queue import Order
from dialer.core.allocation.workflow import Overflow, Then, WorkflowStep
from dialer.errors import ConfigError
from dialer.workflows import Known, of_text

ROOT = Path(__file__).parents[2]

STEP = '[[step]]\nname = "one"\n'


def written(text):
    """Return the workflow of a text whose name does not matter."""
    return of_text(f'name = "support"\n{text}')


def test_w3_a_workflow_is_an_ordered_list_of_steps_with_filter_priority_timeout_overflow_and_default():
    found = written(
        """
        overflow = "callback"
        default = "workflow:late"
        [[step]]
        name = "german"
        when = "task.lang == 'de'"
        filter = "agent.lang == task.lang"
        skills = { billing = 3 }
        teams = ["north", "south"]
        kind = "seat"
        order = "skill_level"
        last_agent_first = true
        priority_s = 30
        timeout_s = 60.5
        overflow = "message"
        [[step]]
        name = "anybody"
        when = "has(task.lang)"
        timeout_s = 10
        """
    )
    german, anybody = found.steps
    assert german == WorkflowStep(
        name="german",
        when="task.lang == 'de'",
        filter="agent.lang == task.lang",
        skills={"billing": 3},
        teams=("north", "south"),
        kind=AgentKind.SEAT,
        order=Order.SKILL_LEVEL,
        last_agent_first=True,
        priority_s=30,
        timeout_s=60.5,
        overflow=Overflow(Then.MESSAGE),
    )
    assert (anybody.name, anybody.overflow) == ("anybody", None)
    assert (found.overflow, found.default) == (Overflow(Then.CALLBACK), Overflow(Then.WORKFLOW, "late"))


def test_the_same_in_json_is_the_same():
    text = {"name": "support", "step": [{"name": "one", "skills": {"billing": 2}}]}
    assert of_text(json.dumps(text), is_json=True) == written(f"{STEP}skills = {{ billing = 2 }}")


def test_w3_skills_are_relaxed_step_by_step():
    found = written(
        """
        [[step]]
        name = "german"
        skills = { billing = 3, german = 2 }
        teams = ["north"]
        priority_s = 5
        timeout_s = 60
        relax = [
            { after_s = 20, skills = { billing = 2 } },
            { after_s = 45, skills = { billing = 1, german = 0 }, teams = [] },
        ]
        overflow = "message"
        [[step]]
        name = "anybody"
        """
    )
    asked = [(step.name, step.skills, step.teams, step.timeout_s) for step in found.steps]
    assert asked == [
        ("german", {"billing": 3, "german": 2}, ("north",), 20),
        ("german, after 20 s", {"billing": 2, "german": 2}, ("north",), 25),
        ("german, after 45 s", {"billing": 1}, (), 15),
        ("anybody", {}, (), None),
    ]
    assert [step.priority_s for step in found.steps] == [5, 5, 5, 0]
    assert [step.overflow for step in found.steps] == [None, None, Overflow(Then.MESSAGE), None]


def test_a_step_that_is_relaxed_and_has_no_timeout_waits_in_the_last_one():
    found = written(
        f"{STEP}skills = {{ billing = 2 }}\nrelax = [{{ after_s = 9, skills = {{ billing = 1 }} }}]"
    )
    assert [step.timeout_s for step in found.steps] == [9, None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[[step]\n", "not TOML: .*line 2", id="no-toml"),
        pytest.param("", "step is missing", id="no-step"),
        pytest.param("step = []", "step: expected `array` of length >= 1", id="an-empty-list"),
        pytest.param("[[step]]\n", "step 1: name is missing", id="no-name"),
        pytest.param(f"{STEP}timout_s = 3", "step 1 'one': timout_s: unknown key; did you mean `timeout_s`?", id="a-slip"),
        pytest.param(f"{STEP}skills = {{ billing = 0 }}", "step 1 'one': skills.billing: expected `int` >= 1", id="level-0"),
        pytest.param(f"{STEP}order = 'best'", "step 1 'one': order: invalid enum value 'best'", id="another-order"),
        pytest.param(f"{STEP}kind = 'home'", "step 1 'one': kind: invalid enum", id="another-kind"),
        pytest.param(f"{STEP}timeout_s = 0", "step 1 'one': timeout_s: expected `float` >= 1", id="no-time-at-all"),
        pytest.param(
            f"{STEP}filter = \"agent.lang = 'de'\"", "step 1 'one': filter, 1:12: .*compare with ==", id="in-a-filter"
        ),
        pytest.param(f"{STEP}when = 'agent.vip'", "step 1 'one': when reads agent.vip: .*use filter", id="when-of-agent"),
        pytest.param(f'{STEP}filter = """\ntrue &&\nlang"""', "step 1 'one': filter, 2:1: 'lang'", id="second-line"),
        pytest.param(f"{STEP}order = 'skill_level'", "step 1 'one': order skill_level needs skills", id="no-skill"),
        pytest.param(f"{STEP}overflow = 'end'", "step 1 'one': overflow needs timeout_s", id="overflow-without-time"),
        pytest.param(
            f"{STEP}timeout_s = 3\noverflow = 'voicemail'",
            "step 1 'one': overflow: 'voicemail' is none of message, callback, end and workflow:NAME",
            id="another-overflow",
        ),
        pytest.param(f"{STEP}timeout_s = 3", "overflow is missing", id="nothing-after-the-last"),
        pytest.param(f"{STEP}when = 'task.vip'", "default is missing", id="nothing-for-the-others"),
        pytest.param(f"{STEP}{STEP}", "step 2 'one' is never reached", id="never-reached"),
        pytest.param(f"{STEP}timeout_s = 3\n{STEP}", "step 2 'one': another step has this name", id="one-name-twice"),
        pytest.param(
            f"{STEP}skills = {{ a = 1 }}\nrelax = [{{ after_s = 5, skills = {{ a = 2 }} }}]",
            "step 1 'one': relax: after 5 s skill a is asked for at 2, which is more than before",
            id="asked-for-more",
        ),
        pytest.param(
            f"{STEP}relax = [{{ after_s = 5 }}, {{ after_s = 5 }}]", "step 1 'one': relax: after_s has to grow", id="no-growth"
        ),
        pytest.param(
            f"{STEP}timeout_s = 5\nrelax = [{{ after_s = 5 }}]\noverflow = 'end'",
            "step 1 'one': relax: after 5 s the step is over",
            id="relaxed-too-late",
        ),
        pytest.param(
            f"{STEP}relax = [{{ after_s = 0 }}]", "step 1 'one': relax.0.after_s: expected `float` > 0", id="relaxed-at-once"
        ),
        pytest.param(f"{STEP}skills = {{ Billing = 1 }}", "step 1 'one': skills", id="a-skill-in-capitals"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(text, said):
    with pytest.raises(ConfigError, match=f"^{said}"):
        written(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "not JSON: .*line 1"), ("[1]", "not a workflow"), ("[" * 100_000, "too deep|not JSON")],
    ids=["open", "a-list", "deep"],
)
def test_what_is_no_json_is_refused(text, said):
    with pytest.raises(ConfigError, match=said):
        of_text(text, is_json=True)


def test_a_file_is_named_in_what_is_said_of_it(tmp_path):
    path = tmp_path / "support.toml"
    path.write_text("name = 3")
    with pytest.raises(ConfigError, match=f"^{re.escape(str(path))}: name: expected `str`"):
        workflows.load(path)
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="cannot be read"):
        workflows.load(path)


def test_what_is_neither_a_file_nor_ships_is_refused_with_what_ships():
    with pytest.raises(ConfigError, match="no workflow that ships: those are remote-to-seat"):
        workflows.find("nothing.toml")


# --- what there is -----------------------------------------------------------------------------------

NOTHING = Known(skills=(), teams=(), attributes=(), workflows=())


def doubts(text, known=NOTHING):
    return [(finding.text, finding.is_mistake) for finding in workflows.examine(written(text), known)]


NAMES = f"{STEP}skills = {{ billing = 2 }}\nteams = ['north']\nfilter = \"agent.skills.sales > 1 && agent.lang == 'de'\""


def test_a_name_that_no_agent_has_is_doubtful():
    assert doubts(NAMES) == [
        ("step 'one': no agent has the skill 'billing'", False),
        ("step 'one': no agent is in team 'north'", False),
        ("step 'one': no agent has the skill 'sales'", False),
        ("step 'one': no agent has the attribute 'lang'", False),
    ]
    assert doubts(NAMES, Known(["billing", "sales"], ["north"], ["lang"], [])) == []


def test_a_name_that_the_configuration_does_not_list_is_a_mistake():
    known = Known(["billing"], ["south"], ["lang"], [], strict_skills=True, strict_teams=True)
    assert doubts(NAMES, known) == [
        ("step 'one': the configuration has no team 'north': there are south", True),
        ("step 'one': the configuration has no skill 'sales': there are billing", True),
    ]


def test_a_workflow_goes_on_only_in_one_that_there_is_or_in_itself():
    text = f"overflow = 'workflow:late'\ndefault = 'workflow:support'\n{STEP}timeout_s = 3"
    ((said, is_mistake),) = doubts(text)
    assert (is_mistake, "'late', which is not loaded" in said) == (True, True)
    assert doubts(text, NOTHING._replace(workflows=["late"])) == []


# --- what the documentation shows --------------------------------------------------------------------

HOWTO = (ROOT / "docs/howto/workflows.md").read_text()


@pytest.mark.parametrize("language", ["toml", "json"])
def test_the_workflows_that_the_documentation_shows_are_understood(language):
    blocks = re.findall(rf"^```{language}\n(.*?)^```", HOWTO, re.MULTILINE | re.DOTALL)
    shown = [of_text(block, is_json=language == "json") for block in blocks]
    assert shown
    assert all(found.name == "support" for found in shown)


def test_the_mistake_that_the_documentation_shows_is_told_so():
    with pytest.raises(ConfigError) as error:
        of_text("name = 'support'\n[[step]]\nname = 'german'\nfilter = \"agent.lang = 'de'\"")
    assert str(error.value) in HOWTO


def test_the_documentation_names_every_key_of_a_step():
    keys = re.findall(r"^\| `(\w+)` \|", HOWTO, re.MULTILINE)
    assert set(keys) == set(workflows.StepText.__struct_fields__)
