"""What a start finds after a run that died."""

from msgspec.structs import replace

from dialer.core.allocation.profile import Profile
from dialer.core.allocation.workflow import Workflow, WorkflowStep
from dialer.core.events import (
    AgentDefined,
    AttemptLeftOpen,
    CallFound,
    CampaignDefined,
    RunStarted,
    ShiftsLoaded,
    TrunkDefined,
    WorkflowDefined,
)
from dialer.core.presence_states import PausedBy
from dialer.core.records import (
    AgentChanged,
    AgentLegStarted,
    AttemptClassified,
    AttemptDisposed,
    AttemptEnded,
    AttemptStarted,
    CampaignChanged,
    HaltChanged,
    JournalEntry,
    RecordingStarted,
    TaskAdded,
    TaskEnded,
    TrunkChanged,
)
from dialer.core.rules.machine_detection import Verdict
from dialer.core.settings import TrunkSettings
from dialer.core.shift import Shift
from dialer.core.states import AgentState, CallState, CampaignState, Outcome, TrunkState
from dialer.core.task_states import TaskMove
from dialer.live import recovery
from dialer.live.clock import Clock
from dialer.storage import agents, roster, rounds, schema, workflows
from dialer.storage.fence import Fence
from dialer.storage.hopper import Hopper
from dialer.survivors import Survivor
from tests.stores import number


def write(store, *records):
    with store.database.write() as connection:
        rounds.write(connection, store.workspace_id, records)


def claim(store, count):
    dead = Hopper(Fence(store.workspace_id, "dead", 1))
    with store.database.write() as connection:
        found = dead.claim(connection, store.campaign_id, count=count, closed=(), at=1.0)
    return [lead.lead_id for lead in found.leads]


def attempt(store, lead_id, name):
    return AttemptStarted(
        at=5.0,
        attempt_id=f"{name}-attempt",
        call_id=f"{name}-call",
        leg_id=f"{name}-leg",
        campaign_id=store.campaign_id,
        lead_id=lead_id,
        trunk="main",
    )


def load(store, *trunks):
    lease = store.lease()
    settings = [TrunkSettings(name=name) for name in trunks]
    events = recovery.load(store.database, lease, clock=Clock(), configured=recovery.Configured(settings))
    lease.release()
    return events


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


def test_an_empty_workspace_starts_with_its_campaigns_and_agents(store):
    agent = store.add_agent("ada")
    started, campaign, defined = load(store)
    assert isinstance(started, RunStarted)
    assert not started.halted
    assert isinstance(campaign, CampaignDefined)
    assert campaign.campaign.campaign_id == store.campaign_id
    assert (defined.agent_id, defined.state) == (agent, AgentState.LOGGED_OUT)


def test_the_roster_around_now_is_told_and_none_if_nobody_has_a_shift_to_come(store):
    ada, now = store.add_agent("ada"), Clock().now()
    day = 86_400.0
    shifts = [
        Shift(agent_id=ada, begins_at=now + days * day, ends_at=now + days * day + 60) for days in (-3, 3, 0)
    ]

    def told():
        return [event.shifts for event in of(load(store), ShiftsLoaded)]

    assert told() == []
    for shift, found in zip(shifts, ([], [()], [(shifts[2],)]), strict=True):
        with store.database.write() as connection:
            roster.replace(connection, store.workspace_id, [(shift, "UTC")])
        assert told() == found


def test_what_was_served_today_and_who_paused_come_back(store):
    agent, now = store.add_agent("ada"), Clock().now()
    paused = AgentChanged(
        at=now,
        agent_id=agent,
        state=AgentState.PAUSED,
        reason="away",
        paused_by=PausedBy.CLIENT,
        served=7,
        served_until=now + 3600,
    )
    write(store, paused)
    (defined,) = of(load(store), AgentDefined)
    assert (defined.paused_by, defined.served_today) == (PausedBy.CLIENT, 7)
    write(store, replace(paused, served_until=now))
    (defined,) = of(load(store), AgentDefined)
    assert defined.served_today == 0


