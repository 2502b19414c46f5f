"""Conditions: what they say, what they read, and that none can be written that reads more or runs for long."""

import pytest

from dialer.core.allocation.expression import Verdict, compiled
from dialer.core.allocation.expression_text import MAX_DEPTH, MAX_LENGTH, MAX_WORDS
from dialer.errors import ConfigError

ANNA = {"skills.sales": 3, "teams": ("north", "late"), "kind": "seat", "lang": "de", "age": 41, "vip": True}
TASK = {"lang": "de", "source": "web", "value": 99.5}


def holds(text):
    return compiled(text).judge(ANNA, TASK)


@pytest.mark.parametrize(
    "text",
    [
        "agent.lang == task.lang",
        "agent.skills.sales >= 3 && 'north' in agent.teams",
        "agent.age > 40 ? task.value < 100.0 : false",
        "task.source in ['web', 'shop'] || agent.vip",
        "agent.teams.exists(team, team.startsWith('n'))",
        "agent.teams.all(team, size(team) > 2) && !(agent.kind == 'remote')",
        'agent.teams.exists_one(team, team == "late")',
        "has(agent.lang) && !has(agent.shift) && agent.teams.size() == 2",
        "agent.lang.contains('e') && task.source.endsWith('eb')",
        "double(agent.age) > task.value - 60.0 && int('7') % 2 == 1",
        "agent.vip == true && agent.lang != null",
        "agent.shift == 'late' || agent.vip",
        "  agent . lang\n ==\t'de'  ",
        "agent.lang + '-' + task.lang == 'de-de'",
        "'it\\'s' != \"it's \"",
        "1.5e3 == 1500.0",
    ],
)
def test_w3_a_condition_compares_what_agents_and_tasks_have(text):
    assert holds(text) == Verdict(holds=True)


def test_what_is_read_is_found_in_the_text():
    condition = compiled(
        "agent.skills.sales >= task.level && (agent.lang == task.lang || 'north' in agent.teams) && agent.lang != 'x'"
    )
    assert condition.agent_reads == ("skills.sales", "lang", "teams")
    assert condition.task_reads == ("level", "lang")


def test_a_name_in_a_text_is_not_read():
    condition = compiled("task.lang == 'agent.kind' || \"task.value\" == '\\'agent.vip'")
    assert (condition.agent_reads, condition.task_reads) == ((), ("lang",))


