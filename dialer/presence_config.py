"""What the configuration says of agents' clients: which of their states make busy."""

from typing import Annotated

import msgspec

from dialer.core.presence_states import ClientState
from dialer.core.settings import ClientRule


class ClientConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A state of an agent's client that makes the agent busy."""

    pause: Annotated[str, msgspec.Meta(min_length=1)]
    """The code of the pause; one of `[pauses]`, if there are any."""
    after_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """Seconds that the client has to stay so."""
    ready_again: bool = True
    """Whether the client's return ends the pause, if the client made it."""


class PresenceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What makes agents busy beside themselves; a state that is left out makes nobody busy."""

    idle: ClientConfig | None = None
    """No key and no mouse, for as long as the client thinks fit."""
    locked: ClientConfig | None = None
    """The screen is locked."""
    gone: ClientConfig | None = None
    """The client was closed, or lost its connection."""

    def __post_init__(self) -> None:
        again: dict[str, bool] = {}
        for rule in self.rules():
            if again.setdefault(rule.pause, rule.ready_again) != rule.ready_again:
                raise ValueError(
                    f"two states pause with {rule.pause!r}, and one of them alone has ready_again: "
                    "give them pauses of their own, or the same ready_again"
                )

    def rules(self) -> tuple[ClientRule, ...]:
        """Return what the engine must know."""
        found = ((state, getattr(self, state.value, None)) for state in ClientState)
        return tuple(
            ClientRule(client=state, pause=rule.pause, after_s=rule.after_s, ready_again=rule.ready_again)
            for state, rule in found
            if rule is not None
        )
