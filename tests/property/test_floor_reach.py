"""That the machine of the floor's laws gets where the laws are at stake: calls and text at one agent, in every state."""

from hypothesis.stateful import invariant

from dialer.core.records import JournalEntry, TaskEnded
from dialer.core.states import AgentState
from dialer.core.task_states import TaskMove, TaskState
from tests.property.reaching import reached
from tests.property.test_floor import Floor

WANTED = {
    TaskState.WAITING,
    (TaskState.WORKING, AgentState.READY),
    (TaskState.WORKING, AgentState.TALKING),
    (TaskState.WORKING, AgentState.WRAP_UP),
    (TaskState.WORKING, AgentState.PAUSED),
    (TaskState.OFFERED, AgentState.READY),
    (TaskState.OFFERED, AgentState.TALKING),
    "an agent keeps free",
    TaskMove.END,
    TaskMove.CANCEL,
    "task_decline",
    "task_lapse",
    "task_withdraw",
    "task_hand_on",
}


def watched(seen):
    """Return the machine, which notes what it reaches."""

    class Watched(Floor):
        @invariant()
        def note(self):
            workspace = self.script.engine.workspace
            for agent in workspace.agents.values():
                if agent.tasks:
                    seen.add((TaskState.WORKING, agent.state))
                if agent.offers:
                    seen.add((TaskState.OFFERED, agent.state))
                if self.claim(agent) is not None:
                    seen.add("an agent keeps free")
            seen.update(task.state for task in self.texts(*TaskState))

        def teardown(self):
            seen.update(record.by for record in self.script.all(TaskEnded))
            told = (entry.kind for entry in self.script.all(JournalEntry))
            seen.update(kind for kind in told if kind.startswith("task_"))

    return Watched


def test_the_machine_reaches_calls_and_text_at_one_agent_and_every_fate_of_a_task():
    assert reached(watched, WANTED, examples=30, steps=50) >= WANTED