@pytest.mark.parametrize(
    ("text", "equal"),
    [
        pytest.param("agent.lang == task.lang", [("lang", "lang", "")], id="of-the-task"),
        pytest.param("task.lang == agent.lang && 'x' == agent.lang", [("lang", "lang", ""), ("lang", "", "x")], id="turned"),
        pytest.param("agent.skills.sales == task.level && agent.vip", [("skills.sales", "level", "")], id="a-skill"),
        pytest.param("agent.lang == 'de' || agent.vip", [], id="another-way"),
        pytest.param("(agent.lang == 'de' || agent.vip) && agent.shop == ''", [("shop", "", "")], id="beside-brackets"),
        pytest.param("agent.vip ? agent.lang == 'de' : true", [], id="a-choice"),
        pytest.param("!(agent.lang == 'de') && !agent.vip == task.vip", [], id="the-opposite"),
        pytest.param("agent.age == 41 && agent.age == task.age + 1", [], id="numbers"),
        pytest.param("agent.lang == 'd\\u0065'", [], id="not-plainly-written"),
        pytest.param("agent.lang == task.lang == true", [], id="twice"),
        pytest.param("agent.lang == agent.shop && task.lang == 'de'", [], id="one-side-alone"),
        pytest.param("agent.lang == 'a && b || c'", [("lang", "", "a && b || c")], id="signs-in-a-text"),
    ],
)  # fmt: skip
def test_what_has_to_be_equal_is_found_in_the_text(text, equal):
    assert list(compiled(text).equal) == equal


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("agent.shift == 'late'", "agent.shift is not known"),
        ("agent.skills.billing >= 1", "agent.skills.billing is not known"),
        ("task.shop == agent.shop", "agent.shop and task.shop are not known"),
    ],
)
def test_what_is_not_known_does_not_match_and_is_no_mistake(text, why):
    assert holds(text) == Verdict(holds=False, why=why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("agent.lang > 3", "No such overload"),
        ("agent.age / 0 == 1", "division by zero"),
        ("int(agent.lang) == 1", ""),
        ("agent.age", "it gives 41, not true or false"),
        ("9223372036854775807 + agent.age > 0", "overflow"),
        ("agent.age && true", "No such overload"),
    ],
)
def test_what_cannot_be_compared_does_not_match_and_is_a_mistake(text, why):
    verdict = holds(text)
    assert (verdict.holds, verdict.is_fault) == (False, True)
    assert why in verdict.why


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "1:1: there is nothing", id="nothing"),
        pytest.param("agent", "1:1: write what of the agent is meant", id="all-of-an-agent"),
        pytest.param("agent['lang'] == 'de'", "1:6: nothing can be looked up in brackets", id="brackets"),
        pytest.param(
            "agent.lang[0] == 'd'", "1:11: nothing can be looked up in brackets", id="brackets-after"
        ),
        pytest.param(
            "agent.skills[task.skill] > 1", "1:1: write which skill|1:13: nothing", id="computed-skill"
        ),
        pytest.param("has(agent)", "1:5: write what of the agent", id="an-agent-as-argument"),
        pytest.param(
            "[agent, task].exists(x, x.lang == 'de')", "1:2: write what of the agent", id="in-a-list"
        ),
        pytest.param(
            "agent.skills.exists(s, true)", "1:1: agent.skills.exists is no function", id="every-skill"
        ),
        pytest.param("agent.contains('x')", "1:1: agent.contains is no function", id="a-method-of-an-agent"),
        pytest.param("agent.all(a, true)", "1:1: agent.all is no function", id="a-loop-over-an-agent"),
        pytest.param("agent.lang.first", "1:12: there is no 'first' here", id="a-path-too-long"),
        pytest.param("lang == 'de'", "1:1: 'lang' is not known", id="an-unknown-name"),
        pytest.param("agent.lang ==\n  de", "2:3: 'de' is not known: write 'de' in quotes", id="no-quotes"),
        pytest.param("agent.lang = 'de'", "1:12: '=' has no place.*compare with ==", id="one-equals-sign"),
        pytest.param("agent.vip & task.vip", "1:11: '&' has no place.*write &&", id="one-and"),
        pytest.param("{'a': 1}.a == 1", "1:1: '{' has no place.*no maps", id="a-map"),
        pytest.param("agent.lang == 'de", "1:15: .*the text has no end", id="an-open-text"),
        pytest.param("agent.lang == r'de'", "1:16: a text begins", id="a-raw-text"),
        pytest.param("agent.lang == b'de'", "1:16: a text begins", id="bytes"),
        pytest.param("agent.lang == '''de'''", "1:17: a text begins", id="a-long-text"),
        pytest.param("`agent`.lang == 'de'", "1:1: '`' has no place", id="backticks"),
        pytest.param("agent.lang == 'de' // why", "1:23: 'why' is not known", id="a-comment"),
        pytest.param("agent.lang\u00a0== 'de'", "1:11: .* has no place", id="a-strange-space"),
        pytest.param("agent.lang == ", "1:15: the end comes too early", id="no-second-side"),
        pytest.param("(agent.lang == 'de'", "1:20: '\\)' is missing here", id="an-open-bracket"),
        pytest.param("agent.lang == 'de')", "1:19: .*closes nothing", id="a-bracket-too-many"),
        pytest.param("agent.lang 'de'", "1:12: .*is not expected here", id="no-operator"),
        pytest.param(
            "agent.age == 99999999999999999999", "1:14: not understood: invalid int", id="a-huge-number"
        ),
        pytest.param("timestamp('2027-01-01T00:00:00Z') < 1", "1:1: 'timestamp' is not known", id="a-clock"),
        pytest.param("dyn(agent.lang) == 'de'", "1:1: 'dyn' is not known", id="another-function"),
    ],
)
def test_what_is_no_condition_is_refused_with_its_place(text, said):
    with pytest.raises(ConfigError, match=f"^({said})"):
        compiled(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("agent.lang.matches('(a*)*b')", "1:12: there are no patterns", id="a-pattern"),
        pytest.param("matches(agent.lang, 'a')", "1:1: there are no patterns", id="a-pattern-as-function"),
        pytest.param(
            "agent.teams.all(a, agent.teams.all(b, agent.teams.all(c, a != b)))",
            "1:32: a second loop",
            id="nested-loops",
        ),
        pytest.param(
            "agent.teams.all(a, true) && agent.teams.all(b, true)", "1:41: a second loop", id="two-loops"
        ),
        pytest.param(
            "agent.teams.map(a, a).size() > 1", "1:13: there is no 'map'", id="a-loop-that-makes-a-list"
        ),
        pytest.param("'x'.all(a, true)", "1:4: a dot belongs", id="a-loop-over-a-text"),
        pytest.param(
            "agent.teams.all(agent, agent.lang == 'de')",
            "1:16: write all\\(each, CONDITION\\)",
            id="a-loop-that-hides-agents",
        ),
        pytest.param(
            "agent.lang == '" + "x" * MAX_LENGTH + "'", "1:1001: longer than 1,000", id="a-long-text"
        ),
        pytest.param(
            "1" + "+1" * (MAX_WORDS // 2) + " > 0",
            f"1:{MAX_WORDS + 1}|1:302: more than 300 words",
            id="many-words",
        ),
        pytest.param(
            "(" * 17 + "true" + ")" * 17, f"1:17: more than {MAX_DEPTH} brackets", id="deep-brackets"
        ),
        pytest.param(
            "[" * 17 + "]" * 17 + " == []", f"1:17: more than {MAX_DEPTH} brackets", id="deep-lists"
        ),
        pytest.param("!" * 200 + "true", "1:2: !! says nothing", id="many-nots"),
        pytest.param("1 - " + "-" * 200 + "1 > 0", "1:5: -- says nothing", id="many-minuses"),
    ],
)
def test_what_might_run_for_long_is_refused_with_its_place(text, said):
    with pytest.raises(ConfigError, match=f"^({said})"):
        compiled(text)


