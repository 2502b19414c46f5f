"""How dialplans are answered: the server of FastAGI wired to a workspace, in a run or alone."""

import logging
import signal
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager

from cli.options import Workplace
from dialer.config import Config
from dialer.errors import ConfigError, ThreadDiedError
from dialer.live.threads import Died
from dialer.storage.database import Database
from telephony.asterisk.agi.desk import Desk
from telephony.asterisk.agi.server import AgiServer

_log = logging.getLogger(__name__)


def serve(config: Config, database: Database, workspace_id: int, *, died: Died) -> AgiServer:
    """Answer dialplans about a workspace until the server is closed.

    Raises:
        ConfigError: If the address cannot be listened at, or a secret cannot be read.
    """
    shown: dict[str, set[str]] = defaultdict(set)
    for name, trunk in config.trunks.items():
        if trunk.caller_id:
            shown[name].add(trunk.caller_id)
            shown[trunk.group].add(trunk.caller_id)
    agi = config.asterisk.agi
    desk = Desk(database, workspace_id, agi, caller_ids=shown, queues=config.queues)
    return AgiServer(agi, desk.handlers(), died=died)


@contextmanager
def serving(config: Config, database: Database, workspace_id: int, *, died: Died) -> Iterator[None]:
    """Answer dialplans while it is entered, if the configuration has a port for them.

    Raises:
        ConfigError: As `serve`.
    """
    if not config.asterisk.agi.port:
        yield
        return
    with closing(serve(config, database, workspace_id, died=died)):
        yield


def serve_alone(config: Config, place: Workplace) -> None:
    """Answer dialplans until SIGTERM or SIGINT.

    Raises:
        ConfigError: As `serve`, and if no port is configured.
        ThreadDiedError: If the server died by an unforeseen error.
    """
    if not config.asterisk.agi.port:
        raise ConfigError("asterisk.agi.port is not set: add [asterisk.agi] with port and secret_file")
    ending = threading.Event()
    deaths: list[Exception] = []

    def died(_thread: str, error: Exception) -> None:
        deaths.append(error)
        ending.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    server = serve(config, place.database, place.workspace_id, died=died)
    _log.info("dialplans can ask", extra={"workspace": config.run.workspace, "port": server.port})
    ending.wait()
    server.close()
    if deaths:
        raise ThreadDiedError(f"the server of FastAGI died: {deaths[0]}; start it again") from deaths[0]
