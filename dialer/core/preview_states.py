"""What becomes of a lead that an agent is shown before the call."""

from enum import StrEnum


class PreviewOutcome(StrEnum):
    """What became of a preview."""

    CALLED = "called"
    SKIPPED = "skipped"
    REFUSED = "refused"  # a rule did not allow the call any more
    RETURNED = "returned"  # nobody decided, or the agent was needed elsewhere: the lead is as before
    UNKNOWN = "unknown"  # the run died meanwhile: likewise


class PreviewTimeout(StrEnum):
    """What happens to a lead about which its agent does not decide in time."""

    CALL = "call"
    SKIP = "skip"
    PAUSE = "pause"  # the lead goes back as it was, and the agent is paused
