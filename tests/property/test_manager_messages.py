"""Laws of the manager interface's text: cuts do not matter, and what a value holds stays a value."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from telephony.asterisk.messages import Splitter, UnsafeTextError, format_action, parse
from telephony.asterisk.originate import originate_action
from tests import asterisk_reading

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,12}", fullmatch=True)
variable_names = st.from_regex(r"_{0,2}[A-Za-z][A-Za-z0-9_]{0,12}", fullmatch=True)
# What decides something on the wire, more often than chance would bring it.
pieces = st.sampled_from(
    [
        "\r\n",
        "\n",
        "\r",
        "\0",
        ",",
        "=",
        '"',
        "\\",
        "(",
        ")",
        "[",
        "]",
        ":",
        " ",
        "${SHELL(id)}",
        "INJ=1",
        "é",
        "😀",
        "\ud800",
    ]
)
texts = st.one_of(
    st.text(), st.lists(st.one_of(pieces, st.text(max_size=3))).map("".join), st.just("x" * 10_000)
)
written = st.lists(
    st.one_of(
        st.sampled_from(
            [b"\r\n\r\n", b"\r\n", b"\r", b"\n", b": ", b":", b"Event: Hangup", b"\xfc", "ü".encode()]
        ),
        st.binary(max_size=4),
    )
).map(b"".join)


def read(stream, cuts):
    splitter = Splitter()
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [message for start, end in pairwise(edges) for message in splitter.feed(stream[start:end])]


@given(written, st.lists(st.integers(min_value=0)))
@example(b"A: 1\r\n\r\n\r\n\r\nB: 2\r\n\r\n", list(range(60)))
@example(b"A: 1\r\n\r\n\r\n", [len(GREETING) + 10])
@example("A: ü\r\n\r\n".encode(), list(range(60)))
@example(b"\r\n" * 6 + b":: ", [40])
def test_how_the_bytes_are_cut_on_the_way_does_not_matter(stream, cuts):
    whole = GREETING + stream + b"\r\n\r\n"

    assert read(whole, cuts) == read(whole, [])


@given(
    st.lists(
        st.tuples(names, st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))),
        min_size=1,
    )
)
def test_what_is_written_line_by_line_is_read_with_every_value(headers):
    text = "\r\n".join(f"{name}: {value}" for name, value in headers)
    message = parse(text)

    for name in dict(headers):
        assert message.values(name) == tuple(value for one, value in headers if one == name)
    assert message.text == ()


@given(st.dictionaries(st.one_of(names, texts), texts, min_size=1, max_size=4))
@example({"Channel": "x\r\nApplication: System"})
@example({"Channel\r\nApplication": "System"})
def test_no_input_adds_a_header_or_an_action(headers):
    try:
        sent = format_action(headers)
    except UnsafeTextError:
        return
    (action,) = asterisk_reading.actions(sent)

    if not any(name.lower() == "variable" for name in headers):
        assert action == [(name, value.lstrip(" ")) for name, value in headers.items()]


@given(st.dictionaries(st.one_of(variable_names, texts), texts, max_size=4), texts, texts)
@example({"A": "x,INJ=1"}, "1", "a")
@example({"A": "x\\"}, "1", "a")
@example({"A": '"'}, "1", "a")
def test_no_input_adds_a_variable_to_a_call(variables, number, caller):
    action = originate_action(
        f"PJSIP/{number}@carrier", "s", caller_id=caller, variables=variables, channel_id="a-1"
    )
    try:
        sent = format_action(action)
    except UnsafeTextError:
        return
    (headers,) = asterisk_reading.actions(sent)

    assert [name for name, _ in headers if name != "Variable"] == [
        name for name in action if name != "Variable"
    ]
    assert [
        pair for name, value in headers if name == "Variable" for pair in asterisk_reading.variables(value)
    ] == list(variables.items())
