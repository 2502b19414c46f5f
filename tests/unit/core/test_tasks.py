"""Text sessions as tasks: how they come to agents, and that none is lost."""

import pytest

from dialer.core.allocation import in_hand, offers
from dialer.core.allocation.capacity import Channel
from dialer.core.commands import CallAgent
from dialer.core.events import AgentDefined, TaskLeftOpen
from dialer.core.ids import AgentId, TaskId
from dialer.core.presence_states import LAPSED, PausedBy
from dialer.core.records import AgentChanged, JournalEntry, RequestAnswered, TaskAdded, TaskChanged, TaskEnded
from dialer.core.requests import (
    AcceptTask,
    AddTask,
    CancelTask,
    ChangeTask,
    DeclineTask,
    EndTask,
    LogIn,
    LogOut,
    MakeReady,
    PauseAgent,
    TransferTask,
)
from dialer.core.settings import Accept
from dialer.core.states import AgentState, EndCause
from dialer.core.switch_events import LegAnswered, LegEnded
from dialer.core.task_states import TaskState
from dialer.core.workspace import Pause
from tests.unit.core.text_floor import CHAT, DESK, TextFloor


def place(task):
    """Return where a task is."""
    return task.state, task.agent_id


def test_a_task_is_on_record_before_whoever_brought_it_is_told():
    floor = TextFloor(agents=0)
    commands = floor.ask(AddTask(queue=CHAT, attributes={"topic": "billing"}))
    kinds = [type(command) for command in commands]
    assert kinds.index(TaskAdded) < kinds.index(RequestAnswered)
    (task,) = floor.tasks.values()
    assert floor.only(RequestAnswered, commands).text == f"{task.task_id} is taken in"
    assert floor.only(TaskAdded).attributes == {"topic": "billing"}


def test_text_goes_to_an_agent_at_once_where_the_queue_does_not_ask():
    floor = TextFloor()
    task = floor.write()
    assert place(task) == (TaskState.WORKING, 1)
    assert floor.agents[0].tasks == [task.task_id]
    assert floor.only(TaskChanged).state is TaskState.WORKING


def test_an_offer_holds_its_volume_at_once():
    floor = TextFloor(accept=Accept.ASK, second=2)
    first, second, third = floor.write(), floor.write(), floor.write()
    assert [place(task) for task in (first, second, third)] == [
        (TaskState.OFFERED, 1),
        (TaskState.OFFERED, 1),
        (TaskState.WAITING, None),
    ]
    assert floor.agents[0].volume == 2


def test_a_declined_task_goes_to_the_next_agent_and_comes_back_after_a_rest():
    floor = TextFloor(agents=2, accept=Accept.ASK)
    task = floor.write()
    asked = []
    for _ in range(2):
        asked.append(task.agent_id)
        floor.ask(DeclineTask(task_id=task.task_id, agent_id=task.agent_id, reason="no French"))
    assert sorted(asked) == [1, 2]
    assert place(task) == (TaskState.WAITING, None)
    floor.pass_time(offers.REST_S)
    assert task.state is TaskState.OFFERED
    said = [entry.detail for entry in floor.all(JournalEntry) if entry.kind == "task_decline"]
    assert said == [f"{task.task_id} no French"] * 2


def test_an_offer_that_lapses_goes_to_the_next_agent():
    floor = TextFloor(agents=2, accept=Accept.ASK, offer_s=10)
    task = floor.write()
    first = task.agent_id
    floor.pass_time(10)
    assert task.state is TaskState.OFFERED
    assert task.agent_id != first


def test_whoever_lets_offers_lapse_is_paused_with_that_reason():
    floor = TextFloor(accept=Accept.ASK, offer_s=10)
    (agent,) = floor.agents
    for _ in range(offers.LAPSES):
        assert agent.state is AgentState.READY
        floor.write()
        floor.pass_time(10)
    assert (agent.state, agent.reason) == (AgentState.PAUSED, LAPSED)
    assert agent.volume == 0
    assert all(task.state is TaskState.WAITING for task in floor.tasks.values())


