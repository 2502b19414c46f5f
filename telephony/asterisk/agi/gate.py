"""Who may ask what: the secret in the address, and the brake on guessing PINs. Pure."""

import hmac
from collections.abc import Container, Mapping
from enum import StrEnum

TRIES, TRIES_S = 5, 600.0
"""Wrong PINs of one agent, or from one number, within these seconds after which none is judged any more. A guess: a
person who mistypes needs fewer; four digits take a machine two weeks of calling."""


class Admission(StrEnum):
    """What becomes of a question."""

    SERVED = "served"
    STRANGER = "stranger"
    UNKNOWN = "unknown"


def admission(script: str, secret: str, names: Container[str]) -> tuple[Admission, str]:
    """Return whether a question is served, and its name.

    Args:
        script: The path of the address, `SECRET/NAME`.
        secret: The right one.
        names: Those that are served.
    """
    given, _, name = script.strip("/").partition("/")
    # As long for every wrong secret of the same length.
    if not hmac.compare_digest(given.encode(), secret.encode()):
        return Admission.STRANGER, ""
    return (Admission.SERVED if name in names else Admission.UNKNOWN), name


class LogInVerdict(StrEnum):
    """What an agent who dials in is told."""

    OK = "ok"
    WRONG = "wrong"
    BRAKED = "braked"
    CALLED = "called"  # proven, but this agent's phone is called by the dialer


class PinBrake:
    """Judges PINs.

    Args:
        pins: By agent.
    """

    def __init__(self, pins: Mapping[str, str]) -> None:
        self._pins = pins
        self._wrong: dict[tuple[str, str], list[float]] = {}

    def judge(self, agent: str, pin: str, *, caller: str, at: float) -> LogInVerdict:
        """Return the verdict on an agent's PIN.

        Args:
            agent: The name; unknown ones are judged alike.
            pin: The digits.
            caller: Where the call comes from, as the network says.
            at: Seconds of a clock that does not go back.
        """
        self._forget(at)
        subjects = [("agent", agent), ("caller", caller)]
        if any(len(self._wrong.get(subject, ())) >= TRIES for subject in subjects):
            return LogInVerdict.BRAKED
        right = hmac.compare_digest(self._pins.get(agent, "").encode(), pin.encode())
        if right and agent in self._pins:
            return LogInVerdict.OK
        for subject in subjects:
            self._wrong.setdefault(subject, []).append(at)
        return LogInVerdict.WRONG

    def _forget(self, at: float) -> None:
        for subject, times in list(self._wrong.items()):
            self._wrong[subject] = [one for one in times if at - one <= TRIES_S]
            if not self._wrong[subject]:
                del self._wrong[subject]
