"""Who picked up, as answering machine detection (AMD) says: what becomes of the call, and when its clock starts.

Detection listens to the first seconds of an answered call. Its verdict is a guess that is wrong about people, too:
3 to 6 % of them in a published comparison of settings. So a call is never given up for silence or doubt, and a share
of the machines goes to agents all the same, who say how many of them are people.

Source:
    Asterisk's `apps/app_amd.c`: the algorithm, its parameters with their defaults, and the texts of AMDCAUSE. The
    comparison: mojolingo/amdtuner, 158 recorded answers.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, Any

import msgspec

from dialer.core.ids import AttemptId, TrunkName
from dialer.errors import ConfigError

NO_VERDICT = "NOVERDICT"
"""Our own cause: detection said nothing in time."""

VERDICT_GRACE_S = 1.0
"""What a verdict may take beyond the analysis: the switch's own limit, and its way here. A guess."""


class Verdict(StrEnum):
    """Who picked up, as detection says."""

    HUMAN = "human"
    MACHINE = "machine"
    UNSURE = "unsure"


class Reaction(StrEnum):
    """What becomes of a call that was classified."""

    AGENT = "agent"
    HANG_UP = "hang_up"
    MESSAGE = "message"


class ClockStart(StrEnum):
    """From when on a person is kept waiting, by the rule that a campaign is under."""

    ANSWER = "answer"
    GREETING_START = "greeting_start"
    GREETING_END = "greeting_end"


class CauseKind(StrEnum):
    """What AMDCAUSE begins with."""

    HUMAN = "HUMAN"
    INITIAL_SILENCE = "INITIALSILENCE"
    LONG_GREETING = "LONGGREETING"
    MAX_WORDS = "MAXWORDS"
    MAX_WORD_LENGTH = "MAXWORDLENGTH"
    TOO_LONG = "TOOLONG"
    NO_AUDIO = "NOAUDIODATA"
    OTHER = ""


class Cause(msgspec.Struct, frozen=True):
    """An AMDCAUSE, read: `HUMAN-800-800` is a measured and an allowed silence, in ms."""

    kind: CauseKind
    measured: int | None = None
    """What was measured, ms or words; None if the text does not say."""


_NOBODY_SPOKE = frozenset({CauseKind.INITIAL_SILENCE, CauseKind.NO_AUDIO})

_KINDS = {str(kind): kind for kind in CauseKind}
_CAUSE = re.compile(r"([A-Z]{1,20})(?:-([0-9]{1,7}))?(?:-[0-9]{1,7})*")

Milliseconds = Annotated[int, msgspec.Meta(ge=20, le=30_000)]
"""From one packet of audio to longer than anybody listens to silence."""


class AmdSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answering machine detection of a campaign; needs a trunk whose switch has it.

    Source of the parameters and their defaults: `configs/samples/amd.conf.sample` and `apps/app_amd.c` of Asterisk;
    the ranges are a guess that keeps out what cannot work.
    """

    on: bool = False
    """Whether answered calls are listened to before an agent takes them."""
    machine: Reaction = Reaction.HANG_UP
    """What becomes of calls that a machine answered; people, doubt and silence always go to an agent."""
    message: str = ""
    """Name of the recording that a machine is left after its beep, with `machine` = `message`."""
    sample_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.02
    """Share of the machines that goes to an agent, so that the rate of people among them can be estimated."""
    clock: ClockStart = ClockStart.GREETING_END
    """When the seconds of `connect_within_s` begin. Source of the default: 16 CFR 310.4(b)(4)(iii), two seconds of the
    completed greeting."""
    initial_silence_ms: Milliseconds = 2500
    """Silence before anything is said that makes the verdict `machine`, by silence."""
    greeting_ms: Milliseconds = 1500
    """A greeting with more voice than this is a machine's."""
    after_greeting_silence_ms: Milliseconds = 800
    """Silence after a greeting that makes the verdict `human`."""
    total_analysis_ms: Milliseconds = 5000
    """Longest analysis; after it the verdict is `unsure`."""
    min_word_ms: Milliseconds = 100
    """Shortest voice that is a word."""
    max_word_ms: Milliseconds = 5000
    """A longer word is a machine's."""
    between_words_ms: Milliseconds = 50
    """Shortest silence between two words."""
    max_words: Annotated[int, msgspec.Meta(ge=1, le=50)] = 3
    """A greeting of more words is a machine's."""
    silence_threshold: Annotated[int, msgspec.Meta(ge=1, le=32_767)] = 256
    """Mean amplitude of a frame below which it is silence; 32767 is the loudest."""

    @property
    def verdict_within_s(self) -> float:
        """Return the seconds after the answer at which a call goes to an agent without a verdict."""
        return self.total_analysis_ms / 1000 + VERDICT_GRACE_S


