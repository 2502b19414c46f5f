"""What becomes of a call that was classified, and since when a person has waited: tables."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.rules.machine_detection import (
    NO_VERDICT,
    AmdSettings,
    Cause,
    CauseKind,
    ClockStart,
    Reaction,
    Verdict,
    changed,
    clock_starts,
    is_sampled,
    react,
    read_cause,
)
from dialer.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("HUMAN-800-800", Cause(CauseKind.HUMAN, 800)),
        ("MAXWORDS-4-3", Cause(CauseKind.MAX_WORDS, 4)),
        ("TOOLONG-5000", Cause(CauseKind.TOO_LONG, 5000)),
        ("INITIALSILENCE-2500", Cause(CauseKind.INITIAL_SILENCE, 2500)),
        ("INITIALSILENCE-2500-2500", Cause(CauseKind.INITIAL_SILENCE, 2500)),
        ("LONGGREETING-1500-1500", Cause(CauseKind.LONG_GREETING, 1500)),
        ("MAXWORDLENGTH-5000", Cause(CauseKind.MAX_WORD_LENGTH, 5000)),
        ("NOAUDIODATA-0", Cause(CauseKind.NO_AUDIO, 0)),
        ("HUMAN", Cause(CauseKind.HUMAN)),
        ("", Cause(CauseKind.OTHER)),
        ("human-800-800", Cause(CauseKind.OTHER)),
        ("HUMAN-", Cause(CauseKind.OTHER)),
        ("HUMAN--800", Cause(CauseKind.OTHER)),
        ("HUMAN-٨٠٠", Cause(CauseKind.OTHER)),
        ("HUMAN-" + "9" * 5000, Cause(CauseKind.OTHER)),
        ("HUMAN-800-800\n", Cause(CauseKind.OTHER)),
        (NO_VERDICT, Cause(CauseKind.OTHER)),
    ],
)
def test_the_words_of_the_switch_are_read(text, read):
    assert read_cause(text) == read


@given(st.text())
def test_no_words_of_the_switch_make_it_fail(text):
    cause = read_cause(text)
    assert cause.measured is None or cause.measured >= 0
    for rule in ClockStart:
        at = clock_starts(rule, text, answered_at=10.0, verdict_at=12.0, spoke_at=None)
        assert 10.0 <= at <= 12.0


ALL, NONE = AmdSettings(on=True, sample_share=1.0), AmdSettings(on=True, sample_share=0.0)


@pytest.mark.parametrize(
    ("verdict", "cause", "settings", "reaction"),
    [
        pytest.param(Verdict.HUMAN, "HUMAN-800-800", NONE, Reaction.AGENT, id="a person"),
        pytest.param(Verdict.UNSURE, "TOOLONG-5000", NONE, Reaction.AGENT, id="doubt"),
        pytest.param(Verdict.UNSURE, NO_VERDICT, NONE, Reaction.AGENT, id="no verdict in time"),
        pytest.param(Verdict.MACHINE, "INITIALSILENCE-2500-2500", NONE, Reaction.AGENT, id="silence"),
        pytest.param(Verdict.MACHINE, "MAXWORDS-4-3", NONE, Reaction.HANG_UP, id="a machine"),
        pytest.param(Verdict.MACHINE, "garbage", NONE, Reaction.HANG_UP, id="a machine by unknown words"),
        pytest.param(Verdict.MACHINE, "MAXWORDS-4-3", ALL, Reaction.AGENT, id="a machine in the sample"),
    ],
)
def test_what_becomes_of_a_call(verdict, cause, settings, reaction):
    decision = react(verdict, cause, "run-1", settings)
    assert decision.reaction is reaction
    assert decision.reason


@pytest.mark.parametrize("reaction", Reaction)
def test_a_machine_gets_what_the_campaign_says(reaction):
    settings = msgspec.structs.replace(NONE, machine=reaction, message="hello")
    assert react(Verdict.MACHINE, "LONGGREETING-1500-1500", "run-1", settings).reaction is reaction


@pytest.mark.parametrize(
    ("rule", "cause", "spoke_at", "since"),
    [
        (ClockStart.ANSWER, "HUMAN-800-800", 100.3, 100.0),
        (ClockStart.ANSWER, "INITIALSILENCE-2500", None, 100.0),
        (ClockStart.GREETING_START, "HUMAN-800-800", 100.3, 100.3),
        (ClockStart.GREETING_START, "HUMAN-800-800", None, 100.0),
        (ClockStart.GREETING_START, "INITIALSILENCE-2500", None, 102.5),
        (ClockStart.GREETING_END, "HUMAN-800-800", 100.3, 101.7),
        (ClockStart.GREETING_END, "HUMAN-9999-800", None, 100.0),
        (ClockStart.GREETING_END, "HUMAN", None, 102.5),
        (ClockStart.GREETING_END, "TOOLONG-2500", None, 102.5),
        (ClockStart.GREETING_END, "INITIALSILENCE-2500", None, 102.5),
        (ClockStart.GREETING_END, NO_VERDICT, 100.3, 102.5),
    ],
)
def test_the_clock_starts_when_the_rule_says(rule, cause, spoke_at, since):
    found = clock_starts(rule, cause, answered_at=100.0, verdict_at=102.5, spoke_at=spoke_at)
    assert math.isclose(found, since)


@given(instance=st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=8, max_size=8))
def test_the_sample_meets_its_share_in_every_run(instance):
    attempts, share = 5000, 0.02
    sampled = sum(is_sampled(f"{instance}-{number}", share) for number in range(attempts))
    # Six standard deviations of a fair draw: 40 to 160 of 5,000.
    assert abs(sampled - attempts * share) <= 6 * math.sqrt(attempts * share * (1 - share))


@given(attempt=st.text(min_size=1), smaller=st.floats(0, 1), larger=st.floats(0, 1))
def test_who_is_in_a_sample_is_in_every_larger_one(attempt, smaller, larger):
    smaller, larger = sorted((smaller, larger))
    assert is_sampled(attempt, smaller) <= is_sampled(attempt, larger)
    assert is_sampled(attempt, 1.0)
    assert not is_sampled(attempt, 0.0)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"initial_silence_ms": 5}, "initial_silence_ms"),
        ({"sample_share": 1.5}, "sample_share"),
        ({"max_words": 0}, "max_words"),
        ({"machine": Reaction.MESSAGE}, "message"),
        ({"message": "../secret"}, "message"),
        ({"message": "a,b"}, "message"),
        ({"total_analysis_ms": 800}, "total_analysis_ms"),
        ({"total_analysis_ms": 2500}, "initial_silence_ms"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(changes, named):
    with pytest.raises(ConfigError, match=named):
        changed(AmdSettings(), changes)


def test_what_ships_works():
    assert changed(AmdSettings(), {}) == AmdSettings()
    given = {"on": True, "machine": "message", "message": "call_back-1"}
    assert changed(AmdSettings(), given) == AmdSettings(
        on=True, machine=Reaction.MESSAGE, message="call_back-1"
    )
