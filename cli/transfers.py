"""`dialer call transfer`, `consult`, `conference`, `complete` and `return`: third parties in an agent's talk."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
import msgspec

from cli.options import Function, Shared, Workplace, example, shared
from cli.profiles import Pair, scalar

if TYPE_CHECKING:
    from dialer.core.allocation.workflow import WorkflowStep
    from dialer.core.requests import CallThirdParty
    from dialer.core.transfer_states import Arrangement, Way

_GROUPS = ("--to-agent", "--to-team", "--to-skill", "--to-operation", "--to-workflow", "--to-queue")


def _targets(command: Function) -> Function:
    """Add the ways to say who is wanted."""
    for option in (
        click.option(
            "--within",
            "within_s",
            type=click.FloatRange(1, 3600),
            default=60.0,
            show_default=True,
            metavar="SECONDS",
            help="How long an agent who is free is waited for.",
        ),
        click.option("--trunk", metavar="NAME", default="", help="For a number; default: the customer's."),
        click.option(
            "--to-operation",
            "operations",
            type=Pair("SKILL=LEVEL"),
            multiple=True,
            help="Any free seat agent with this skill; again: with each of them.",
        ),
        click.option(
            "--to-skill",
            "skills",
            type=Pair("SKILL=LEVEL"),
            multiple=True,
            help="Any free agent with this skill; again: with each of them.",
        ),
        click.option(
            "--to-team",
            "teams",
            metavar="TEAM",
            multiple=True,
            help="Any free agent of this team; again: or of that.",
        ),
        click.option(
            "--to-workflow", "workflow", metavar="NAME", default="", help="Whoever a workflow leads to."
        ),
        click.option(
            "--to-queue", "queue", metavar="NAME", default="", help="Whoever may have a queue's tasks."
        ),
        click.option("--to-agent", "to_agent", metavar="NAME", default="", help="An agent who is ready."),
    ):
        command = option(command)
    return command


@click.command(
    epilog=example(
        "dialer call transfer anna +12125550123",
        "dialer call transfer anna --to-team loans --within 120",
        "dialer call transfer anna --to-operation mortgages=3",
    )
)
@click.argument("agent")
@click.argument("to", required=False)
@_targets
@shared
def transfer(options: Shared, /, agent: str, to: str | None, **wanted: Any) -> None:
    """Hand an agent's customer over unseen.

    TO is a number such as +12125550123, a phone's SIP address, or an agent who is ready; options name whoever is free of a team
    or with a skill. The agent is free at once; whoever is not reached leaves the customer to the agent again.
    """
    from dialer.core.transfer_states import Way

    _call(options, agent, Target(to=to or "", **wanted), Way.BLIND)


@click.command(
    epilog=example("dialer call consult anna bert", "dialer call consult anna --to-skill spanish=2")
)
@click.argument("agent")
@click.argument("to", required=False)
@_targets
@shared
def consult(options: Shared, /, agent: str, to: str | None, **wanted: Any) -> None:
    """Let an agent speak with somebody else.

    TO and its options as for `transfer`. The customer is held once somebody picks up. Then `complete`, `conference` or `return`.
    """
    from dialer.core.transfer_states import Way

    _call(options, agent, Target(to=to or "", **wanted), Way.CONSULT)


@click.command(
    epilog=example(
        "dialer call conference anna sip:expert@192.0.2.9", "dialer call conference anna --to-team loans"
    )
)
@click.argument("agent")
@click.argument("to", required=False)
@_targets
@shared
def conference(options: Shared, /, agent: str, to: str | None, **wanted: Any) -> None:
    """Make it a talk of three.

    With TO or its options, as for `transfer`; without, with whom the agent consults.
    """
    from dialer.core.transfer_states import Arrangement, Way

    target = Target(to=to or "", **wanted)
    if target.is_named:
        _call(options, agent, target, Way.CONFERENCE)
    else:
        _arrange(options, agent, Arrangement.CONFERENCE)


@click.command(epilog=example("dialer call complete anna"))
@click.argument("agent")
@shared
def complete(options: Shared, /, agent: str) -> None:
    """Leave the customer to the third party."""
    from dialer.core.transfer_states import Arrangement

    _arrange(options, agent, Arrangement.COMPLETE)


@click.command("return", epilog=example("dialer call return anna"))
@click.argument("agent")
@shared
def return_(options: Shared, /, agent: str) -> None:
    """Let the third party go, back to the customer."""
    from dialer.core.transfer_states import Arrangement

    _arrange(options, agent, Arrangement.RETURN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Who is wanted, as it is written."""

    to: str = ""
    to_agent: str = ""
    workflow: str = ""
    queue: str = ""
    teams: tuple[str, ...] = ()
    skills: tuple[tuple[str, str], ...] = ()
    operations: tuple[tuple[str, str], ...] = ()
    trunk: str = ""
    within_s: float = 60.0

    @property
    def is_named(self) -> bool:
        """Return whether anybody is named at all."""
        return any(
            (self.to, self.to_agent, self.workflow, self.queue, self.teams, self.skills, self.operations)
        )

    def step(self) -> "WorkflowStep":
        """Return what an agent must be; an operation is for seat agents alone."""
        from dialer.core.allocation.profile import AgentKind
        from dialer.core.allocation.workflow import WorkflowStep

        written = {
            "name": "transfer",
            "teams": self.teams,
            "skills": {name: scalar(level) for name, level in (*self.skills, *self.operations)},
            "kind": AgentKind.SEAT if self.operations else AgentKind.NONE,
        }
        try:
            return msgspec.convert(written, WorkflowStep)
        except msgspec.ValidationError as error:
            raise click.UsageError(f"{error}: write a skill as SKILL=LEVEL, such as sales=3") from error