def test_whoever_accepts_in_between_is_not_paused():
    floor = TextFloor(accept=Accept.ASK, offer_s=10)
    for _ in range(offers.LAPSES):
        floor.write()
        floor.pass_time(10)
        floor.accept(floor.write())
    assert floor.agents[0].state is AgentState.READY


def test_whoever_is_on_the_phone_is_paused_after_the_call():
    floor = TextFloor(accept=Accept.ASK, offer_s=10)
    (agent,) = floor.agents
    agent.lapses = offers.LAPSES - 1
    floor.write()
    agent.state = AgentState.TALKING
    floor.pass_time(10)
    assert (agent.state, agent.pause_next) == (AgentState.TALKING, Pause(LAPSED, PausedBy.SYSTEM))


@pytest.mark.parametrize("accepted", [False, True])
def test_a_customer_who_leaves_ends_the_offer_and_the_work_at_once(accepted):
    floor = TextFloor(accept=Accept.ASK)
    task = floor.write()
    if accepted:
        floor.accept(task)
    floor.pass_time(5)
    commands = floor.ask(CancelTask(task_id=task.task_id, reason="closed the page"))
    ended = floor.only(TaskEnded, commands)
    assert (ended.by, ended.agent_id, ended.worked_since is not None) == ("cancel", 1, accepted)
    assert "task_cancelled" in [entry.kind for entry in floor.all(JournalEntry, commands)]
    assert floor.agents[0].volume == 0
    assert not floor.tasks
    floor.pass_time(100)
    assert floor.agents[0].lapses == 0


def test_a_task_that_waits_is_offered_as_soon_as_somebody_is_able():
    floor = TextFloor(second=1)
    first, second = floor.write(), floor.write()
    assert place(second) == (TaskState.WAITING, None)
    floor.ask(EndTask(task_id=first.task_id, agent_id=AgentId(1), result="solved"))
    assert place(second) == (TaskState.WORKING, 1)
    assert floor.only(TaskEnded).result == "solved"


def test_whoever_pauses_keeps_the_work_and_gets_nothing_new():
    floor = TextFloor(accept=Accept.ASK)
    kept, offered = floor.write(), floor.write()
    floor.accept(kept)
    floor.ask(PauseAgent(agent_id=AgentId(1), reason="lunch"))
    later = floor.write()
    assert [task.state for task in (kept, offered, later)] == [
        TaskState.WORKING,
        TaskState.WAITING,
        TaskState.WAITING,
    ]
    floor.ask(MakeReady(agent_id=AgentId(1)))
    assert [task.state for task in (offered, later)] == [TaskState.OFFERED] * 2


def test_the_work_of_whoever_logs_out_waits_again_at_its_old_place():
    floor = TextFloor(second=1)
    first = floor.write()
    floor.pass_time(60)
    second = floor.write()
    floor.ask(LogOut(agent_id=AgentId(1)))
    assert [place(task) for task in (first, second)] == [(TaskState.WAITING, None)] * 2
    floor.log_in(1)
    assert [task.state for task in (first, second)] == [TaskState.WORKING, TaskState.WAITING]


def test_the_work_of_a_lost_phone_waits_for_it_and_then_again_for_anybody():
    floor = TextFloor()
    task = floor.write()
    (agent,) = floor.agents
    floor.tell(LegEnded(at=floor.at, leg_id=agent.leg_id, cause=EndCause.CLEARED))
    assert place(task) == (TaskState.WORKING, 1)
    floor.pass_time(in_hand.BACK_WITHIN_S)
    assert place(task) == (TaskState.WAITING, None)


def test_whoever_logs_in_again_in_time_keeps_the_work():
    floor = TextFloor()
    task = floor.write()
    (agent,) = floor.agents
    floor.tell(LegEnded(at=floor.at, leg_id=agent.leg_id, cause=EndCause.CLEARED))
    called = floor.only(CallAgent, floor.ask(LogIn(agent_id=AgentId(1), ready=True)))
    floor.tell(LegAnswered(at=floor.at, leg_id=called.leg_id))
    floor.pass_time(in_hand.BACK_WITHIN_S)
    assert place(task) == (TaskState.WORKING, 1)


