"""Whether a talk may be recorded: where one side's consent is enough, and what is done where all must consent.

The regions are the campaign's own setting, as none ship: the texts of the law were read for some states of the
United States only, which a number does not tell apart. So a region that is not listed counts as one where all must
consent.
"""

from dialer.core.settings import LineSettings, RecordingMode
from dialer.core.states import RecordingMove


def all_must_consent(region: str, settings: LineSettings) -> bool:
    """Return whether everybody on a talk with a number of this region must agree to a recording."""
    return region not in settings.one_party_regions


def at_the_bridge(region: str, settings: LineSettings) -> RecordingMove | None:
    """Return what begins the recording of a talk as it begins; None: it is not recorded by itself."""
    match settings.record:
        case RecordingMode.ON:
            return RecordingMove.START
        case RecordingMode.ANNOUNCED:
            return RecordingMove.ANNOUNCE
        case RecordingMode.BY_CONSENT if not all_must_consent(region, settings):
            return RecordingMove.START
    return None


def on_request(region: str, settings: LineSettings, *, consented: bool) -> RecordingMove | None:
    """Return what begins a recording in mid-talk; None: it may not be, until all have consented."""
    if consented or settings.record is RecordingMode.ON or not all_must_consent(region, settings):
        return RecordingMove.START
    return RecordingMove.ANNOUNCE if settings.record is RecordingMode.ANNOUNCED else None
