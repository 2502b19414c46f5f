"""The channel that a dialplan's question comes over: what pyst2's own gets wrong, and hostile text."""

import io
import threading

import pytest
from asterisk import agi as pyst2
from hypothesis import given
from hypothesis import strategies as st

from telephony.asterisk.agi.channel import MAX_COMMAND, Channel, quote
from tests.agi import as_asterisk_reads


class Talk:
    """What Asterisk says, in order, and what it is told."""

    def __init__(self, *replies, head=("agi_network: yes",)):
        self._said = io.StringIO("".join(f"{line}\n" for line in (*head, "", *replies)))
        self.told = io.StringIO()
        self.readline = self._said.readline
        self.write = self.told.write

    def flush(self):
        pass

    @property
    def commands(self):
        return self.told.getvalue().split("\n")[:-1]


def channel(*replies, **more):
    talk = Talk(*replies, **more)
    return Channel(talk), talk


def test_a_channel_begins_in_any_thread():
    begun = []
    thread = threading.Thread(target=lambda: begun.append(channel()[0]))
    thread.start()
    thread.join()
    assert begun[0].env == {"agi_network": "yes"}


def test_nothing_is_said_on_stderr(capsys):
    channel("200 result=1")[0].set_variable("DIALER_DNC", "no")
    assert capsys.readouterr() == ("", "")


def test_what_asterisk_says_of_the_call_is_known():
    asked, _ = channel(
        head=("agi_uniqueid: 4b6pm7qt-7", "agi_callerid: 2125550101", "agi_arg_1: anna", "agi_arg_2: ")
    )
    assert asked.env["agi_uniqueid"] == "4b6pm7qt-7"
    assert asked.arguments == ["anna", ""]


def test_the_first_word_on_a_fact_counts():
    asked, _ = channel(head=("agi_network_script: secret/lead", "agi_network_script: other/lead"))
    assert asked.env["agi_network_script"] == "secret/lead"


def test_a_head_without_end_is_given_up():
    with pytest.raises(pyst2.AGIUsageError, match="before the first command"):
        channel(head=["agi_arg_1: x"] * 500)


@pytest.mark.parametrize("line", ["a\nEXEC System id", "a\rb", "a\0b"], ids=["line-feed", "return", "nul"])
def test_what_would_be_another_command_is_never_sent(line):
    asked, talk = channel("200 result=1")
    for command in (
        lambda: asked.set_variable("DIALER_NAME", line),
        lambda: asked.stream_file(line),
        lambda: asked.appexec(line, "x"),
        lambda: asked.set_callerid(line),
        lambda: asked.execute(f"SET {line}"),
    ):
        with pytest.raises(pyst2.AGIUsageError, match="line break or NUL"):
            command()
    assert talk.commands == []