def test_a_task_handed_on_to_a_queue_keeps_its_age_and_goes_to_somebody_else():
    floor = TextFloor(agents=2)
    task = floor.write()
    starter, arrived = task.agent_id, task.ranked_at
    floor.pass_time(30)
    floor.ask(TransferTask(task_id=task.task_id, agent_id=starter, to_queue=DESK, reason="an operation"))
    assert (task.queue, task.ranked_at, task.state) == (DESK, arrived, TaskState.WORKING)
    assert task.agent_id not in (None, starter)


def test_a_task_handed_on_to_an_agent_who_declines_comes_back():
    floor = TextFloor(agents=2, accept=Accept.ASK)
    task = floor.write()
    floor.accept(task)
    starter, other = task.agent_id, 3 - task.agent_id
    assert floor.try_to(TransferTask(task_id=task.task_id, agent_id=starter, to_agent=other))[0]
    assert place(task) == (TaskState.OFFERED, other)
    floor.ask(DeclineTask(task_id=task.task_id, agent_id=other))
    assert place(task) == (TaskState.WORKING, starter)
    assert [agent.volume for agent in floor.agents] == [starter == 1, starter == 2]


def test_a_task_handed_on_that_fits_its_starter_no_more_waits():
    floor = TextFloor(agents=2, accept=Accept.ASK, second=1)
    task = floor.write()
    floor.accept(task)
    starter, other = task.agent_id, 3 - task.agent_id
    floor.ask(TransferTask(task_id=task.task_id, agent_id=starter, to_agent=other))
    newer = floor.write()
    assert place(newer) == (TaskState.OFFERED, starter)
    floor.ask(DeclineTask(task_id=task.task_id, agent_id=other))
    assert place(task) == (TaskState.WAITING, None)


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        pytest.param(PauseAgent(agent_id=AgentId(2), reason="lunch"), "is paused", id="paused"),
        pytest.param(LogOut(agent_id=AgentId(2)), "is logged out", id="logged-out"),
    ],
)
def test_nothing_is_handed_on_to_whoever_cannot_take_it(prepare, why):
    floor = TextFloor(agents=2)
    floor.ask(PauseAgent(agent_id=AgentId(2), reason="lunch"))
    task = floor.write()
    floor.ask(prepare)
    done, text = floor.try_to(TransferTask(task_id=task.task_id, agent_id=AgentId(1), to_agent=AgentId(2)))
    assert not done
    assert why in text
    assert place(task) == (TaskState.WORKING, 1)


