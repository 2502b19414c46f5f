"""Whatever is written as a condition: it is refused with its place, or it gives a verdict; and it reads what it says it reads."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.core.allocation.expression import compiled
from dialer.errors import ConfigError

WORDS = [
    "agent.lang",
    "agent.age",
    "agent.skills.sales",
    "agent.teams",
    "agent.lang.size()",
    "task.lang",
    "agent",
    "task",
    "each",
    "'a'",
    '"b"',
    "1",
    "2.5",
    "true",
    "false",
    "null",
    "in",
    "&&",
    "||",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "<",
    "<=",
    "==",
    "!=",
    ">",
    ">=",
    "?",
    ":",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "{",
    "}",
    "has(",
    "size(",
    "int(",
    "double(",
    "string(",
    ".exists(each,",
    ".all(each,",
    ".startsWith(",
    "matches(",
    "'x\\u00e9'",
    "9223372036854775807",
    "1e308",
    "agent['lang']",
    "agent.exists(each,",
    "@",
    "`",
    "//",
    "r'a'",
]

values = st.one_of(st.text(max_size=5), st.integers(-(2**53), 2**53), st.floats(), st.booleans())
facts = st.dictionaries(st.sampled_from(["lang", "age", "skills.sales"]), values)


def operand(deeper):
    joined = st.tuples(
        deeper, st.sampled_from(["&&", "||", "+", "-", "*", "/", "%", "<", "==", "!=", ">", "in"]), deeper
    )
    return st.one_of(
        joined.map(" ".join),
        deeper.map(lambda text: f"({text})"),
        deeper.map(lambda text: f"!({text})"),
        deeper.map(lambda text: f"size({text})"),
        deeper.map(lambda text: f"agent.teams.exists(each, {text})"),
        st.tuples(deeper, deeper, deeper).map(lambda parts: "{} ? {} : {}".format(*parts)),
    )


conditions = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
    st.recursive(
        st.sampled_from([*WORDS[:5], "task.lang", "'a'", "1", "2.5", "true", "each"]), operand, max_leaves=8
    ),
    st.text(max_size=30),
)


def understood(text):
    """Return the condition, or why it is none."""
    try:
        return compiled(text), ""
    except ConfigError as error:
        return None, str(error)


@settings(max_examples=400, deadline=None)
@given(text=conditions, agent=facts, task=facts, other=values)
def test_a_condition_is_refused_with_its_place_or_gives_a_verdict_by_what_it_reads_alone(
    text, agent, task, other
):
    condition, refusal = understood(text)
    assert (condition is None) == bool(re.match(r"[1-9]\d*:[1-9]\d*: .", refusal))
    if condition is None:
        return
    verdict = condition.judge(agent, task)
    assert verdict.holds in (True, False)
    assert not (verdict.holds and verdict.is_fault)
    unread = {path: value if path in condition.agent_reads else other for path, value in agent.items()}
    assert condition.judge({**unread, "badge": other}, task) == verdict
    for equality in condition.equal:
        if verdict.holds:
            wanted = task.get(equality.task) if equality.task else equality.text
            assert agent[equality.agent] == wanted
