"""One step of the engine: the workspace, the time, and the commands so far."""

from dialer.core.allocation.agent_sets import AgentSets
from dialer.core.allocation.allocator import Allocator
from dialer.core.commands import AnyCommand, HangUp, StartTimer
from dialer.core.ids import AgentId, AttemptId, LegId, TimerId
from dialer.core.pacing.forecast.table_cache import TableCache
from dialer.core.records import JournalEntry
from dialer.core.rules.compliance import CallingWindows
from dialer.core.workspace import Workspace


class Step:
    """What every part of the engine is handed: state to change, time to go by, a place for commands."""

    __slots__ = ("allocator", "at", "out", "sets", "tables", "windows", "workspace")

    allocator: Allocator
    """Follows from the workspace, as `sets` do: `allocation.index` builds both and tells them of every change."""
    sets: AgentSets

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.windows = CallingWindows()
        self.tables = TableCache()
        self.at = 0.0
        self.out: list[AnyCommand] = []

    def emit(self, command: AnyCommand) -> None:
        """Have the world do or record something."""
        self.out.append(command)

    def new_id(self) -> str:
        """Return an id that no run ever used."""
        self.workspace.counter += 1
        return f"{self.workspace.instance}-{self.workspace.counter}"

    def journal(
        self,
        kind: str,
        detail: str = "",
        *,
        attempt_id: AttemptId | None = None,
        leg_id: LegId | None = None,
        agent_id: AgentId | None = None,
    ) -> None:
        """Put one line on record."""
        self.out.append(
            JournalEntry(
                at=self.at, kind=kind, detail=detail, attempt_id=attempt_id, leg_id=leg_id, agent_id=agent_id
            )
        )

    def anomaly(
        self, detail: str, *, leg_id: LegId | None = None, attempt_id: AttemptId | None = None
    ) -> None:
        """Put on record that something was not as it should be."""
        self.journal("anomaly", detail, leg_id=leg_id, attempt_id=attempt_id)

    def hang_up(self, leg_id: LegId) -> None:
        """Have a leg ended."""
        self.out.append(HangUp(leg_id=leg_id))

    def start_timer(self, timer_id: str, due_at: float) -> None:
        """Start a timer, or start it anew; an earlier one of the same name is void."""
        workspace = self.workspace
        workspace.counter += 1
        workspace.timers[TimerId(timer_id)] = workspace.counter
        self.out.append(
            StartTimer(timer_id=TimerId(timer_id), generation=workspace.counter, due_at=max(due_at, self.at))
        )

    def stop_timer(self, timer_id: str) -> None:
        """Make a timer void."""
        self.workspace.timers.pop(TimerId(timer_id), None)