def test_nothing_is_handed_on_to_whoever_is_full():
    floor = TextFloor(agents=2, second=1)
    task, _ = floor.write(), floor.write()
    done, text = floor.try_to(
        TransferTask(task_id=task.task_id, agent_id=task.agent_id, to_agent=3 - task.agent_id)
    )
    assert not done
    assert "is full" in text


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        pytest.param(AddTask(queue="nowhere"), "there is no queue", id="unknown-queue"),
        pytest.param(AddTask(queue=CHAT, channel=Channel.VIDEO), "comes with its call", id="video"),
        pytest.param(CancelTask(task_id=TaskId("x-1")), "there is no task", id="unknown-task"),
        pytest.param(AcceptTask(task_id=TaskId("x-1"), agent_id=1), "there is no task", id="accept-unknown"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(request_, why):
    done, text = TextFloor().try_to(request_)
    assert not done
    assert why in text


def test_an_agent_has_no_say_in_the_tasks_of_others():
    floor = TextFloor(agents=2, accept=Accept.ASK)
    task = floor.write()
    other = 3 - task.agent_id
    for request in (
        AcceptTask(task_id=task.task_id, agent_id=other),
        DeclineTask(task_id=task.task_id, agent_id=other),
        EndTask(task_id=task.task_id, agent_id=other),
        TransferTask(task_id=task.task_id, agent_id=other, to_queue=DESK),
    ):
        done, text = floor.try_to(request)
        assert not done
        assert "not with this agent" in text
    assert task.state is TaskState.OFFERED


def test_what_is_offered_cannot_be_ended_or_handed_on_before_it_is_accepted():
    floor = TextFloor(agents=2, accept=Accept.ASK)
    task = floor.write()
    for request in (
        EndTask(task_id=task.task_id, agent_id=task.agent_id),
        TransferTask(task_id=task.task_id, agent_id=task.agent_id, to_queue=DESK),
        TransferTask(task_id=task.task_id, agent_id=task.agent_id, to_agent=3 - task.agent_id),
    ):
        agent_id, volumes = task.agent_id, [agent.volume for agent in floor.agents]
        assert not floor.try_to(request)[0]
        assert place(task) == (TaskState.OFFERED, agent_id)
        assert [agent.volume for agent in floor.agents] == volumes


def test_accepting_twice_is_no_mistake():
    floor = TextFloor(accept=Accept.ASK)
    task = floor.write()
    floor.accept(task)
    assert floor.try_to(AcceptTask(task_id=task.task_id, agent_id=AgentId(1)))[0]


def test_attributes_are_set_and_taken_away():
    floor = TextFloor(agents=0)
    task = floor.write(topic="billing", lang="de")
    floor.ask(ChangeTask(task_id=task.task_id, attributes={"topic": "", "urgent": True}))
    assert task.attributes == {"lang": "de", "urgent": True}
    assert floor.all(TaskChanged)[-1].attributes == task.attributes


def left_open(floor, number, **changes):
    """Tell of a task of an earlier run."""
    facts = {"channel": Channel.TEXT, "weight": 1, "queue": CHAT, "attributes": {}} | changes
    came = floor.at - 100 + number
    event = TaskLeftOpen(
        at=floor.at, task_id=TaskId(f"old-{number}"), arrived_at=came, ranked_at=came, **facts
    )
    floor.tell(event)
    return floor.tasks[event.task_id]


def test_tasks_of_an_earlier_run_wait_as_they_did():
    floor = TextFloor(agents=0)
    newer = floor.write()
    first, second = left_open(floor, 1), left_open(floor, 2)
    order = floor.engine.allocator.waiting
    assert order == [first.task_id, second.task_id, newer.task_id]


def test_whoever_worked_on_a_task_of_an_earlier_run_has_a_while_to_come_back():
    floor = TextFloor(agents=0)
    for agent_id in (1, 2):
        floor.tell(AgentDefined(at=floor.at, agent_id=AgentId(agent_id)))
    comes, stays_away = left_open(floor, 1, agent_id=AgentId(1)), left_open(floor, 2, agent_id=AgentId(2))
    called = floor.only(CallAgent, floor.ask(LogIn(agent_id=AgentId(1))))
    floor.tell(LegAnswered(at=floor.at, leg_id=called.leg_id))
    floor.pass_time(in_hand.BACK_AFTER_RESTART_S)
    assert place(comes) == (TaskState.WORKING, 1)
    assert place(stays_away) == (TaskState.WAITING, None)


def test_a_task_whose_agent_is_no_more_waits():
    floor = TextFloor(agents=0)
    assert place(left_open(floor, 1, agent_id=AgentId(7))) == (TaskState.WAITING, None)


def test_a_queue_that_is_no_more_loses_no_task():
    floor = TextFloor(agents=0)
    task = left_open(floor, 1, queue="gone")
    floor.agents = floor.log_in(1)
    assert place(task) == (TaskState.WORKING, 1)


def test_an_agent_who_serves_text_has_the_serving_mark_and_its_volume_is_on_record():
    floor = TextFloor(accept=Accept.ASK)
    task = floor.write(weight=2)
    offered = floor.all(AgentChanged)[-1]
    floor.accept(task)
    accepted = floor.all(AgentChanged)[-1]
    floor.ask(EndTask(task_id=task.task_id, agent_id=AgentId(1)))
    ended = floor.all(AgentChanged)[-1]
    seen = [(said.serving, said.volume, said.served, said.begins) for said in (offered, accepted, ended)]
    assert seen == [(0, 2, 0, False), (1, 2, 1, False), (0, 0, 1, False)]
