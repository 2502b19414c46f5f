"""`kill -9` of a run while an agent works on text and more of it waits: none is lost, and each keeps its place."""

from dialer.core.requests import AddTask, CancelTask, EndTask
from dialer.core.states import AgentState
from dialer.storage import agents, tasks
from tests.floor import real_floor, wait_until


def write(floor, weight):
    """Let a customer write; return the session's id, which is acknowledged."""
    return floor.ask(AddTask(queue="chat", weight=weight, attributes={"topic": "billing"})).split()[0]


def states(floor):
    """Return what the sessions are that are not over, in the order in which they came."""
    with floor.database.read() as connection:
        return [(row.task_id, str(row.state)) for row in tasks.every(connection, floor.workspace_id)]


def test_text_outlives_a_killed_run_with_its_agent_or_at_its_place(tmp_path, database_url):
    with real_floor(tmp_path, leads=1, agent_count=1, url=database_url) as floor:
        floor.config.write_text(floor.config.read_text() + '[queues.chat]\nchannel = "text"\n')
        floor.start_run()
        floor.log_everybody_in()
        first = write(floor, 4)
        wait_until(lambda: states(floor) == [(first, "working")], 60, "the first session to be given")
        second, third = write(floor, 3), write(floor, 1)
        floor.kill_run()
        before = [(first, "working"), (second, "waiting"), (third, "waiting")]
        assert states(floor) == before, "who was told that a session is taken in can rely on it"

        floor.start_run()
        wait_until(lambda: floor.states() == [AgentState.READY], 120, "the agent to be back")
        assert states(floor) == before

        with floor.database.read() as connection:
            (agent,) = agents.every(connection, floor.workspace_id)
        floor.ask(EndTask(task_id=first, agent_id=agent.agent_id, result="solved"))
        both = [(second, "working"), (third, "working")]
        wait_until(lambda: states(floor) == both, 60, "the others to be given")
        floor.ask(CancelTask(task_id=second, reason="left"))
        assert states(floor) == [(third, "working")]
        assert floor.stop_run() == 0
        assert states(floor) == [(third, "waiting")]
        with floor.database.read() as connection:
            row = tasks.find(connection, floor.workspace_id, first)
        assert (row.result, row.agent, row.ended_by) == ("solved", agent.name, "end")
