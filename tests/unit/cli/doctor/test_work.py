import pytest

from cli.doctor import work
from cli.doctor.findings import Health
from cli.doctor.work import CampaignFacts, judge_campaign
from dialer.core.ids import CampaignId, TrunkName, ZoneGroupId
from dialer.core.settings import CampaignSettings
from dialer.core.states import AgentState, CampaignState, TrunkState
from dialer.reports.readiness import HopperContent, Waiting
from dialer.storage.agents import AgentRow
from dialer.storage.campaigns import CampaignRow
from dialer.storage.trunks import TrunkRow

DAY_S = 86_400.0
NOON = 1_800_014_400.0  # 12:00 UTC
NIGHT = NOON + DAY_S / 2
ROW = CampaignRow(
    campaign_id=CampaignId(1),
    name="spring",
    list_id=1,
    list_name="people",
    settings=CampaignSettings(campaign_id=CampaignId(1), trunk=TrunkName("main")),
    state=CampaignState.RUNNING,
    reason="",
    until_at=None,
)


def waiting(zones=("Etc/UTC",), due=5, **changes):
    return Waiting(
        **{"zone_group": ZoneGroupId(1), "zones": zones, "leads": 5, "due": due, "next_due_at": NOON + 60}
        | changes
    )


def hopper(*groups, leads=5, in_flight=0):
    return HopperContent(leads=leads, in_flight=in_flight, waiting=groups)


def judged(content, *, at=NOON, trunks=("main",), start_asked=False, **changes):
    row = CampaignRow(**{name: getattr(ROW, name) for name in ROW.__struct_fields__} | changes)
    facts = CampaignFacts(campaign=row, hopper=content, start_asked=start_asked)
    return judge_campaign(facts, trunks=trunks, at=at)


def test_a_campaign_that_can_call_says_how_many_and_until_when():
    (found,) = judged(hopper(waiting()))
    assert found.health is Health.OK
    assert "5 leads are due" in found.text
    assert "closes at" in found.text


@pytest.mark.parametrize(
    ("content", "at", "words"),
    [
        pytest.param(hopper(leads=0), NOON, "the hopper is empty", id="no-lead-at-all"),
        pytest.param(hopper(), NOON, "all 5 leads are finished", id="every-lead-finished"),
        pytest.param(hopper(waiting(due=0)), NOON, "wait for a retry", id="every-lead-waits"),
        pytest.param(hopper(waiting()), NIGHT, "the calling window (8:00-21:00", id="night"),
        pytest.param(hopper(waiting(zones=())), NOON, "known time zone", id="no-zone"),
    ],
)
def test_a_campaign_that_cannot_call_says_why_and_what_to_do(content, at, words):
    (found,) = judged(content, at=at)
    assert found.health is Health.WARNING
    assert words in found.text
    assert found.remedy


def test_one_open_zone_is_enough():
    (found,) = judged(hopper(waiting(), waiting(("Pacific/Auckland",), zone_group=ZoneGroupId(2))), at=NOON)
    assert found.health is Health.OK


def test_last_calls_are_no_fault():
    (found,) = judged(hopper(in_flight=2))
    assert found.health is Health.OK


def test_a_trunk_that_is_not_configured_is_a_failure():
    found, _ = judged(hopper(waiting()), trunks=("other",))
    assert found.health is Health.FAILURE
    assert "other" in found.text


def test_a_stopped_campaign_is_as_somebody_left_it():
    (found,) = judged(hopper(waiting()), state=CampaignState.STOPPED, trunks=())
    assert found.health is Health.OK
    assert "dialer campaign start spring" in found.text


def test_a_campaign_that_is_to_start_is_judged_as_a_running_one():
    (found,) = judged(hopper(waiting()), state=CampaignState.STOPPED, start_asked=True, at=NIGHT)
    assert "the calling window" in found.text


def test_a_complete_campaign_is_done():
    (found,) = judged(hopper(), state=CampaignState.COMPLETE)
    assert found.health is Health.OK


def agent(state):
    return AgentRow(agent_id=1, name="anna", phone="sip:a@h", state=state, reason="", since_at=0.0)


@pytest.mark.parametrize(
    ("agents", "runs", "health"),
    [
        pytest.param([], False, Health.WARNING, id="none"),
        pytest.param([agent(AgentState.LOGGED_OUT)], False, Health.OK, id="without-a-run"),
        pytest.param([agent(AgentState.LOGGED_OUT)], True, Health.WARNING, id="all-away"),
        pytest.param([agent(AgentState.PAUSED)], True, Health.OK, id="one-there"),
    ],
)
def test_somebody_must_be_there_to_talk(agents, runs, health):
    assert work.judge_agents(agents, runs=runs).health is health


@pytest.mark.parametrize(
    ("count", "days", "health"),
    [
        pytest.param(0, None, Health.WARNING, id="empty"),
        pytest.param(9, 30, Health.OK, id="kept-up"),
        pytest.param(9, 32, Health.WARNING, id="old"),
    ],
)
def test_a_do_not_call_list_grows_old(count, days, health):
    newest_at = None if days is None else NOON - days * DAY_S
    assert work.judge_do_not_call(count, newest_at, at=NOON, most_days=31).health is health


def test_a_halt_is_told_with_its_reason():
    found = work.judge_halt("wrong list")
    assert (found.health, "wrong list" in found.text) == (Health.WARNING, True)
    assert work.judge_halt(None).health is Health.OK


def trunk(state):
    return TrunkRow(
        name="main", state=state, reason="5 faults", since_at=NOON, until_at=NOON + 60, used_day=0, used_s=0.0
    )


@pytest.mark.parametrize("state", [TrunkState.OUT, TrunkState.PROBING, TrunkState.SPENT])
def test_a_trunk_that_is_out_of_use_is_told_with_its_reason(state):
    (found,) = work.judge_trunk_states([trunk(state)])
    assert found.health is Health.WARNING
    assert "5 faults" in found.text
    assert found.remedy


def test_a_trunk_that_is_up_is_told_by_its_answer_alone():
    assert work.judge_trunk_states([trunk(TrunkState.UP)]) == []
