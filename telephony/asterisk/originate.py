"""The action that starts a call, from the arguments of pyst2's helper. Pure."""

from telephony.asterisk.messages import Value

_HEADERS = {
    "exten": "Exten",
    "context": "Context",
    "priority": "Priority",
    "timeout": "Timeout",
    "application": "Application",
    "data": "Data",
    "caller_id": "CallerID",
    "run_async": "Async",
    "earlymedia": "EarlyMedia",
    "account": "Account",
    "variables": "Variable",
    "channel_id": "ChannelId",
    "other_channel_id": "OtherChannelId",
    "codecs": "Codecs",
}
"""pyst2's arguments after `channel`, in its order; then those it lacks."""

_OF_EXTENSION = ("Exten", "Context", "Priority")


def originate_action(channel: str, *given: Value, **options: Value) -> dict[str, Value]:
    """Return the headers of an Originate.

    Args:
        channel: What to call, such as `PJSIP/carrier/sip:+12125550100@192.0.2.7`.
        given: pyst2's arguments in its order: extension, context, priority, timeout (ms) and so on.
        options: The same by name, and `channel_id`, `other_channel_id`, `codecs`. What is empty or false is not sent.

    Raises:
        TypeError: If an option is none of Originate's, or is given twice.
    """
    if len(given) > len(_HEADERS):
        raise TypeError(f"originate takes {len(_HEADERS)} arguments after the channel, not {len(given)}")
    named = dict(zip(_HEADERS, given, strict=False))
    if wrong := sorted((options.keys() - _HEADERS.keys()) | (options.keys() & named.keys())):
        raise TypeError(f"unknown to originate, or given twice: {', '.join(wrong)}")
    wanted = {_HEADERS[name]: value for name, value in {**named, **options}.items() if value}
    if "Async" in wanted:
        wanted["Async"] = "yes"
    if "Application" in wanted:
        # With a priority beside it, Asterisk looks for an extension instead: "Extension does not exist."
        wanted = {name: value for name, value in wanted.items() if name not in _OF_EXTENSION}
    return {"Action": "Originate", "Channel": channel, **wanted}