LONGEST = {
    "many-ands": " && ".join(["agent.vip"] * 75),
    "many-sums": "agent.age" + " - 1" * 145 + " < 0",
    "many-joined-texts": " + ".join(["agent.lang"] * 74) + " != ''",
    "a-long-list": "agent.age in [" + ", ".join(["1.5"] * 140) + ", 41.0]",
    "a-loop-of-much": "agent.teams.all(t, " + " && ".join(["t != 'x'"] * 70) + ")",
    "a-long-loop": "[" + ", ".join(["1"] * 90) + "].all(n, " + " && ".join(["n < 2"] * 24) + ")",
    "choices-in-choices": "true ? agent.vip : " * 40 + "true",
    "a-loop-of-long-texts": "['a'].all(t, " + " + ".join(["t + agent.lang"] * 40) + " != '')",
    "deep-brackets": "(" * MAX_DEPTH + "agent.vip" + ")" * MAX_DEPTH,
    "alternating-signs": "!"
    + "(!" * (MAX_DEPTH - 1)
    + "agent.vip"
    + ")" * (MAX_DEPTH - 1)
    + " == true || true",
}


@pytest.mark.parametrize("text", LONGEST.values(), ids=LONGEST.keys())
def test_the_longest_that_is_let_through_comes_to_an_end(text):
    long = {**ANNA, "lang": "d" * 200, "teams": tuple(f"team-{number}" for number in range(20))}
    assert not compiled(text).judge(long, TASK).is_fault
