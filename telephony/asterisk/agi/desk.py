"""Who answers dialplans: asks storage, lets `answers` decide, and asks a run for what only a run may do.

A running floor is changed through the `request` table alone, as by any other process.
"""

import secrets
import threading
from collections.abc import Container, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, select

from dialer.agi_config import AgiConfig
from dialer.core.addresses import CALLS_IN
from dialer.core.ids import AgentId
from dialer.core.requests import Dispose
from dialer.core.rules.dispositions import Disposition
from dialer.errors import RuleError
from dialer.leads.numbers import BadNumber, Normaliser
from dialer.live.clock import Clock
from dialer.live.lease import holder
from dialer.live.requests import Answer, post_request, wait_for_answer
from dialer.storage import agents, callers, campaigns, do_not_call, schema
from dialer.storage.agents import AgentRow
from dialer.storage.campaigns import CampaignRow
from dialer.storage.database import Database
from dialer.storage.schema import RequestState
from telephony.asterisk import channel_ids
from telephony.asterisk.agi import answers
from telephony.asterisk.agi.channel import Channel
from telephony.asterisk.agi.gate import LogInVerdict, PinBrake
from telephony.asterisk.agi.reception import Reception
from telephony.asterisk.agi.server import Handler

WHO: Final = "dialplan"

_ANSWER_S: Final = 5.0
_TRIES: Final = 3
_DIGIT_MS: Final = 5_000
_FIRST_DIGIT_MS: Final = 10_000
"""How long a person may take. Guesses."""

_MOST_DIGITS: Final = 16
"""As many as a PIN may have, and far more than an agent's id has."""

_ABSENT: Final = frozenset({"", "unknown"})
"""What Asterisk says where it knows nothing. Source: `setup_env` of res_agi.c."""