def _call(options: Shared, agent: str, target: Target, way: "Way") -> None:
    from cli.ask import ask

    groups = (
        target.teams or target.skills or target.operations,
        target.to,
        target.to_agent,
        target.workflow,
        target.queue,
    )
    if sum(map(bool, groups)) != 1:
        raise click.UsageError(
            f"say whom in one way: TO, or one of {', '.join(_GROUPS)} (skills and teams together)"
        )
    with options.open() as place:
        ask(place, _request(options, place, agent, target, way), as_json=options.json)


def _request(options: Shared, place: Workplace, agent: str, target: Target, way: "Way") -> "CallThirdParty":
    from cli.guests import keep
    from cli.phones import check_address, check_number
    from dialer.core.ids import QueueName, TrunkName
    from dialer.core.requests import CallThirdParty
    from dialer.storage import agents

    to, dials, is_phone = target.to, target.to.startswith("+"), ":" in target.to
    if dials:
        check_number(to)
    elif is_phone:
        check_address(to, options.load_config())
    with place.database.read() as connection:
        agent_id = agents.find(connection, place.workspace_id, agent).agent_id
        if target.workflow or target.queue:
            return CallThirdParty(
                agent_id=agent_id,
                way=way,
                workflow=target.workflow,
                queue=QueueName(target.queue),
                within_s=target.within_s,
            )
        if not target.to and not target.to_agent:
            return CallThirdParty(agent_id=agent_id, way=way, wanted=target.step(), within_s=target.within_s)
        if not dials and not is_phone:
            to_agent = agents.find(connection, place.workspace_id, to or target.to_agent).agent_id
            return CallThirdParty(agent_id=agent_id, way=way, to_agent=to_agent)
    guest_id = keep(place, to)
    return CallThirdParty(
        agent_id=agent_id, way=way, guest_id=guest_id, dials=dials, trunk=TrunkName(target.trunk)
    )


def _arrange(options: Shared, agent: str, arrangement: "Arrangement") -> None:
    from cli.ask import ask
    from dialer.core.requests import ArrangeTalk
    from dialer.storage import agents

    with options.open() as place:
        with place.database.read() as connection:
            agent_id = agents.find(connection, place.workspace_id, agent).agent_id
        ask(place, ArrangeTalk(agent_id=agent_id, arrangement=arrangement), as_json=options.json)
