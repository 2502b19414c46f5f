"""Looking at the Asterisk servers of a configuration: what is wanted of each, asked and judged."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from cli.asterisk.judging import Wanted, judge
from cli.doctor.findings import Finding, Health
from cli.doctor.sip import judge_words
from dialer.config import Config
from dialer.errors import ConfigError
from telephony.asterisk.crossing import ENDPOINT
from telephony.asterisk.generate import EXTENSIONS, others_of
from telephony.asterisk.inquiry import inquire


def examine(config: Config, names: Sequence[str] = ()) -> list[Finding]:
    """Ask all of them at once, as the dead ones take seconds, and judge each.

    Args:
        config: The dialer's.
        names: Of the servers; none stands for all.

    Raises:
        ConfigError: If there is no such server, or none at all.
    """
    servers = config.asterisk.servers
    if unknown := [name for name in names if name not in servers]:
        raise ConfigError(
            f"there is no [asterisk.servers.{unknown[0]}]: add it, or name another with --server"
        )
    if not servers:
        raise ConfigError(
            "the configuration names no Asterisk: add [asterisk.servers.NAME], with host and port of its manager"
        )
    with ThreadPoolExecutor() as pool:
        found = pool.map(lambda name: _examine(config, name), names or list(servers))
        return [one for of_server in found for one in of_server]


def _examine(config: Config, name: str) -> list[Finding]:
    server = config.asterisk.servers[name]
    trunks = {key: trunk for key, trunk in config.trunks.items() if trunk.server == name}
    endpoints = {trunk.endpoint or key: trunk for key, trunk in trunks.items()}
    ways = [f"{ENDPOINT}{other}" for other in others_of(config, name)]
    queues = frozenset(one.queue or key for key, one in config.asterisk.queues.items() if one.server == name)
    words = {key: judge_words(key, trunk) for key, trunk in trunks.items() if trunk.causes is not None}
    usable = [key for key, finding in words.items() if finding.health is not Health.FAILURE]
    listened = tuple(key for key in usable if trunks[key].words().listens)
    wanted = Wanted(
        name=name,
        server=server,
        lines=sum(trunk.lines for trunk in trunks.values()),
        own_endpoints=frozenset(endpoint for endpoint, trunk in endpoints.items() if not trunk.host),
        contexts=frozenset(context for context, _ in EXTENSIONS),
        queues=queues,
        listened=listened,
    )
    facts = inquire(
        server,
        EXTENSIONS,
        [*endpoints, server.agent_endpoint, *ways],
        queues=sorted(queues),
        listening=bool(listened),
    )
    return [*judge(facts, wanted), *words.values()]
