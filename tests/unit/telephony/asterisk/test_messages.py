import pytest

from telephony.asterisk.messages import (
    MAX_LINE,
    MAX_LINES,
    MAX_MESSAGE,
    Message,
    NotManagerError,
    Splitter,
    UnsafeTextError,
    format_action,
    parse,
)

GREETING = b"Asterisk Call Manager/11.0.0\r\n"


def read(*pieces):
    splitter = Splitter()
    splitter.feed(GREETING)
    return [message for piece in pieces for message in splitter.feed(piece)]


def test_the_greeting_names_the_interface_and_its_version():
    splitter = Splitter()

    messages = splitter.feed(GREETING + b"Event: FullyBooted\r\n\r\n")

    assert splitter.greeting == ("Asterisk Call Manager", "11.0.0")
    assert messages == [Message({"Event": "FullyBooted"})]


@pytest.mark.parametrize(
    "greeting",
    [
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="another-service"),
        pytest.param(b"HTTP/1.1 400 Bad Request: no\r\n", id="a-web-server"),
        pytest.param(b"\x15\x03\x03\x00\x02\x02\x46" * 200, id="tls-where-plain-text-is-asked"),
    ],
)
def test_who_greets_otherwise_is_no_manager_interface(greeting):
    with pytest.raises(NotManagerError, match="is this the port"):
        Splitter().feed(greeting)


def test_a_message_without_end_is_given_up():
    with pytest.raises(NotManagerError, match="longer than"):
        read(b"Output: ", b"x" * MAX_MESSAGE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("Event: Hangup\r\nCause: 16", Message({"Event": "Hangup", "Cause": "16"}), id="headers"),
        pytest.param("AccountCode: \r\nExten:", Message({"AccountCode": "", "Exten": ""}), id="empty-values"),
        pytest.param(
            "Channel: Local/1@a:b: c", Message({"Channel": "Local/1@a:b: c"}), id="a-value-with-colons"
        ),
        pytest.param(
            "UserEvent: AMD\r\nStatus:a: b",
            Message({"UserEvent": "AMD", "Status": "a: b"}),
            id="a-dialplans-event-without-a-space-behind-the-colon",
        ),
        pytest.param(
            "Output: one\r\nOutput: \r\nOutput: two",
            Message({"Output": "one"}, {"Output": ("one", "", "two")}),
            id="a-repeated-header",
        ),
        pytest.param(
            "Response: Success\r\nno header",
            Message({"Response": "Success"}, text=("no header",)),
            id="a-line-that-is-no-header",
        ),
    ],
)
def test_a_message_is_parsed(text, message):
    assert parse(text) == message


def test_all_values_of_a_name_can_be_asked_for():
    message = parse("ChanVariable: A=1\r\nChanVariable: B=2\r\nChannel: x")

    assert message.values("ChanVariable") == ("A=1", "B=2")
    assert message.values("Channel") == ("x",)
    assert message.values("Exten") == ()


def test_bytes_that_are_not_utf_8_stay_readable_and_spoil_no_other_line():
    (message,) = read("CallerIDName: Müller\r\n".encode("latin-1") + "City: Köln\r\n\r\n".encode())

    assert message.headers == {"CallerIDName": "Müller", "City": "Köln"}


def test_an_action_ends_with_an_empty_line():
    assert format_action({"Action": "Hangup", "Cause": 16}) == b"Action: Hangup\r\nCause: 16\r\n\r\n"


def test_a_sequence_repeats_its_header():
    assert format_action({"Codecs": ("ulaw", "alaw")}) == b"Codecs: ulaw\r\nCodecs: alaw\r\n\r\n"


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\0"])
@pytest.mark.parametrize("form", [lambda bad: {"Channel": bad}, lambda bad: {"Variable": {"A": bad}}])
def test_a_value_that_would_end_its_line_is_refused(ending, form):
    with pytest.raises(UnsafeTextError, match="line end or a NUL"):
        format_action(form(f"x{ending}Application: System"))


@pytest.mark.parametrize("name", ["Action: Originate\r\nData", "Data:", "A B", "", "Naïve"])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(UnsafeTextError, match="no header's name"):
        format_action({name: "x"})


@pytest.mark.parametrize("name", ["SHELL(id)", "A,INJ", "A\r\nB", "", "1A", "CALLERID(name)"])
def test_a_variable_that_is_not_a_plain_one_is_refused(name):
    with pytest.raises(UnsafeTextError, match="no variable's name"):
        format_action({"Variable": {name: "x"}})


def test_half_a_character_is_refused_instead_of_dropped():
    with pytest.raises(UnsafeTextError, match="not valid Unicode"):
        format_action({"CallerID": "M\udcfcller"})


def test_a_line_that_asterisk_would_not_read_is_refused():
    fits = "ü" * ((MAX_LINE - len("Data: ")) // 2)

    assert format_action({"Data": fits})
    with pytest.raises(UnsafeTextError, match="too long"):
        format_action({"Data": fits + "ü"})


def test_more_lines_than_asterisk_reads_are_refused():
    assert format_action({"Variable": {f"A{n}": "" for n in range(MAX_LINES)}})
    with pytest.raises(UnsafeTextError, match="129 lines"):
        format_action({"Variable": {f"A{n}": "" for n in range(MAX_LINES + 1)}})


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"A": 'x,INJ=1 "q" \\'}, id="as-a-mapping"),
        pytest.param(['A=x,INJ=1 "q" \\'], id="as-pyst2-writes-it"),
        pytest.param('A=x,INJ=1 "q" \\', id="as-one-text"),
    ],
)
def test_a_comma_in_a_value_sets_no_second_variable(given):
    assert format_action({"Variable": given}) == b'Variable: A=x\\,INJ=1 \\"q\\" \\\\\r\n\r\n'


def test_a_variable_that_is_asked_for_is_only_a_name():
    assert format_action({"Action": "Getvar", "Variable": "CHANNEL(state)"}).endswith(
        b": CHANNEL(state)\r\n\r\n"
    )