def test_a_command_that_asterisk_would_cut_in_two_is_never_sent():
    asked, talk = channel("200 result=1")
    room = MAX_COMMAND - len('SET VARIABLE "X" ""\n')
    asked.set_variable("X", "a" * room)
    with pytest.raises(pyst2.AGIUsageError, match="longer than"):
        asked.set_variable("X", "a" * (room + 1))
    with pytest.raises(pyst2.AGIUsageError, match="longer than"):
        asked.set_variable("X", "ä" * (room // 2 + 1))
    assert [len(f"{command}\n") for command in talk.commands] == [MAX_COMMAND]


def test_quotes_and_backslashes_stay_in_their_argument():
    asked, talk = channel("200 result=1")
    asked.set_variable("DIALER_NAME", 'Bob "the \\ builder"')
    assert talk.commands == ['SET VARIABLE "DIALER_NAME" "Bob \\"the \\\\ builder\\""']


def test_arguments_that_pyst2_never_quotes_stay_one_argument():
    asked, talk = channel(*["200 result=0 endpos=0"] * 3)
    asked.stream_file("a name with spaces", [1, "2"])
    asked.stream_file("plain-name")
    asked.hangup()
    assert as_asterisk_reads(talk.commands[0]) == ["STREAM", "FILE", "a name with spaces", "12", "0"]
    assert talk.commands[1] == 'STREAM FILE plain-name "" 0'
    assert talk.commands[2] == "HANGUP"


def test_an_argument_left_out_before_another_keeps_its_place():
    asked, talk = channel("200 result=0")
    asked.say_datetime(0, zone="Europe/Berlin")
    assert talk.commands == ['SAY DATETIME 0 "" "" Europe/Berlin']


def test_names_in_the_database_get_no_quotes_of_their_own():
    asked, talk = channel("200 result=1 (some value)", "200 result=0")
    assert asked.database_get("family", "a key") == "some value"
    assert talk.commands == ['DATABASE GET "family" "a key"']
    with pytest.raises(pyst2.AGIDBError):
        asked.database_get("family", "a key")


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        pytest.param((), pyst2.AGIHangup, id="end-of-the-connection"),
        pytest.param(("HANGUP", "200 result=1"), pyst2.AGIHangup, id="hangup-line"),
        pytest.param(("511 Command Not Permitted on a dead channel",), pyst2.AGIHangup, id="dead-channel"),
        pytest.param(("200 result=-1",), pyst2.AGIAppError, id="failed"),
        pytest.param(("510 Invalid or unknown command",), pyst2.AGIInvalidCommand, id="unknown-command"),
        pytest.param(("520 Invalid command syntax.",), pyst2.AGIUsageError, id="usage-in-one-line"),
        pytest.param(
            ("520-Invalid command syntax.  Proper usage follows:", "use it so", "520 End of proper usage."),
            pyst2.AGIUsageError,
            id="usage-in-lines",
        ),
        pytest.param(("520-Invalid", "so"), pyst2.AGIHangup, id="usage-cut-off"),
        pytest.param(("nonsense",), pyst2.AGIUnknownError, id="nonsense"),
        pytest.param(("299 odd",), pyst2.AGIUnknownError, id="unknown-code"),
        pytest.param(("200 result=1 (hangup)",), pyst2.AGIHangup, id="result-that-tells-of-a-hangup"),
    ],
)
def test_every_reply_that_is_no_result_raises_what_it_means(replies, error):
    with pytest.raises(error):
        channel(*replies)[0].set_variable("X", "1")


def test_the_head_may_end_with_the_connection():
    talk = Talk()
    talk.readline = io.StringIO("agi_network: yes\n").readline
    with pytest.raises(pyst2.AGIHangup):
        Channel(talk)


def test_a_broken_connection_is_a_hangup_and_a_deadline_is_not():
    asked, talk = channel()

    def broken(_):
        raise BrokenPipeError("gone")

    def late(_):
        raise TimeoutError("too late")

    talk.write = broken
    with pytest.raises(pyst2.AGISIGPIPEHangup):
        asked.noop()
    talk.write = late
    with pytest.raises(TimeoutError):
        asked.noop()


def test_a_dead_channel_is_no_value_of_a_variable():
    with pytest.raises(pyst2.AGIHangup):
        channel("511 Command Not Permitted on a dead channel")[0].get_variable("X")


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("200 result=1 (a value)", "a value"),
        ("200 result=1 ((b=2) c=3)", "(b=2) c=3"),
        ("200 result=1 ()", ""),
        ("200 result=0", ""),
        ("200 result=1 (hangup)", "hangup"),
    ],
)
def test_the_value_of_a_variable_is_read_whole(reply, value):
    assert channel(reply)[0].get_variable("X") == value


def test_digits_are_read_when_none_was_pressed_too():
    assert channel("200 result=12 (timeout)")[0].get_data("beep") == "12"
    assert channel("200 result= (timeout)")[0].get_data("beep") == ""


def test_what_is_under_way_is_no_result():
    assert channel("100 result=0 Trying...", "200 result=0")[0].appexec("Playback", "beep") == "0"


