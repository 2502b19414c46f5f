"""What agents are: W2, and whose limits hold."""

import msgspec
import pytest

from dialer.core.allocation.capacity import Channel, Limits
from dialer.core.allocation.profile import AgentKind, Profile, SharedLimits
from dialer.core.events import AgentDefined, AgentProfiled, LimitsDefined
from dialer.core.records import RequestAnswered
from dialer.core.requests import TakeUpProfile
from dialer.core.workspace import Workspace
from dialer.testing import Script

ANNA = Profile(
    skills={"sales": 3, "billing": 1},
    teams=("north",),
    attributes={"lang": "de", "age": 41, "share": 0.5, "vip": True},
    kind=AgentKind.SEAT,
    channels=(Channel.VOICE, Channel.TEXT),
    limits=Limits(first=0, second=2),
)


def test_w2_an_agent_has_attributes_skills_with_levels_and_teams():
    script = Script()
    script.tell(AgentDefined(at=script.at, agent_id=1, profile=ANNA))

    assert script.engine.workspace.agents[1].profile == ANNA
    restored = Workspace.from_json(script.engine.workspace.to_json())
    assert restored.agents[1].profile == ANNA


def test_w2_an_agent_of_whom_nobody_says_anything_takes_everything():
    script = Script()
    script.tell(AgentDefined(at=script.at, agent_id=1))

    profile = script.engine.workspace.agents[1].profile
    assert (profile.skills, profile.teams, profile.kind) == ({}, (), "")
    assert profile.channels == (Channel.VOICE, Channel.VIDEO, Channel.TEXT)


def test_a_profile_changes_while_the_agent_works():
    script = Script()
    (agent,) = script.log_in(1)
    script.tell(AgentProfiled(at=script.at, agent_id=agent.agent_id, profile=ANNA))
    answer = script.only(RequestAnswered, script.ask(TakeUpProfile(agent_id=agent.agent_id)))

    assert agent.profile == ANNA
    assert (answer.done, agent.state) == (True, "ready")


def test_a_profile_of_somebody_whom_the_run_does_not_know_changes_nothing():
    script = Script()
    script.tell(AgentProfiled(at=script.at, agent_id=7, profile=ANNA))
    answer = script.only(RequestAnswered, script.ask(TakeUpProfile(agent_id=7)))

    assert script.engine.workspace.agents == {}
    assert not answer.done


def test_being_told_of_an_agent_again_does_not_change_the_profile():
    script = Script()
    script.tell(AgentDefined(at=script.at, agent_id=1, profile=ANNA))
    script.tell(AgentDefined(at=script.at, agent_id=1))

    assert script.engine.workspace.agents[1].profile == ANNA


@pytest.mark.parametrize(
    ("profile", "limits"),
    [
        pytest.param({"limits": Limits(first=0, second=9), "teams": ("north",)}, (0, 9), id="its-own"),
        pytest.param({"teams": ("south", "west", "north")}, (3, 3), id="of-its-first-team-that-has-some"),
        pytest.param({"teams": ("south",)}, (2, 5), id="of-the-workspace"),
    ],
)
def test_c5_limits_are_the_agents_else_the_teams_else_the_workspaces(profile, limits):
    script = Script()
    shared = SharedLimits(
        workspace=Limits(first=2, second=5),
        teams={"north": Limits(first=1, second=1), "west": Limits(first=3, second=3)},
    )
    script.tell(LimitsDefined(at=script.at, limits=shared))

    found = script.engine.workspace.limits.of(Profile(**profile))
    assert (found.first, found.second) == limits


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"skills": {"Sales": 1}}, "matching regex", id="a-skill-in-capitals"),
        pytest.param({"skills": {"in": 1}}, "word of the expression language", id="a-kept-word"),
        pytest.param({"skills": {"sales": 0}}, ">= 1", id="a-level-of-nothing"),
        pytest.param({"skills": {"sales": 101}}, "<= 100", id="a-level-too-high"),
        pytest.param({"teams": ["a b"]}, "matching regex", id="a-team-with-a-space"),
        pytest.param({"attributes": {"kind": "x"}}, "choose another", id="a-name-that-all-have"),
        pytest.param({"attributes": {"a": "x" * 201}}, "length <= 200", id="a-long-text"),
        pytest.param({"attributes": {f"a{i}": 1 for i in range(51)}}, "50 at most", id="too-many"),
        pytest.param({"kind": "home"}, "Invalid enum value", id="another-kind"),
        pytest.param({"limits": {"first": 3, "second": 2}}, "first", id="limits-the-wrong-way-round"),
    ],
)
def test_what_no_agent_can_be_is_refused_with_its_reason(fields, said):
    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.convert(fields, Profile)
