"""The rules about capacity, tasks and fairness that the whole engine keeps, each named by its number in the requirements."""

import pytest

from dialer.core.allocation.capacity import Limits
from dialer.core.allocation.profile import SharedLimits
from dialer.core.commands import Bridge
from dialer.core.events import LimitsDefined
from dialer.core.ids import AgentId
from dialer.core.records import AgentChanged, TaskEnded
from dialer.core.requests import (
    AddTask,
    ChangeTask,
    DeclineTask,
    EndTask,
    MakeReady,
    PauseAgent,
    TransferTask,
)
from dialer.core.settings import Accept, PacingMode
from dialer.core.states import AgentState, CallState, EndCause
from dialer.core.switch_events import LegEnded, LegsBridged
from dialer.core.task_states import TaskState
from dialer.testing import campaign, lead
from tests.unit.core.text_floor import CHAT, DESK, TextFloor

ONE = AgentId(1)


def talk(floor, number=1):
    """Let a customer be called and joined with an agent; return the order."""
    (call,) = floor.start([lead(number)])
    joined = floor.only(Bridge, floor.answer(call))
    floor.tell(LegsBridged(at=floor.at, customer_leg=joined.customer_leg, agent_leg=joined.agent_leg))
    return joined


def states(tasks):
    """Return what becomes of some tasks."""
    return [task.state for task in tasks]


def test_c1_nobody_on_the_phone_is_given_another_call():
    floor = TextFloor(settings=campaign(mode=PacingMode.RATIO, ratio=2.0))
    first, second = floor.start([lead(1), lead(2)])
    floor.only(Bridge, floor.answer(first))
    assert not floor.all(Bridge, floor.answer(second))


@pytest.mark.parametrize(("texts", "called"), [(0, True), (1, True), (2, False)])
def test_c2_a_call_is_placed_for_whoever_writes_no_more_than_the_first_limit(texts, called):
    floor = TextFloor(first=1)
    for _ in range(texts):
        floor.write()
    assert bool(floor.start([lead(1)])) is called


def test_c3_whoever_is_on_the_phone_keeps_its_text_and_is_given_more_up_to_the_first_limit():
    floor = TextFloor(first=2, second=4)
    before = floor.write()
    talk(floor)
    beside, too_much = floor.write(), floor.write()
    assert states([before, beside, too_much]) == [TaskState.WORKING, TaskState.WORKING, TaskState.WAITING]
    assert floor.agents[0].state is AgentState.TALKING


def test_c4_whoever_is_not_on_the_phone_is_given_text_up_to_the_second_limit():
    floor = TextFloor(first=1, second=3)
    texts = [floor.write() for _ in range(4)]
    assert states(texts) == [TaskState.WORKING] * 3 + [TaskState.WAITING]


def test_c5_volume_is_counted_by_weight():
    floor = TextFloor(second=4)
    heavy, light, waits = floor.write(weight=3), floor.write(weight=1), floor.write(weight=1)
    assert states([heavy, light, waits]) == [TaskState.WORKING, TaskState.WORKING, TaskState.WAITING]
    assert floor.agents[0].volume == 4


def test_c5_the_limits_are_the_agents_else_the_teams_else_the_workspaces():
    floor = TextFloor(agents=3, second=1)
    own, team, shared = floor.agents
    teams = {"night": Limits(first=0, second=2)}
    floor.tell(
        LimitsDefined(at=floor.at, limits=SharedLimits(workspace=Limits(first=0, second=1), teams=teams))
    )
    floor.profile(own, limits=Limits(first=0, second=3), teams=("night",))
    floor.profile(team, teams=("night",))
    for _ in range(7):
        floor.write()
    assert [agent.volume for agent in (own, team, shared)] == [3, 2, 1]


def test_c5_a_limit_that_is_raised_lets_what_waits_in():
    floor = TextFloor(first=0, second=1)
    _, waits = floor.write(), floor.write()
    floor.profile(floor.agents[0], limits=Limits(first=0, second=2))
    assert waits.state is TaskState.WORKING


