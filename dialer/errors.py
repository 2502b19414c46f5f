"""The errors of this project; each class says who must act.

    DialerError
    ├── ConfigError              the operator, before the start
    │   └── LeadFileError        whoever made the file; nothing was changed
    ├── RuleError                someone asked for what a rule forbids
    ├── LeaseHeldError           the operator: another run holds this workspace
    ├── LeaseLostError           the operator: another run took this workspace over; this one stops
    ├── StorageError             the administrator of the database; no call is placed meanwhile
    │   └── SchemaTooOldError    the operator: `dialer db upgrade`
    ├── ThreadDiedError          us: a part of the run died of an error that is in the log; start it again
    ├── SwitchUnavailableError   nobody: it is tried again with backoff, pacing stops
    ├── SwitchRefusedError       nobody: this call failed, the floor goes on
    └── IllegalTransitionError   us: what we asked for was illegal; keep the log

What a switch sends never raises: the unexpected becomes an anomaly, on record.
"""


class DialerError(Exception):
    """The root of the tree; its text names cause and remedy."""


class ConfigError(DialerError):
    """A setting, an option or a file cannot be used as it is."""


class LeadFileError(ConfigError):
    """A lead file cannot be read as one; nothing was imported."""


class RuleError(DialerError):
    """A rule forbids what was asked for."""


class LeaseHeldError(DialerError):
    """Another run holds the workspace."""


class LeaseLostError(DialerError):
    """This run holds the workspace no longer; nothing it wants to write is written."""


class StorageError(DialerError):
    """The database cannot be read or written."""


class SchemaTooOldError(StorageError):
    """The database was made by an older version."""


class ThreadDiedError(DialerError):
    """A thread that the run cannot do without ended by an unforeseen error."""


class SwitchUnavailableError(DialerError):
    """The switch cannot be reached."""


class SwitchRefusedError(DialerError):
    """The switch refused one call."""


class IllegalTransitionError(DialerError):
    """A state change that no table lists was asked for by us."""
