import io

import pytest

from dialer.leads.records import BadRecord, Records


def read(text, *, width=2, complete=True):
    found = Records(list(io.StringIO(text, newline="\n")), ",", width, complete=complete)
    good = [fields for _, _, fields in found]
    return good, [(start + 1, reason) for start, _, reason in found.bad], found.end


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        pytest.param("a,b\r\n\nc,d", [["a", "b"], ["c", "d"]], [], id="line-ends-and-empty-lines"),
        pytest.param('"a\nb",c\nd,e\n', [["a\nb", "c"], ["d", "e"]], [], id="line-break-in-quotes"),
        pytest.param('a"b,c\n', [['a"b', "c"]], [], id="quote-inside-a-plain-field"),
        pytest.param('"a ""b""",c\n', [['a "b"', "c"]], [], id="doubled-quotes"),
        pytest.param("=1+1,@x\n", [["=1+1", "@x"]], [], id="formulas-are-data"),
        pytest.param("a\nb,c\n", [["b", "c"]], [(1, BadRecord.FIELD_COUNT)], id="too-few-fields"),
        pytest.param("a,b,c\nd,e\n", [["d", "e"]], [(1, BadRecord.FIELD_COUNT)], id="too-many-fields"),
        pytest.param('"a,b\nc,d\ne,f\n', [["c", "d"], ["e", "f"]], [(1, BadRecord.QUOTING)], id="lone-quote"),
        pytest.param('"a,b\n"c",d\n', [["c", "d"]], [(1, BadRecord.QUOTING)], id="closed-by-the-next-row"),
        pytest.param('a,"b\n"c","d"\n', [["c", "d"]], [(1, BadRecord.QUOTING)], id="open-at-the-line-end"),
        pytest.param('"a"b,c\nd,e\n', [["d", "e"]], [(1, BadRecord.QUOTING)], id="text-after-a-quote"),
        pytest.param(
            '"a\nb"\nc,d\n',
            [["c", "d"]],
            [(1, BadRecord.QUOTING), (2, BadRecord.FIELD_COUNT)],
            id="several-lines-but-too-few-fields",
        ),
        pytest.param("a\rb,c\nd,e\n", [["d", "e"]], [(1, BadRecord.LINE_BREAK)], id="stray-carriage-return"),
        pytest.param("a" * 200_000 + ",b\nc,d\n", [["c", "d"]], [(1, BadRecord.LONG_FIELD)], id="over-long"),
        pytest.param('c,d\n"a', [["c", "d"]], [(2, BadRecord.QUOTING)], id="lone-quote-at-the-end"),
    ],
)
def test_a_bad_record_costs_only_itself(text, good, bad):
    found, complaints, _ = read(text)
    assert (found, complaints) == (good, bad)


def test_a_record_that_may_go_on_is_left_for_later():
    assert read('a,b\n"c\n', complete=False) == ([["a", "b"]], [], 1)


def test_a_quote_that_stays_open_for_too_long_is_broken():
    rows = "c,d\n" * 40_000
    found, complaints, end = read('"a,b\n' + rows, complete=False)
    assert (len(found), complaints, end) == (40_000, [(1, BadRecord.QUOTING)], 40_001)
