"""Calls that no agent takes: a recording or a dialplan speaks to whoever consented to that.

The seller whom a consent names is compared without regard to capitals and spaces, and in no other way: consent to one
seller is none to another.
"""

import re
import unicodedata
from collections.abc import Container, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec.structs import replace

from dialer.core.rules.machine_detection import AmdSettings, Reaction, is_message_name
from dialer.errors import ConfigError

NO_CONSENT = "no consent on record"
"""Why a lead is refused."""

KEYS = "0123456789*#"
"""What the keys of any phone are."""

KEY_S = 2.0
"""Seconds after the message in which the opt-out key still counts. A guess; pressed keys settle it."""

_CONTEXT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,78}", re.ASCII)
"""Source: 79 is the longest name of a context that Asterisk keeps whole (AST_MAX_CONTEXT)."""

_SELLER_LENGTH = 200

_SET = "`dialer campaign agentless NAME`"


class AgentlessSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a campaign says to people instead of an agent; used in that mode alone."""

    message: str = ""
    """Name of the recording that people hear."""
    context: str = ""
    """Context of the switch's dialplan that answered calls go to, at its extension `s`, instead of a recording."""
    seller: str = ""
    """For whom the calls are: the name that people consented to."""
    opt_out_key: str = "9"
    """The key by which people ask to be called no more; empty: none, and then nobody is called."""
    max_calls: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 10
    """Most calls at a time, ringing or speaking. A guess: a third of a trunk's lines."""


def seller_key(seller: str) -> str:
    """Return what two ways of writing the same seller have in common."""
    return " ".join(unicodedata.normalize("NFKC", seller).casefold().split())


def is_seller(text: str) -> bool:
    """Return whether a text can be a seller's name: something that can be seen, in one line."""
    return bool(text.strip()) and text.isprintable() and len(text) <= _SELLER_LENGTH


def changed(settings: AgentlessSettings, given: Mapping[str, Any]) -> AgentlessSettings:
    """Return settings with some of them given anew, by name.

    Raises:
        ConfigError: If one of them cannot be so; the text names it and the remedy.
    """
    try:
        settings = msgspec.convert(msgspec.to_builtins(settings) | dict(given), AgentlessSettings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"calls without agents: {error}") from error
    _check(settings)
    return settings


def _check(settings: AgentlessSettings) -> None:
    if settings.message and not is_message_name(settings.message):
        raise ConfigError(
            f"message is {settings.message!r}: name a recording in small letters, digits, _ and -, at most 40"
        )
    if settings.context and not _CONTEXT.fullmatch(settings.context):
        raise ConfigError(
            f"context is {settings.context!r}: name a context of the dialplan in letters, digits, _ and -"
        )
    if settings.message and settings.context:
        raise ConfigError("message and context exclude each other: keep one, and give '' for the other")
    if settings.opt_out_key and settings.opt_out_key not in tuple(KEYS):
        raise ConfigError(f"opt_out_key is {settings.opt_out_key!r}: write one of {' '.join(KEYS)}")
    if settings.seller and not is_seller(settings.seller):
        raise ConfigError(
            f"seller is {settings.seller[:40]!r}: write a name in one line, at most 200 letters"
        )


def without_agents(amd: AmdSettings) -> AmdSettings:
    """Return how machines are detected where no agent is there to take any."""
    machine = Reaction.HANG_UP if amd.machine is Reaction.AGENT else amd.machine
    return replace(amd, machine=machine, sample_share=0.0)


def unfit(
    settings: AgentlessSettings,
    *,
    caller_ids: Sequence[str],
    has_dialplan: bool,
    messages: Container[str],
) -> str:
    """Return why nobody may be called so, with the remedy; empty if people may.

    Args:
        settings: The campaign's.
        caller_ids: What each trunk that it may use would show.
        has_dialplan: Whether every such trunk's switch has one.
        messages: The recordings that there are.
    """
    if not settings.message and not settings.context:
        return f"there is nothing to say to people: {_SET} --message, or --context on Asterisk"
    if settings.message and settings.message not in messages:
        return (
            f"there is no recording {settings.message!r} that can be read: add it to asterisk.messages, or to "
            "sip.messages where no trunk has a server, and start the run anew"
        )
    if settings.context and not has_dialplan:
        return f"the campaign's trunk has no dialplan for the context {settings.context!r}: {_SET} --message, or use a trunk of an Asterisk"
    if not all(caller_ids):
        return "no number would be shown: set caller_id of the trunk, or make the campaign with --caller-id"
    if not settings.opt_out_key:
        return f"people could not ask to be called no more: {_SET} --opt-out-key 9"
    if not settings.seller:
        return f"nobody says for whom the calls are, and so who consented to them: {_SET} --seller"
    return ""