def test_the_day_of_a_run_ends_by_its_zone(store):
    lease = store.lease()
    started, *_ = recovery.load(
        store.database, lease, clock=Clock(), configured=recovery.Configured(zone="Asia/Tokyo")
    )
    lease.release()
    assert started.zone == "Asia/Tokyo"


def test_states_on_record_come_back(store):
    agent = store.add_agent("ada")
    write(
        store,
        HaltChanged(at=1.0, halted=True, reason="fire"),
        CampaignChanged(at=1.0, campaign_id=store.campaign_id, state=CampaignState.RUNNING),
        AgentChanged(at=1.0, agent_id=agent, state=AgentState.PAUSED, reason="lunch"),
    )
    events = load(store)
    assert events[0].halted
    assert of(events, CampaignDefined)[0].state is CampaignState.RUNNING
    (defined,) = of(events, AgentDefined)
    assert (defined.state, defined.reason) == (AgentState.PAUSED, "lunch")


def test_an_open_attempt_is_told_with_its_lead_and_call(store):
    store.add_leads(3)
    lead, other, _ = claim(store, 3)
    write(store, attempt(store, lead, "a"), attempt(store, other, "b"))
    write(
        store,
        AttemptEnded(
            at=6.0,
            attempt_id="b-attempt",
            call_id="b-call",
            campaign_id=store.campaign_id,
            lead_id=other,
            outcome=Outcome.BUSY,
        ),
    )
    (left,) = of(load(store), AttemptLeftOpen)
    assert (left.attempt_id, left.call_id, left.lead.lead_id) == ("a-attempt", "a-call", lead)
    assert left.started_at == 5.0


def test_an_open_attempt_whose_number_was_refused_has_no_call(store):
    (lead,) = store.add_leads(1)
    store.forbid(number(0))
    write(store, attempt(store, lead, "a"))
    (left,) = of(load(store), AttemptLeftOpen)
    assert left.call_id is None


def test_claims_without_an_attempt_go_back_and_cost_nothing(store):
    store.add_leads(3)
    called, *unused = claim(store, 3)
    write(store, attempt(store, called, "a"))
    load(store)
    rows = {row[0]: row[1:] for row in store.rows(schema.hopper, "lead_id", "state", "attempts", "instance")}
    assert rows[called][0] == schema.HopperState.IN_FLIGHT
    assert {rows[lead] for lead in unused} == {(schema.HopperState.READY, 0, None)}


def test_legs_left_open_are_closed_as_lost(store):
    agent = store.add_agent("ada")
    write(store, AgentLegStarted(at=1.0, leg_id="a-leg", agent_id=agent))
    load(store)
    ((ended_at, cause),) = store.rows(schema.leg, "ended_at", "cause")
    assert ended_at is not None
    assert cause == "lost"


def test_nobody_is_said_to_have_worked_while_nothing_ran(store):
    busy, away = store.add_agent("ada"), store.add_agent("bob")
    store.lease().release()
    ((died_at,),) = store.rows(schema.lease, "renewed_at")
    write(
        store,
        AgentChanged(at=1.0, agent_id=busy, state=AgentState.READY),
        AgentChanged(at=1.0, agent_id=away, state=AgentState.LOGGED_OUT),
    )
    load(store)
    assert store.rows(schema.agent_period, "state", "ended_at") == [("ready", died_at), ("logged_out", None)]


def test_what_was_said_of_a_trunk_and_its_day_comes_back_and_other_trunks_are_forgotten(store):
    out = {"state": TrunkState.OUT, "since_at": 1.0, "reason": "503", "used_day": 7, "used_s": 61.5}
    write(store, *(TrunkChanged(at=1.0, trunk=name, **out) for name in ("main", "gone")))
    _, known, new, *_ = load(store, "main", "new")
    assert (known.trunk.name, known.state, known.reason) == ("main", TrunkState.OUT, "503")
    assert (known.used_day, known.used_s) == (7, 61.5)
    assert new == TrunkDefined(at=new.at, trunk=TrunkSettings(name="new"))
    assert store.rows(schema.trunk, "name") == [("main",)]


