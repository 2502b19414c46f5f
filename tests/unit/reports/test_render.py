import json

from dialer.reports.render import Format, render, text_table
from dialer.reports.table import Column, Report, Unit

REPORT = Report(
    name="sample",
    campaign="春",
    columns=(
        Column("name"),
        Column("calls", Unit.COUNT),
        Column("rate", Unit.SHARE),
        Column("talk_s", Unit.SECONDS),
        Column("from_at", Unit.INSTANT),
    ),
    rows=(("anna", 12, 0.1234, 3.14159, 0.0), ("李, 四", 3, None, None, None)),
    notes=("rate = a / b",),
)


def test_people_get_aligned_columns_with_units():
    assert render(REPORT, Format.TABLE).splitlines() == [
        "name    calls   rate  talk s               from at",
        "------  -----  -----  ------  --------------------",
        "anna       12  12.3%   3.1 s  1970-01-01 00:00:00Z",
        "李, 四      3      -       -                     -",
        "",
        "rate = a / b",
    ]


def test_a_spreadsheet_gets_full_precision():
    assert render(REPORT, Format.CSV).splitlines() == [
        "name,calls,rate,talk_s,from_at",
        "anna,12,0.1234,3.14159,0.0",
        '"李, 四",3,,,',
    ]


def test_a_program_gets_records():
    answer = json.loads(render(REPORT, Format.JSON))
    assert answer["campaign"] == "春"
    assert answer["rows"][1] == {"name": "李, 四", "calls": 3, "rate": None, "talk_s": None, "from_at": None}
    assert answer["notes"] == ["rate = a / b"]


def test_a_table_without_rows_still_has_its_header():
    assert text_table(("a_b",), []) == "a b\n---"
