"""Recording a customer's talks: one file from the start to the stop, whoever the customer is joined with meanwhile."""

import time
from pathlib import Path

import pjsua2 as pj

from dialer.core.states import RecordingMove
from dialer.core.switch_events import RecordingFailed
from telephony.sip.legs import Leg
from telephony.sip.protocol import Tape
from telephony.sip.recorder import Recorder


def tape(leg: Leg, order: Tape) -> RecordingFailed | None:
    """Start, pause, go on with or stop a recording; return what to tell if it fails.

    Who is recorded is mixed afterwards.
    """
    if order.move is RecordingMove.STOP:
        leg.stop_recording()
        return None
    try:
        if order.move is RecordingMove.START:
            leg.stop_recording()
            leg.recorder = Recorder(order.path)
        elif leg.recorder is not None:
            leg.recorder.paused = order.move is RecordingMove.PAUSE
    except pj.Error as error:
        leg.stop_recording()
        file = Path(order.path).name
        return RecordingFailed(at=time.monotonic(), leg_id=leg.leg_id, file=file, reason=error.reason)
    return None