class Decision(msgspec.Struct, frozen=True):
    """What becomes of a call, and why."""

    reaction: Reaction
    reason: str


def is_message_name(name: str) -> bool:
    """Return whether a recording may be called so: nothing in it means anything to a dialplan or a file system."""
    return re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name) is not None


def changed(settings: AmdSettings, given: Mapping[str, Any]) -> AmdSettings:
    """Return settings with some of them given anew, by name.

    Raises:
        ConfigError: If detection could not come to every verdict, or there is no message to leave; the text names the
            setting at fault.
    """
    try:
        settings = msgspec.convert(msgspec.to_builtins(settings) | dict(given), AmdSettings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"machine detection: {error}") from error
    _check(settings)
    return settings


def _check(settings: AmdSettings) -> None:
    if settings.message and not is_message_name(settings.message):
        raise ConfigError(
            f"machine detection: message is {settings.message!r}: name a recording in small letters, digits, _ "
            "and -, at most 40"
        )
    if settings.machine is Reaction.MESSAGE and not settings.message:
        raise ConfigError("machine detection: there is no message to leave: name one")
    for name in ("initial_silence_ms", "after_greeting_silence_ms"):
        if getattr(settings, name) >= settings.total_analysis_ms:
            raise ConfigError(
                f"machine detection: {name} {getattr(settings, name)} never passes within total_analysis_ms "
                f"{settings.total_analysis_ms}: lower it, or raise total_analysis_ms"
            )


def read_cause(text: str) -> Cause:
    """Return what an AMDCAUSE says; whatever is no such text is of kind `OTHER`."""
    found = _CAUSE.fullmatch(text)
    if found is None or found[1] not in _KINDS:
        return Cause(CauseKind.OTHER)
    return Cause(_KINDS[found[1]], None if found[2] is None else int(found[2]))


def react(verdict: Verdict, cause: str, attempt_id: AttemptId, settings: AmdSettings) -> Decision:
    """Return what becomes of a call that was classified.

    Silence is what most people who were taken for machines have in common (RULES: the main false positive), so it
    goes to an agent as doubt does.
    """
    if verdict is not Verdict.MACHINE:
        return Decision(Reaction.AGENT, str(verdict))
    if read_cause(cause).kind in _NOBODY_SPOKE:
        return Decision(Reaction.AGENT, "silence may be a person's")
    if settings.machine is not Reaction.AGENT and is_sampled(attempt_id, settings.sample_share):
        return Decision(Reaction.AGENT, "sampled")
    return Decision(settings.machine, str(verdict))


def is_sampled(attempt_id: AttemptId, share: float) -> bool:
    """Return whether an attempt is one of the share that goes to an agent although a machine answered.

    No chance is drawn, so that a replay decides the same. It is fair all the same: the id was given before anybody
    picked up, from the run's random name and a counter, so it knows nothing of who answers; and its hash is uniform
    and independent from one id to the next, as far as anybody can tell.

    Args:
        attempt_id: The attempt.
        share: Fraction in [0, 1].
    """
    digest = blake2b(attempt_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest) < share * 2**64


def clock_starts(
    rule: ClockStart, cause: str, *, answered_at: float, verdict_at: float, spoke_at: float | None
) -> float:
    """Return since when a person who was classified has waited, by a rule.

    Without a greeting its start and end are those of the verdict: no text says from when silence is a wait. A guess.
    Where a switch did not hear when the greeting began, it counts from the answer, which is stricter. The greeting's
    end is the verdict minus the silence that was needed for it.

    Args:
        rule: When the clock starts.
        cause: The switch's words, such as HUMAN-800-800.
        answered_at: When the far end picked up.
        verdict_at: When the verdict came.
        spoke_at: When voice was first heard, None if nobody told.
    """
    if rule is ClockStart.ANSWER:
        return answered_at
    read = read_cause(cause)
    if rule is ClockStart.GREETING_START and spoke_at is not None:
        return min(max(answered_at, spoke_at), verdict_at)
    if read.kind in _NOBODY_SPOKE:
        return verdict_at
    if rule is ClockStart.GREETING_START:
        return answered_at
    silence_s = (read.measured or 0) / 1000 if read.kind is CauseKind.HUMAN else 0.0
    return max(answered_at, verdict_at - silence_s)


def missing_at(trunk: TrunkName) -> str:
    """Return what to say of a campaign that wants machines detected by a trunk that cannot."""
    return (
        f"machine detection is on, but trunk {trunk} has none: turn it off with `dialer campaign amd NAME --off`, "
        "or use a trunk of an Asterisk"
    )
