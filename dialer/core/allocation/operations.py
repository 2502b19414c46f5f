"""Operations: matters that only agents on site do. A task that names one is never a remote agent's, whatever its workflow says."""

from collections.abc import Mapping

import msgspec

from dialer.core.allocation.profile import AgentKind, Profile
from dialer.core.allocation.workflow import WorkflowStep
from dialer.errors import RuleError

OPERATION = "operation"
"""The attribute of a task that names its operation, and the skill for it."""


def on_site(at: WorkflowStep, facts: Mapping[str, object]) -> WorkflowStep:
    """Return a step as it is for a task: of an operation, without remote agents."""
    return msgspec.structs.replace(at, unless_kind=AgentKind.REMOTE) if facts.get(OPERATION) else at


def check(profile: Profile, facts: Mapping[str, object]) -> None:
    """Make sure that an agent who is named may have a task.

    Raises:
        RuleError: If the agent is a remote one and the task an operation.
    """
    if profile.kind is AgentKind.REMOTE and facts.get(OPERATION):
        raise RuleError(f"that agent is remote, and {facts[OPERATION]!r} an operation: choose one on site")