def test_c5_a_limit_that_is_lowered_takes_nothing_away():
    floor = TextFloor(second=2)
    texts = [floor.write(), floor.write()]
    floor.profile(floor.agents[0], limits=Limits(first=0, second=1))
    assert states(texts) == [TaskState.WORKING] * 2
    floor.ask(EndTask(task_id=texts[0].task_id, agent_id=ONE))
    assert floor.write().state is TaskState.WAITING


def test_c6_calls_and_text_share_one_order():
    floor = TextFloor(first=0, second=1, settings=campaign(mode=PacingMode.RATIO, ratio=3.0, priority_s=0))
    calls = floor.start([lead(1), lead(2)])
    floor.only(Bridge, floor.answer(calls[0]))
    text = floor.write()
    floor.at += 1
    floor.answer(calls[1])
    floor.tell(LegEnded(at=floor.at, leg_id=calls[0].leg_id, cause=EndCause.CLEARED))
    floor.ask(MakeReady(agent_id=ONE))
    assert text.state is TaskState.WORKING, "the text came first"
    assert floor.engine.workspace.calls[calls[1].call_id].state is CallState.ANSWERED
    floor.ask(EndTask(task_id=text.task_id, agent_id=ONE))
    assert floor.engine.workspace.calls[calls[1].call_id].state is CallState.CONNECTING


def test_c6_nobody_is_dialed_for_an_agent_who_writes_too_much():
    floor = TextFloor(first=0, second=2)
    text = floor.write()
    assert not floor.start([lead(1)])
    floor.ask(EndTask(task_id=text.task_id, agent_id=ONE))
    assert floor.load([])


def test_w1_a_task_has_attributes_which_may_change():
    floor = TextFloor(agents=0)
    task = floor.write(source="chat", case=4711, vip=True, score=0.5)
    floor.ask(ChangeTask(task_id=task.task_id, attributes={"source": "", "topic": "billing"}))
    assert task.attributes == {"case": 4711, "vip": True, "score": 0.5, "topic": "billing"}


@pytest.mark.parametrize("name", ["agent.x", "Name", "x y", "", "1st", "true", "__import__('os')"])
def test_w1_an_attribute_has_a_name_that_can_be_nothing_else(name):
    with pytest.raises(ValueError, match=r"is no name for it|is a word of"):
        AddTask(queue=CHAT, attributes={name: "x"})


def test_w4_a_declined_task_is_offered_again_until_somebody_takes_it():
    floor = TextFloor(agents=3, accept=Accept.ASK)
    task, asked = floor.write(), []
    for _ in range(2):
        asked.append(task.agent_id)
        floor.ask(DeclineTask(task_id=task.task_id, agent_id=task.agent_id))
    floor.accept(task)
    assert sorted([*asked, task.agent_id]) == [1, 2, 3]
    assert task.state is TaskState.WORKING


def test_w4_a_task_that_nobody_accepts_in_time_is_offered_to_everybody_in_turn():
    floor = TextFloor(agents=3, accept=Accept.ASK, offer_s=10)
    task, asked = floor.write(), []
    for _ in range(3):
        asked.append(task.agent_id)
        floor.pass_time(10)
    assert sorted(asked) == [1, 2, 3]


def test_w5_an_agent_hands_a_task_on_and_the_other_records_its_result():
    floor = TextFloor(agents=2)
    task = floor.write(topic="contract")
    first, second = task.agent_id, 3 - task.agent_id
    floor.ask(TransferTask(task_id=task.task_id, agent_id=first, to_agent=second))
    assert (task.agent_id, task.attributes) == (second, {"topic": "contract"})
    floor.at += 30
    ended = floor.only(
        TaskEnded, floor.ask(EndTask(task_id=task.task_id, agent_id=second, result="extended"))
    )
    assert (ended.agent_id, ended.result, ended.at - ended.worked_since) == (second, "extended", 30)


