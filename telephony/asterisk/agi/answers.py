"""What a dialplan is told, as channel variables. Pure.

A dialplan puts values into expressions, file names and commands: none that leaves here can mean anything there.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from dialer.core.rules.dispositions import Disposition
from dialer.core.settings import Inbound
from dialer.core.states import CampaignState
from dialer.storage.callers import KnownLead
from dialer.storage.campaigns import CampaignRow

LONGEST: Final = 200
"""Characters of a value. A guess: more than a name has, far less than a command may."""

YES, NO, UNKNOWN = "yes", "no", "unknown"

_KEPT = frozenset(" -_.@+")
_ALIKE = {"'": "’", "`": "’", '"': "”", "&": "+", "/": "-"}
"""What stands in for a sign that would mean something: a name stays readable."""

_NO_LEAD: Final = dict.fromkeys(
    (
        "DIALER_LEAD",
        "DIALER_ATTEMPT",
        "DIALER_CAMPAIGN",
        "DIALER_CAMPAIGN_ID",
        "DIALER_OUTCOME",
        "DIALER_CALLED_AT",
    ),
    "",
)


def harmless(text: str) -> str:
    """Return a text without any sign that a dialplan, an expression or a shell would take for its own."""
    shown = unicodedata.normalize("NFC", text[:LONGEST])
    kept = (_ALIKE.get(sign, sign) for sign in shown)
    plain = "".join(sign if _is_harmless(sign) else " " for sign in kept)
    return " ".join(plain.split())


def _is_harmless(sign: str) -> bool:
    return sign in _KEPT or sign in _ALIKE.values() or unicodedata.category(sign)[0] in "LMN"


def of_number(number: str | None, *, listed: bool) -> dict[str, str]:
    """Say whether a number is on the do-not-call list; None: it is no number that can be called."""
    if number is None:
        return {"DIALER_NUMBER": "", "DIALER_DNC": UNKNOWN}
    return {"DIALER_NUMBER": number, "DIALER_DNC": YES if listed else NO}


def of_lead(lead: KnownLead | None, wanted: Sequence[str] = ()) -> dict[str, str]:
    """Tell of a lead and its last attempt, and of the columns of its list that are wanted.

    A column is told as `DIALER_LEAD_` and its name in capitals; what is not there is empty.
    """
    attributes: Mapping[str, object] = {} if lead is None else json.loads(lead.attributes)
    told = {f"DIALER_LEAD_{_variable(name)}": harmless(str(attributes.get(name, ""))) for name in wanted}
    if lead is None:
        return _NO_LEAD | told
    return (
        _NO_LEAD
        | {
            "DIALER_LEAD": str(lead.lead_id),
            "DIALER_ATTEMPT": lead.attempt_id or "",
            "DIALER_CAMPAIGN": harmless(lead.campaign or ""),
            "DIALER_CAMPAIGN_ID": "" if lead.campaign_id is None else str(lead.campaign_id),
            "DIALER_OUTCOME": str(lead.outcome or ""),
            "DIALER_CALLED_AT": "" if lead.started_at is None else f"{lead.started_at:.0f}",
        }
        | told
    )


def _variable(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper()[:40])


# --- who calls us ------------------------------------------------------------------------------------


def campaign_of_call(lead: KnownLead | None, shown_by: Sequence[CampaignRow]) -> CampaignRow | None:
    """Return the campaign that a call to one of our caller ids is about.

    Args:
        lead: Who calls, if known.
        shown_by: The campaigns that show the number that was called.

    Returns:
        The one that called last, if it shows that number; else the first that runs; else the first.
    """
    about = [row for row in shown_by if lead is not None and row.campaign_id == lead.campaign_id]
    running = [row for row in shown_by if row.state is CampaignState.RUNNING]
    return next(iter((*about, *running, *shown_by)), None)


def of_inbound(lead: KnownLead | None, campaign: CampaignRow | None) -> dict[str, str]:
    """Say what to do with a call to one of our caller ids: `agents` for whom we called, `message` for everybody else."""
    told = of_lead(lead)
    if campaign is None:
        return told | {"DIALER_INBOUND": str(Inbound.MESSAGE)}
    told |= {
        "DIALER_CAMPAIGN": harmless(campaign.name),
        "DIALER_CAMPAIGN_ID": str(campaign.campaign_id),
    }
    called = lead is not None and lead.attempt_id is not None
    served = called and campaign.state is CampaignState.RUNNING
    return told | {"DIALER_INBOUND": str(campaign.settings.inbound if served else Inbound.MESSAGE)}


# --- dispositions ------------------------------------------------------------------------------------


def code_of(choices: Sequence[Disposition], given: str) -> str | None:
    """Return the disposition that a digit or a code stands for; None: none."""
    for each in choices:
        if given and given in (each.digit, each.code):
            return each.code
    return None
