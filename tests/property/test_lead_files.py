"""No row of a lead file is lost, whatever is in the others and wherever reading stops and goes on."""

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dialer.leads import pieces as preparing
from dialer.leads.columns import read_header
from dialer.leads.lines import survey
from dialer.leads.pieces import Source, pieces

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=12)
good = st.tuples(st.integers(0, 99), text)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"])


def source_of(path):
    found = survey(path)
    columns = read_header(path, found)
    return Source(path=str(path), encoding=found.encoding, columns=columns, region="US")


@given(st.lists(good, max_size=12), ENCODINGS, st.sampled_from([",", ";", "\t"]), st.integers(1, 5))
def test_well_formed_rows_all_arrive_wherever_pieces_end(rows, encoding, delimiter, size):
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    # The first row settles GB18030: only characters beyond ASCII tell encodings apart.
    writer.writerows([("name", "phone"), ("中文测试", "2125550100")])
    writer.writerows((name, f"21255501{number:02d}") for number, name in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leads.csv"
        path.write_bytes(out.getvalue().encode(encoding))
        source = source_of(path)
        offset, line, phones, rejected = source.columns.end, source.columns.lines + 1, [], []
        before, preparing.LINES_PER_PIECE = preparing.LINES_PER_PIECE, size
        try:
            # Every piece begins anew from what the one before it reported.
            while (piece := next(pieces(source, offset=offset, line=line), None)) is not None:
                offset, line = piece.offset, piece.line
                phones += piece.phones
                rejected += piece.rejected
        finally:
            preparing.LINES_PER_PIECE = before
        assert offset == path.stat().st_size
    assert rejected == []
    assert phones == ["+12125550100"] + [f"+121255501{number:02d}" for number, _ in rows]


@given(
    st.lists(
        st.sampled_from(['"', 'a"', '"a', '"2125550100', '2125550100"x,"', "", "a,b,c", "\x00,", '"",""",'])
    ),
    st.integers(0, 12),
)
def test_broken_rows_never_take_a_good_one_with_them(broken, at):
    at = min(at, len(broken))
    lines = ["phone,name", *broken[:at], '"2125550177","good"', *broken[at:]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leads.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        source = source_of(path)
        found = list(pieces(source, offset=source.columns.end, line=2))
    rows = sum(piece.rows for piece in found)
    assert rows == sum(len(piece.phones) + len(piece.rejected) for piece in found)
    assert [phone for piece in found for phone in piece.phones].count("+12125550177") == 1