class Desk:
    """Answers for one workspace, in any number of threads.

    Args:
        database: Where everything is kept.
        workspace_id: Which.
        config: For callers' numbers and agents' PINs.
        caller_ids: What each trunk and group of trunks shows for campaigns that name no number of their own, E.164.
        queues: Those that callers may be handed over to.

    Raises:
        ConfigError: If the PINs cannot be read, or the region is unknown.
    """

    def __init__(
        self,
        database: Database,
        workspace_id: int,
        config: AgiConfig,
        *,
        caller_ids: Mapping[str, Container[str]],
        queues: Container[str] = (),
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._caller_ids = caller_ids
        self._clock = Clock()
        self._numbers = Normaliser(config.region)
        self._brake = PinBrake(config.agent_pins())
        self._one_at_a_time = threading.Lock()
        self._reception = Reception(database, workspace_id, queues, numbers=self._numbers, clock=self._clock)

    def handlers(self) -> dict[str, Handler]:
        """Return what is served, by name."""
        return {
            "do-not-call": self.do_not_call,
            "block": self.block,
            "lead": self.lead,
            "inbound": self.inbound,
            "login": self.log_in,
            "dispose": self.dispose,
            "queue": self._reception.take,
        }

    # --- numbers and leads ----------------------------------------------------------------------------

    def do_not_call(self, channel: Channel) -> dict[str, str]:
        """Say whether a number (first argument, else the caller's) is on the do-not-call list."""
        number = self._e164(_first(channel.arguments[:1], channel.env.get("agi_callerid")))
        with self._database.read() as connection:
            return answers.of_number(number, listed=self._is_listed(connection, number))

    def block(self, channel: Channel) -> dict[str, str]:
        """Put a number on the do-not-call list at once.

        It is the first argument, else the one that this call was dialed to if we dialed it, else the caller's; the
        second argument is the reason.
        """
        given, reason = (*channel.arguments, "", "")[:2]
        number = self._e164(given) if given else self._far_end(channel)
        if number is not None:
            reason = answers.harmless(reason) or "asked by key"
            with self._database.write() as connection:
                do_not_call.add(
                    connection, self._workspace_id, [number], who=WHO, reason=reason, at=self._clock.now()
                )
        return answers.of_number(number, listed=True)

    def lead(self, channel: Channel) -> dict[str, str]:
        """Tell of the lead of a number (first argument, else the caller's); further arguments name columns."""
        number = self._e164(_first(channel.arguments[:1], channel.env.get("agi_callerid")))
        with self._database.read() as connection:
            found = None if number is None else callers.last_called(connection, self._workspace_id, number)
            told = answers.of_number(number, listed=self._is_listed(connection, number))
        return told | answers.of_lead(found, channel.arguments[1:])

    def inbound(self, channel: Channel) -> dict[str, str]:
        """Say whose call this is and what to do with it.

        The first argument is the number that was called, the second the caller's; without them what the channel says.
        """
        called, caller = (*channel.arguments, "", "")[:2]
        env = channel.env
        shown = self._e164(_first([called], env.get("agi_dnid"), env.get("agi_extension")))
        number = self._e164(_first([caller], env.get("agi_callerid")))
        with self._database.read() as connection:
            told = answers.of_number(number, listed=self._is_listed(connection, number))
            ours = self._shown_by(connection, shown)
            lead = None
            if number is not None:
                lead = callers.last_called(connection, self._workspace_id, number, caller_id=shown)
        return told | answers.of_inbound(lead, answers.campaign_of_call(lead, ours))

    def _shown_by(self, connection: Connection, number: str | None) -> list[CampaignRow]:
        if number is None:
            return []
        return [
            row
            for row in campaigns.every(connection, self._workspace_id)
            if row.settings.caller_id == number
            or (not row.settings.caller_id and number in self._caller_ids.get(row.settings.trunk, ()))
        ]

    def _far_end(self, channel: Channel) -> str | None:
        leg_id = channel_ids.leg_id(channel.env.get("agi_uniqueid", ""))
        with self._database.read() as connection:
            dialed = callers.number_of_leg(connection, self._workspace_id, leg_id)
        return dialed or self._e164(_first([], channel.env.get("agi_callerid")))

    def _is_listed(self, connection: Connection, number: str | None) -> bool:
        return number is not None and do_not_call.check(connection, self._workspace_id, number) is not None

    def _e164(self, written: str) -> str | None:
        found = self._numbers.read(written)
        return None if isinstance(found, BadNumber) else found[0]

    # --- agents ---------------------------------------------------------------------------------------

    def log_in(self, channel: Channel) -> dict[str, str]:
        """Let an agent who dials in prove who it is.

        The first argument is the agent's name or id; without one the id is asked for. Then the PIN.
        """
        given = _first(channel.arguments[:1])
        caller = channel.env.get("agi_callerid", "")
        verdict = LogInVerdict.WRONG
        for _ in range(_TRIES):
            name = given or _digits(channel, "agent-user")
            row = self._agent(name)
            pin = _digits(channel, "agent-pass")
            with self._one_at_a_time:
                verdict = self._brake.judge(
                    name if row is None else row.name, pin, caller=caller, at=self._clock.now()
                )
            if verdict is LogInVerdict.OK and row is not None:
                calls_in = row.phone.startswith(CALLS_IN)
                return _logged_in(verdict, row) if calls_in else _logged_in(LogInVerdict.CALLED)
            if verdict is LogInVerdict.BRAKED:
                break
            channel.stream_file("agent-incorrect")
        return _logged_in(verdict)

    def dispose(self, channel: Channel) -> dict[str, str]:
        """Take what an agent says came of a talk.

        The first argument is the agent's name or id, else the variable `DIALER_AGENT`; the second a digit or a code,
        else a key is waited for.
        """
        given, choice = (*channel.arguments, "", "")[:2]
        row = self._agent(given or channel.get_variable("DIALER_AGENT"))
        if row is None:
            return _disposed(RequestState.REFUSED, "there is no such agent")
        choice = choice or str(channel.wait_for_digit(_FIRST_DIGIT_MS))
        with self._database.read() as connection:
            code = answers.code_of(self._choices(connection, row), choice)
        if code is None:
            return _disposed(RequestState.REFUSED, "there is no such disposition, or no talk")
        answer = self._ask(Dispose(agent_id=AgentId(row.agent_id), code=code))
        return _disposed(answer.state, answer.text)

    def _agent(self, name_or_id: str) -> AgentRow | None:
        with self._database.read() as connection:
            every = agents.every(connection, self._workspace_id)
        named = [row for row in every if name_or_id == row.name]
        numbered = [row for row in every if name_or_id == str(row.agent_id)]
        return next(iter((*named, *numbered)), None)

    def _choices(self, connection: Connection, row: AgentRow) -> Sequence[Disposition]:
        kept = schema.attempt.c
        about = connection.scalar(select(kept.campaign_id).where(kept.id == row.attempt_id))
        every = campaigns.every(connection, self._workspace_id)
        return next((each.settings.dispositions for each in every if each.campaign_id == about), ())

    def _ask(self, asked: Dispose) -> Answer:
        if holder(self._database, self._workspace_id, clock=self._clock) is None:
            raise RuleError("nothing runs this workspace")
        key = secrets.token_hex(8)
        posted = post_request(
            self._database, self._workspace_id, asked, who=WHO, key=key, expires_s=_ANSWER_S
        )
        return wait_for_answer(self._database, posted)


def _logged_in(verdict: LogInVerdict, row: AgentRow | None = None) -> dict[str, str]:
    return {
        "DIALER_LOGIN": str(verdict),
        "DIALER_AGENT": "" if row is None else str(row.agent_id),
        "DIALER_AGENT_NAME": "" if row is None else answers.harmless(row.name),
    }


def _disposed(state: RequestState, text: str) -> dict[str, str]:
    return {"DIALER_DISPOSED": str(state), "DIALER_TEXT": answers.harmless(text)}


def _first(given: Sequence[str], *known: str | None) -> str:
    """Return the first that says something."""
    return next((text for text in (*given, *known) if text is not None and text not in _ABSENT), "")


def _digits(channel: Channel, prompt: str) -> str:
    """Ask for digits that end with `#` or a pause; keys cut the prompt short, and a prompt that is missing is silence."""
    pressed = str(channel.stream_file(prompt, "0123456789*#"))
    wait_ms = _DIGIT_MS if pressed else _FIRST_DIGIT_MS
    digits = ""
    while True:
        pressed = pressed or str(channel.wait_for_digit(wait_ms))
        if not pressed or pressed == "#" or len(digits) == _MOST_DIGITS:
            return digits
        digits, pressed, wait_ms = digits + pressed, "", _DIGIT_MS
