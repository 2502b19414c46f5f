"""What a run says while it goes on: a line on stderr for each thing worth knowing, its facts at the end."""

import json
import logging
import re
import sys
from datetime import UTC, datetime

# What every record has; all beyond it is a fact that the code gave with `extra`.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


# Numbers in E.164 and what stands for a person in a SIP address: whatever a message of the system quotes.
_PERSONAL = re.compile(r"\+\d{7,15}\b|(?<=sip:)[^@\s>]+(?=@)")
_HIDDEN = "[hidden]"


class _Lines(logging.Formatter):
    """`2026-01-31T09:00:00Z warning: the lease could not be renewed (cause: database is locked)`."""

    def format(self, record: logging.LogRecord) -> str:
        facts = ", ".join(f"{name}: {value}" for name, value in _facts(record).items())
        line = f"{_time(record)} {record.levelname.lower()}: {record.getMessage()}"
        line += f" ({facts})" if facts else ""
        return _without_persons(
            f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line
        )


class _Json(logging.Formatter):
    """The same as one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        failure = {"exception": self.formatException(record.exc_info)} if record.exc_info else {}
        return _without_persons(json.dumps(said | _facts(record) | failure, ensure_ascii=False, default=str))


def log_to_stderr(*, as_json: bool, level: str = "info") -> None:
    """Write what our modules log from now on to stderr, from a level on.

    Leads, agents and campaigns are named by their ids; a number or an address that an error quotes is hidden.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if as_json else _Lines())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level.upper())
    # It tells of every migration; only its complaints are for the operator.
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _without_persons(line: str) -> str:
    return _PERSONAL.sub(_HIDDEN, line)


def _facts(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _OWN}


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