def test_what_an_agent_chose_before_the_run_died_is_told(store):
    lead, other = store.add_leads(2)
    choice = AttemptDisposed(
        at=8.0,
        attempt_id="a-attempt",
        campaign_id=store.campaign_id,
        lead_id=lead,
        agent_id=store.add_agent("ada"),
        disposition="callback",
        retry_at=99.0,
        promised=True,
        ended=False,
    )
    write(store, attempt(store, lead, "a"), attempt(store, other, "b"), choice)
    told = of(load(store), AttemptLeftOpen)
    assert [(event.disposition, event.retry_at) for event in told] == [("callback", 99.0), ("", None)]


# --- beside a switch that outlived the run ---


def talk_of(store):
    """Leave an agent's talk with a customer open."""
    agent = store.add_agent("ada")
    store.add_leads(1)
    (lead,) = claim(store, 1)
    begun = attempt(store, lead, "a")
    note = {"attempt_id": "a-attempt", "leg_id": "a-leg"}
    write(
        store,
        begun,
        AgentLegStarted(at=1.0, leg_id="phone", agent_id=agent),
        AgentChanged(at=8.0, agent_id=agent, state=AgentState.TALKING, attempt_id="a-attempt"),
        JournalEntry(at=6.0, kind="ringing", **note),
        JournalEntry(at=7.0, kind="answered", **note),
        JournalEntry(at=8.0, kind="bridged", **note),
        RecordingStarted(at=8.0, attempt_id="a-attempt", call_id="a-call", file="a-call.wav"),
    )
    return agent


def found(store, *survivors, trunks=("main",)):
    lease = store.lease()
    settings = [TrunkSettings(name=name) for name in trunks]
    events = recovery.load(
        store.database, lease, clock=Clock(), configured=recovery.Configured(settings), survivors=survivors
    )
    lease.release()
    return events


CUSTOMER = Survivor(leg_id="a-leg", state=CallState.TALKING, partner="phone")
PHONE = Survivor(leg_id="phone", state=CallState.TALKING, partner="a-leg")


def test_a_talk_that_the_switch_kept_up_is_told_with_its_agent_and_its_times(store):
    agent = talk_of(store)
    events = found(store, CUSTOMER, PHONE)
    (call,), (defined,) = of(events, CallFound), of(events, AgentDefined)

    assert not of(events, AttemptLeftOpen)
    assert (defined.agent_id, defined.leg_id, defined.phone_up) == (agent, "phone", True)
    assert (call.attempt_id, call.leg_id, call.agent_leg) == ("a-attempt", "a-leg", "phone")
    assert (call.ringing_at, call.answered_at, call.bridged_at) == (6.0, 7.0, 8.0)
    assert (call.state, call.recordings, call.file) == (CallState.TALKING, 1, "a-call.wav")
    assert {row[0] for row in store.rows(schema.leg, "ended_at")} == {None}


def test_whom_the_switch_no_longer_holds_is_over_and_the_rows_say_so(store):
    talk_of(store)
    events = found(store, PHONE)
    (left,) = of(events, AttemptLeftOpen)

    assert (left.answered_at, of(events, CallFound)) == (None, [])
    assert {row[0]: row[1] for row in store.rows(schema.leg, "id", "cause")} == {
        "a-leg": "lost",
        "phone": None,
    }
    assert store.rows(schema.recording, "ended_at")[0][0] is not None


