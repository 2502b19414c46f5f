"""Builders and a scripted floor, for tests here and for whoever builds on the engine.

`Script` drives a real engine with hand-made events and keeps its commands; nothing is patched.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from dialer.core.commands import AnyCommand, CallAgent, Originate
from dialer.core.engine import Engine
from dialer.core.events import (
    AgentDefined,
    AnyEvent,
    CampaignDefined,
    LeadsLoaded,
    RequestReceived,
    RoundEnded,
    RunStarted,
    TrunkDefined,
)
from dialer.core.ids import AgentId, CampaignId, LeadId, LegId, RequestId, TrunkName, ZoneGroupId
from dialer.core.lead import Lead
from dialer.core.requests import LogIn, Request, StartCampaign
from dialer.core.rules.number_kinds import NumberKind
from dialer.core.settings import CampaignSettings, TrunkSettings
from dialer.core.switch_events import LegAnswered, LegDialing
from dialer.core.workspace import Agent

_C = TypeVar("_C")

CAMPAIGN = CampaignId(1)
TRUNK = TrunkName("main")
NOON_IN_NEW_YORK = 1_700_067_600.0
"""2023-11-15 12:00 in New York."""
NEW_YORK = ZoneGroupId(1)


def lead(number: int, **changes: Any) -> Lead:
    """Return a lead that may be called at noon in New York."""
    facts: dict[str, Any] = {
        "zone_group": NEW_YORK,
        "region": "US",
        "kind": NumberKind.FIXED_OR_MOBILE,
        **changes,
    }
    return Lead(lead_id=LeadId(number), **facts)


def campaign(**changes: Any) -> CampaignSettings:
    """Return the settings of a progressive campaign, changed as asked."""
    return CampaignSettings(campaign_id=CAMPAIGN, **{"trunk": TRUNK, **changes})


class Script:
    """An engine on a floor with one trunk and one campaign, driven event by event."""

    def __init__(
        self,
        settings: CampaignSettings | None = None,
        *,
        trunk: TrunkSettings | None = None,
        at: float = NOON_IN_NEW_YORK,
    ) -> None:
        self.engine = Engine()
        self.at = at
        self.commands: list[AnyCommand] = []
        self._round = 0
        self._requests = 0
        self.tell(RunStarted(at=at, instance="test"))
        self.tell(
            TrunkDefined(at=at, trunk=trunk or TrunkSettings(name=TRUNK, lines=50, calls_per_second=1000))
        )
        self.tell(CampaignDefined(at=at, campaign=settings or campaign()))

    def tell(self, event: AnyEvent) -> list[AnyCommand]:
        """Hand one event to the engine; return its commands."""
        self.at = max(self.at, event.at)
        commands = self.engine.handle(event)
        self.commands += commands
        return commands

    def end_round(self, after_s: float = 0.25, *, lag_s: float = 0.0) -> list[AnyCommand]:
        """Let time pass and the round end; return the commands of pacing."""
        self.at += after_s
        self._round += 1
        return self.tell(RoundEnded(at=self.at, round=self._round, lag_s=lag_s))

    def ask(self, request: Request) -> list[AnyCommand]:
        """Hand a request to the engine."""
        self._requests += 1
        return self.tell(RequestReceived(at=self.at, request_id=RequestId(self._requests), request=request))

    def log_in(self, count: int) -> list[Agent]:
        """Add agents whose phones answer, all ready."""
        added = []
        for number in range(
            len(self.engine.workspace.agents) + 1, len(self.engine.workspace.agents) + count + 1
        ):
            agent_id = AgentId(number)
            self.tell(AgentDefined(at=self.at, agent_id=agent_id))
            called = self.only(CallAgent, self.ask(LogIn(agent_id=agent_id, ready=True)))
            self.tell(LegAnswered(at=self.at, leg_id=called.leg_id))
            added.append(self.engine.workspace.agents[agent_id])
        return added

    def start(self, leads: Sequence[Lead]) -> list[Originate]:
        """Start the campaign with these leads; return the calls it places."""
        self.ask(StartCampaign(campaign_id=CAMPAIGN))
        self.end_round()
        return self.load(leads)

    def load(self, leads: Sequence[Lead], *, remaining: bool = False) -> list[Originate]:
        """Answer a fetch; return the calls that are placed then."""
        self.tell(
            LeadsLoaded(
                at=self.at,
                campaign_id=CAMPAIGN,
                leads=tuple(leads),
                zone_groups={NEW_YORK: ("America/New_York",)},
                remaining=remaining,
            )
        )
        return self.all(Originate, self.end_round())

    def dial(self, call: Originate) -> LegId:
        """Let a call's INVITE leave."""
        self.tell(LegDialing(at=self.at, leg_id=call.leg_id))
        return call.leg_id

    def answer(self, call: Originate) -> list[AnyCommand]:
        """Let a call be dialed and answered; return what is done at the answer."""
        return self.tell(LegAnswered(at=self.at, leg_id=self.dial(call)))

    def all(self, kind: type[_C], commands: Sequence[AnyCommand] | None = None) -> list[_C]:
        """Return the commands of one kind, of those given or of all so far."""
        return [
            command
            for command in (self.commands if commands is None else commands)
            if isinstance(command, kind)
        ]

    def only(self, kind: type[_C], commands: Sequence[AnyCommand] | None = None) -> _C:
        """Return the one command of a kind."""
        (found,) = self.all(kind, commands)
        return found
