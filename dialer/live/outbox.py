"""Calls that wait for their row: released once it is recorded, withdrawn if it is not.

So no INVITE ever precedes its row, and a call that is hung up before it left never leaves.
"""

from dialer.core.commands import OriginateCommand
from dialer.core.ids import LegId
from dialer.live.rounds import NotRecorded, Recorded


class Outbox:
    """Originates by the round that made them."""

    def __init__(self) -> None:
        self._held: dict[LegId, tuple[int, OriginateCommand]] = {}

    def __len__(self) -> int:
        return len(self._held)

    @property
    def legs(self) -> tuple[LegId, ...]:
        """Return the legs that wait."""
        return tuple(self._held)

    def hold(self, round_: int, command: OriginateCommand) -> None:
        """Keep a call back until its round is recorded."""
        self._held[command.leg_id] = (round_, command)

    def withdraw(self, leg_id: LegId) -> bool:
        """Return whether the call was still here; it will not leave any more."""
        return self._held.pop(leg_id, None) is not None

    def release(self, recorded: Recorded) -> tuple[list[tuple[OriginateCommand, str]], dict[LegId, str]]:
        """Return the calls that may leave, each with its address, and those that may not, with the reason."""
        leaving: list[tuple[OriginateCommand, str]] = []
        refused: dict[LegId, str] = {}
        for leg_id in [leg for leg, (round_, _) in self._held.items() if round_ <= recorded.round]:
            _, command = self._held.pop(leg_id)
            address = recorded.addresses.get(leg_id)
            if leg_id in recorded.refused:
                refused[leg_id] = recorded.refused[leg_id]
            elif address is None:
                refused[leg_id] = "no_address"
            else:
                leaving.append((command, address))
        return leaving, refused

    def cancel(self, lost: NotRecorded) -> dict[LegId, str]:
        """Return the calls that shall not leave because their round could not be recorded."""
        rounds = set(lost.rounds)
        cancelled = [leg for leg, (round_, _) in self._held.items() if round_ in rounds]
        for leg_id in cancelled:
            del self._held[leg_id]
        return dict.fromkeys(cancelled, "not_recorded")
