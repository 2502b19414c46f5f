"""How a command asks a running floor for something: a row in the `request` table, and its answer."""

import getpass
import os
import secrets

from cli.options import Workplace
from cli.output import print_answer
from dialer.core.ids import RequestId
from dialer.core.requests import Request
from dialer.errors import DialerError, RuleError
from dialer.live.clock import Clock
from dialer.live.lease import holder
from dialer.live.requests import Answer, post_request, wait_for_answer
from dialer.storage.schema import RequestState

_ANSWER_S = 5.0
# What waits for the next run: a day, so that what was asked for yesterday does not begin by itself.
_STORED_S = 86_400.0


def runs(place: Workplace) -> bool:
    """Return whether `dialer run` holds the workspace."""
    return holder(place.database, place.workspace_id, clock=Clock()) is not None


def who() -> str:
    """Return the name of whoever uses the command, for the record."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def post_and_wait(place: Workplace, request: Request, *, key: str | None = None) -> Answer:
    """Have a request carried out by the run; under a key once, however often it is asked for.

    Raises:
        RuleError: If the run refuses.
        DialerError: If it does not answer in time.
    """
    answer = wait_for_answer(place.database, _post(place, request, expires_s=_ANSWER_S, key=key))
    if answer.state is RequestState.REFUSED:
        raise RuleError(answer.text)
    if answer.state is not RequestState.DONE:
        raise DialerError(answer.text)
    return answer


def carry_out(place: Workplace, request: Request, *, key: str | None = None) -> Answer:
    """Have a request carried out by the run, as `post_and_wait` does; say so if there is none.

    Raises:
        DialerError: If there is no run, or it does not answer.
        RuleError: If it refuses.
    """
    if not runs(place):
        raise DialerError("nothing runs this workspace: start `dialer run`, then try again")
    return post_and_wait(place, request, key=key)


def ask(place: Workplace, request: Request, *, as_json: bool) -> None:
    """Have a request carried out by the run, and print what it says.

    Raises:
        DialerError: If there is no run, or it does not answer.
        RuleError: If it refuses.
    """
    answer = carry_out(place, request)
    print_answer(f"Done: {answer.text}.", {"done": True, "text": answer.text}, as_json=as_json)


def tell(place: Workplace, request: Request) -> None:
    """Have a request carried out if there is a run; the next one knows by itself.

    Raises:
        DialerError: If the run does not answer.
    """
    if runs(place):
        post_and_wait(place, request)


def ask_or_store(place: Workplace, request: Request, *, as_json: bool) -> None:
    """Have a request carried out by the run, or leave it for one that starts within a day.

    Raises:
        DialerError: If the run does not answer.
        RuleError: If it refuses.
    """
    if runs(place):
        ask(place, request, as_json=as_json)
        return
    _post(place, request, expires_s=_STORED_S)
    text = "nothing runs this workspace now: it will be carried out when `dialer run` starts, within a day"
    print_answer(f"Stored: {text}.", {"done": False, "text": text}, as_json=as_json)


def _post(place: Workplace, request: Request, *, expires_s: float, key: str | None = None) -> RequestId:
    key = key or secrets.token_hex(8)
    return post_request(place.database, place.workspace_id, request, who=who(), key=key, expires_s=expires_s)
