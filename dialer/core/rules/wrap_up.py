"""Which settings of wrap-ups fit each other."""

from dialer.core.settings import LineSettings, WrapUp
from dialer.errors import ConfigError

LASTS = frozenset({WrapUp.TIMED, WrapUp.MANDATORY})
"""Nothing ends these before their time."""


def check(settings: LineSettings) -> None:
    """Make sure that a wrap-up can be what its settings say.

    Raises:
        ConfigError: If they contradict each other.
    """
    if settings.dispose_ends_wrap_up and settings.wrap_up in LASTS:
        raise ConfigError(
            f"a wrap-up that is {settings.wrap_up} is not ended by a disposition before its time: "
            f"let it be {WrapUp.OPTIONAL} or {WrapUp.DISPOSED}, or let dispositions not end it"
        )
