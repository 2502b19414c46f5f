"""What a switch tells of the members of its queues, before anybody knows which agent each is."""

import msgspec

from dialer.core.states import Presence

MEMBER = "member:"
"""What the address of an agent begins with who is a member of a queue, before server and interface."""


class MemberNews(msgspec.Struct, frozen=True, kw_only=True):
    """One member, as it is now."""

    member: str
    """What the switch calls it."""
    server: str
    interface: str
    """Where it is rung, such as PJSIP/anna."""
    name: str
    presence: Presence
    reason: str
    wrap_up_s: float

    @property
    def address(self) -> str:
        """Return what stands for its phone."""
        return f"{MEMBER}{self.server}/{self.interface}"
