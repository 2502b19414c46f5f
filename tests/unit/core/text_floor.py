"""A floor with queues whose customers write, for tests about tasks."""

from dialer.core.allocation.capacity import Limits
from dialer.core.allocation.profile import SharedLimits
from dialer.core.business import Queue
from dialer.core.commands import StartTimer
from dialer.core.events import AgentProfiled, LimitsDefined, TimerFired
from dialer.core.ids import QueueName
from dialer.core.records import RequestAnswered
from dialer.core.requests import AcceptTask, AddTask
from dialer.core.settings import Accept, QueueSettings
from dialer.testing import Script

CHAT, DESK = QueueName("chat"), QueueName("desk")


class TextFloor(Script):
    """Agents, and two queues whose settings are alike."""

    def __init__(self, agents=1, *, accept=Accept.AUTO, first=1, second=4, offer_s=20.0, settings=None):
        super().__init__(settings)
        for name in (CHAT, DESK):
            queue = QueueSettings(name=name, accept=accept, offer_s=offer_s)
            self.engine.workspace.queues[name] = Queue(settings=queue)
        limits = SharedLimits(workspace=Limits(first=first, second=second))
        self.tell(LimitsDefined(at=self.at, limits=limits))
        self.agents = self.log_in(agents) if agents else []

    @property
    def tasks(self):
        """Return the tasks there are, by id."""
        return self.engine.workspace.tasks

    def profile(self, agent, **changes):
        """Let an agent be somebody else from now on."""
        import msgspec

        profile = msgspec.structs.replace(agent.profile, **changes)
        self.tell(AgentProfiled(at=self.at, agent_id=agent.agent_id, profile=profile))

    def write(self, *, queue=CHAT, weight=1, **attributes):
        """Let a customer write; return the task."""
        before = set(self.tasks)
        self.ask(AddTask(queue=queue, weight=weight, attributes=attributes))
        (task_id,) = self.tasks.keys() - before
        return self.tasks[task_id]

    def try_to(self, request):
        """Hand a request to the engine; return whether it was carried out, and what was said."""
        answer = self.only(RequestAnswered, self.ask(request))
        return answer.done, answer.text

    def accept(self, task):
        """Let the agent who is asked accept."""
        self.ask(AcceptTask(task_id=task.task_id, agent_id=task.agent_id))

    def pass_time(self, seconds):
        """Let timers fire that are due within so many seconds, in order."""
        until = self.at + seconds
        while True:
            running = self.engine.workspace.timers
            due = [
                timer
                for timer in self.all(StartTimer)
                if running.get(timer.timer_id) == timer.generation and timer.due_at <= until
            ]
            if not due:
                break
            first = min(due, key=lambda timer: timer.due_at)
            at = max(self.at, first.due_at)
            self.tell(TimerFired(at=at, timer_id=first.timer_id, generation=first.generation))
        self.at = until