def test_somebody_who_picked_up_and_was_spoken_to_by_nobody_was_abandoned(store):
    store.add_leads(2)
    lead, other = claim(store, 2)
    write(
        store,
        attempt(store, lead, "a"),
        attempt(store, other, "b"),
        JournalEntry(at=7.0, kind="answered", attempt_id="a-attempt", leg_id="a-leg"),
    )
    gone = Survivor(leg_id="b-leg", state=CallState.ENDED, answered_at=9.0, abandoned_at=11.5)
    left = {event.attempt_id: event for event in of(found(store, gone), AttemptLeftOpen)}

    assert {key: event.answered_at for key, event in left.items()} == {"a-attempt": 7.0, "b-attempt": 9.0}
    assert left["b-attempt"].waited_s == 2.5


def test_of_who_hears_the_switchs_message_it_is_told_how_long_they_waited_and_whether_a_machine_hears_it(
    store,
):
    store.add_leads(2)
    lead, other = claim(store, 2)
    write(
        store,
        attempt(store, lead, "a"),
        attempt(store, other, "b"),
        AttemptClassified(at=8.0, attempt_id="b-attempt", verdict=Verdict.MACHINE, cause="", after_s=1.0),
    )
    message = CallState.MESSAGE
    person = Survivor(leg_id="a-leg", state=message, answered_at=9.0, abandoned_at=11.5)
    calls = {
        event.attempt_id: event
        for event in of(found(store, person, Survivor(leg_id="b-leg", state=message)), CallFound)
    }

    assert {key: (event.waited_s, event.machine) for key, event in calls.items()} == {
        "a-attempt": (2.5, False),
        "b-attempt": (None, True),
    }


def test_a_call_of_a_trunk_that_is_no_more_is_over(store):
    talk_of(store)
    assert of(found(store, CUSTOMER, PHONE, trunks=()), CallFound) == []


def test_the_newest_of_an_agents_phones_counts(store):
    agent = store.add_agent("ada")
    write(
        store,
        AgentChanged(at=1.0, agent_id=agent, state=AgentState.READY),
        AgentLegStarted(at=1.0, leg_id="old", agent_id=agent),
        AgentLegStarted(at=2.0, leg_id="new", agent_id=agent),
    )
    legs = [Survivor(leg_id=leg_id, state=CallState.ANSWERED) for leg_id in ("new", "old")]
    (defined,) = of(found(store, *legs), AgentDefined)

    assert defined.leg_id == "new"


def test_workflows_are_known_in_the_versions_that_tasks_are_in(store):
    flows = [Workflow(name="support", steps=(WorkflowStep(name=f"step {n}"),), version=n) for n in (1, 2, 3)]
    with store.database.write() as connection:
        for flow in flows:
            workflows.keep(connection, store.workspace_id, flow, at=1.0)
    facts = {"channel": "text", "weight": 1, "queue": "help", "attributes": {}, "ranked_at": 2.0}
    write(store, *(
        TaskAdded(at=2.0, task_id=f"task-{number}", number=number, workflow="support", version=version, **facts)
        for number, version in enumerate((1, 1, 3, 2), 1)
    ))  # fmt: skip
    write(
        store,
        TaskEnded(at=3.0, task_id="task-4", agent_id=None, by=TaskMove.CANCEL, result="", worked_since=None),
    )

    known = [event.workflow for event in of(load(store), WorkflowDefined)]
    assert sorted(known, key=lambda flow: flow.version) == [flows[0], flows[2]]


def test_what_agents_are_and_the_newest_workflows_are_known_from_the_start(store):
    agent, billing = store.add_agent("ada"), Profile(skills={"billing": 2})
    with store.database.write() as connection:
        agents.change(connection, agent, billing)
        for name in ("one", "other"):
            flow = Workflow(name="support", steps=(WorkflowStep(name=name),))
            workflows.keep(connection, store.workspace_id, flow, at=1.0)

    events = load(store)
    assert [event.profile for event in of(events, AgentDefined)] == [billing]
    assert [event.workflow for event in of(events, WorkflowDefined)] == [replace(flow, version=2)]