def test_p2_a_busy_agent_is_given_nothing():
    floor = TextFloor(agents=2)
    floor.ask(PauseAgent(agent_id=ONE, reason="lunch"))
    assert {floor.write().agent_id for _ in range(4)} == {2}


def test_p3_the_serving_mark_counts_customers_of_every_channel():
    floor = TextFloor(first=2)
    joined, text = talk(floor), floor.write()
    assert floor.all(AgentChanged)[-1].serving == 2
    floor.ask(EndTask(task_id=text.task_id, agent_id=ONE))
    assert floor.all(AgentChanged)[-1].serving == 1
    floor.tell(LegEnded(at=floor.at, leg_id=joined.customer_leg, cause=EndCause.CLEARED))
    assert floor.all(AgentChanged)[-1].serving == 0


def test_p4_whoever_was_given_text_stands_behind_the_others():
    floor = TextFloor(agents=3)
    floor.at += 1
    assert [floor.write().agent_id for _ in range(3)] == [1, 2, 3]


WORK_S = 60.0


def test_x8_a_backlog_of_text_starves_no_call():
    """A call that waits is behind the text that came before it, and before all that comes later.

    The bound: with n text sessions before it, each worked on for s seconds by an agent who carries one, it waits n * s at most.
    """
    floor = TextFloor(first=0, second=1, settings=campaign(connect_within_s=10_000.0))
    (call,) = floor.start([lead(1)])
    before = [floor.write() for _ in range(5)]
    answered_at = floor.at = floor.at + 1
    floor.answer(call)
    while floor.engine.workspace.calls[call.call_id].state is CallState.ANSWERED:
        working = [task for task in floor.tasks.values() if task.state is TaskState.WORKING]
        floor.at += WORK_S
        for _ in range(3):  # three come for each that is done
            floor.write()
        floor.ask(EndTask(task_id=working[0].task_id, agent_id=ONE))
    assert floor.at - answered_at <= len(before) * WORK_S


def test_x8_calls_starve_no_text():
    """A text session waits for the calls that came before it, and for none that comes later: one talk here."""
    floor = TextFloor(
        first=0,
        second=1,
        settings=campaign(
            mode=PacingMode.RATIO, ratio=8.0, connect_within_s=10_000.0, wrap_up_s=0, priority_s=0
        ),
    )
    calls = floor.start([lead(number) for number in range(1, 9)])
    floor.answer(calls[0])
    text = floor.write()
    written_at = floor.at
    for call in calls[1:]:
        floor.at += 1
        floor.answer(call)
    joined = floor.all(Bridge)[-1]
    floor.tell(LegsBridged(at=floor.at, customer_leg=joined.customer_leg, agent_leg=joined.agent_leg))
    floor.at = written_at + WORK_S
    floor.tell(LegEnded(at=floor.at, leg_id=joined.customer_leg, cause=EndCause.CLEARED))
    assert text.state is TaskState.WORKING
    assert floor.at - written_at <= WORK_S


def test_x8_heavy_text_is_not_starved_by_light_text():
    """Whoever could take it, once what is in hand has ended, takes nothing that came later meanwhile."""
    floor = TextFloor(second=3)
    in_hand = [floor.write() for _ in range(3)]
    heavy = floor.write(weight=3)
    for task in in_hand:
        floor.at += WORK_S
        floor.write()
        floor.ask(EndTask(task_id=task.task_id, agent_id=ONE))
    assert heavy.state is TaskState.WORKING


def test_one_queue_does_not_starve_another():
    floor = TextFloor(second=1)
    floor.write(queue=CHAT)
    other = floor.write(queue=DESK)
    later = [floor.write(queue=CHAT) for _ in range(5)]
    (in_hand,) = floor.agents[0].tasks
    floor.ask(EndTask(task_id=in_hand, agent_id=ONE))
    assert other.state is TaskState.WORKING
    assert states(later) == [TaskState.WAITING] * 5