def test_variables_are_set_together_and_what_could_be_taken_for_two_is_set_alone():
    asked, talk = channel(*["200 result=0"] * 3)
    asked.set_variables({"A": "1", "B": "Bob, C=2", "D": "", "E": "Müller-Lüd.@+"})
    assert [as_asterisk_reads(command) for command in talk.commands] == [
        ["SET", "VARIABLE", "B", "Bob, C=2"],
        ["EXEC", "MSet", "A=1,D=,E=Müller-Lüd.@+"],
    ]


def test_more_variables_than_a_command_holds_are_set_by_more_commands():
    asked, talk = channel(*["200 result=0"] * 20)
    values = {f"V{index}": "ä" * 200 for index in range(12)}
    asked.set_variables(values)
    pairs = [pair for command in talk.commands for pair in as_asterisk_reads(command)[2].split(",")]
    assert dict(pair.split("=") for pair in pairs) == values


# --- laws --------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('\r\n\0"\\ \t,${}'), max_size=40)


def sent(command):
    """What is on the wire after a command, and whether it was refused."""
    talk = Talk(*["200 result=0"])
    try:
        command(Channel(talk))
    except pyst2.AGIUsageError:
        return talk.told.getvalue(), True
    except pyst2.AGIError:
        pass  # such as a digit that cannot be read from this reply
    return talk.told.getvalue(), False


@given(texts, texts)
def test_every_argument_arrives_as_it_was_given_or_nothing_is_sent(name, value):
    wire, refused = sent(lambda asked: asked.execute("SET VARIABLE", quote(name), quote(value)))
    if refused:
        assert wire == ""
        assert set("\r\n\0") & set(name + value)
    else:
        assert wire.count("\n") == 1
        assert as_asterisk_reads(wire[:-1]) == ["SET", "VARIABLE", name, value]


@given(st.lists(texts, max_size=5), st.text("abc \n"))
def test_no_argument_ever_adds_a_command(args, command):
    wire, refused = sent(lambda asked: asked.execute(f"EXEC {command}", *args))
    assert wire == "" if refused else wire.count("\n") == 1
    given_words = [arg for arg in args if arg]
    if not refused and len(given_words) == len(args):
        assert as_asterisk_reads(wire[:-1])[-len(args) :] == args or not args


@given(st.dictionaries(st.from_regex(r"[A-Z]{1,3}", fullmatch=True), texts, max_size=6))
def test_no_value_sets_another_variable(values):
    talk = Talk(*["200 result=0"] * 10)
    if any(set("\r\n\0") & set(value) for value in values.values()):
        return
    Channel(talk).set_variables(values)
    known = {}
    for command in talk.commands:
        match as_asterisk_reads(command):
            case ["SET", "VARIABLE", name, value]:
                known[name] = value
            case ["EXEC", "MSet", together]:
                known |= dict(pair.split("=", 1) for pair in together.split(","))
    assert known == values


METHODS = [
    lambda asked, text: asked.stream_file(text, text),
    lambda asked, text: asked.say_alpha(text, text),
    lambda asked, text: asked.get_data(text),
    lambda asked, text: asked.get_option(text, text),
    lambda asked, text: asked.set_context(text),
    lambda asked, text: asked.record_file(text, text),
    lambda asked, text: asked.appexec(text, text),
    lambda asked, text: asked.exec_command(text, text),
    lambda asked, text: asked.get_full_variable(text, text),
    lambda asked, text: asked.set_variable(text, text),
    lambda asked, text: asked.verbose(text),
    lambda asked, text: asked.database_put(text, text, text),
    lambda asked, text: asked.database_deltree(text, text),
    lambda asked, text: asked.hangup(text),
    lambda asked, text: asked.channel_status(text),
    lambda asked, text: asked.send_text(text),
]


@given(st.sampled_from(METHODS), texts)
def test_no_method_puts_two_commands_on_the_wire_for_one(method, text):
    wire, _ = sent(lambda asked: method(asked, text))
    assert wire.count("\n") <= 1
    assert set("\r\0").isdisjoint(wire)
