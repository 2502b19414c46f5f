"""`kill -9` of a run while an agent works on text and more of it waits: none is lost, and each keeps its place."""

from dialer.core.allocation.capacity import Channel
from dialer.core.records import TaskAdded
from dialer.core.requests import CancelTask, EndTask
from dialer.core.states import AgentState
from dialer.live.clock import Clock
from dialer.storage import agents, tasks
from tests.floor import real_floor, wait_until


def write(floor, number, weight):
    """Keep a session as an earlier run would have left it."""
    record = TaskAdded(
        at=Clock().now(),
        task_id=f"old-{number}",
        number=number,
        channel=Channel.TEXT,
        weight=weight,
        queue="chat",
        attributes={"topic": "billing"},
        ranked_at=Clock().now(),
    )
    with floor.database.write() as connection:
        tasks.add(connection, floor.workspace_id, [record])


def states(floor):
    """Return what the sessions are that are not over, in the order in which they came."""
    with floor.database.read() as connection:
        return [(row.task_id, str(row.state)) for row in tasks.every(connection, floor.workspace_id)]


def test_text_outlives_a_killed_run_with_its_agent_or_at_its_place(tmp_path, database_url):
    with real_floor(tmp_path, leads=1, agent_count=1, url=database_url) as floor:
        for number, weight in ((1, 4), (2, 3), (3, 1)):
            write(floor, number, weight)
        floor.start_run()
        floor.log_everybody_in()
        before = [("old-1", "working"), ("old-2", "waiting"), ("old-3", "waiting")]
        wait_until(lambda: states(floor) == before, 60, "the first session to be given")

        floor.kill_run()
        floor.start_run()
        wait_until(lambda: floor.states() == [AgentState.READY], 120, "the agent to be back")
        assert states(floor) == before

        with floor.database.read() as connection:
            (agent,) = agents.every(connection, floor.workspace_id)
        floor.ask(EndTask(task_id="old-1", agent_id=agent.agent_id, result="solved"))
        both = [("old-2", "working"), ("old-3", "working")]
        wait_until(lambda: states(floor) == both, 60, "the others to be given")
        floor.ask(CancelTask(task_id="old-2", reason="left"))
        assert states(floor) == [("old-3", "working")]
        assert floor.stop_run() == 0
        assert states(floor) == [("old-3", "waiting")]
        with floor.database.read() as connection:
            row = tasks.find(connection, floor.workspace_id, "old-1")
        assert (row.result, row.agent, row.ended_by) == ("solved", agent.name, "end")
