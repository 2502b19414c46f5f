"""Asterisk's answering machine detection: what the dialplan is told to listen for, and what it says. Pure.

The dialplan runs `AMD()` in `dialer-detection` and tells its verdict by a UserEvent of the customer's channel.
"""

from collections.abc import Iterator, Mapping

from dialer.core.ids import LegId
from dialer.core.rules.machine_detection import AmdSettings, ClockStart, Verdict
from dialer.core.switch_events import LegClassified, LegSpoke

CLASSIFIED = "DialerDetection"
"""The dialplan's UserEvent with AMDSTATUS and AMDCAUSE."""

SPOKE = "ChannelTalkingStart"
"""What TALK_DETECT tells at the first voice."""

MACHINE_MESSAGE = "dialer-machine-message"
"""The context in which a machine is left a message after its beep."""

_VERDICTS = {"HUMAN": Verdict.HUMAN, "MACHINE": Verdict.MACHINE}
_HANGUP = "HANGUP"


def variables(amd: AmdSettings | None) -> dict[str, str]:
    """Return the channel variables that make the dialplan listen, in none of which anything has a meaning of its own.

    Source:
        The order of AMD()'s arguments: `apps/app_amd.c`.
    """
    if amd is None:
        return {}
    arguments = (
        amd.initial_silence_ms,
        amd.greeting_ms,
        amd.after_greeting_silence_ms,
        amd.total_analysis_ms,
        amd.min_word_ms,
        amd.between_words_ms,
        amd.max_words,
        amd.silence_threshold,
        amd.max_word_ms,
    )
    told = {"DIALER_AMD": ",".join(map(str, arguments))}
    if amd.clock is ClockStart.GREETING_START:
        told["DIALER_HEAR_VOICE"] = "1"
    return told


def classified(leg_id: LegId, headers: Mapping[str, str], at: float) -> Iterator[LegClassified]:
    """Tell the verdict of a UserEvent; none of a call that was hung up meanwhile.

    Whatever Asterisk says beyond its two certain words is doubt: NOTSURE, and nothing when it could not listen.
    """
    status = headers.get("Status", "")
    if status != _HANGUP:
        verdict = _VERDICTS.get(status, Verdict.UNSURE)
        yield LegClassified(at=at, leg_id=leg_id, verdict=verdict, cause=headers.get("Cause", ""))


def spoke(leg_id: LegId, at: float) -> Iterator[LegSpoke]:
    """Tell that voice was heard."""
    yield LegSpoke(at=at, leg_id=leg_id)
