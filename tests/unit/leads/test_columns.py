import pytest

from dialer.errors import LeadFileError
from dialer.leads.columns import read_header
from dialer.leads.lines import survey


def header(path, content, phone_column=None):
    path.write_bytes(content)
    return read_header(path, survey(path), phone_column)


@pytest.mark.parametrize(
    ("line", "delimiter", "phone_at"),
    [
        pytest.param("name,phone,city", ",", 1, id="comma"),
        pytest.param("phone;name;city", ";", 0, id="semicolon"),
        pytest.param("name\tcity\tMobile", "\t", 2, id="tab"),
        pytest.param("Phone Number", ",", 0, id="one-column"),
        pytest.param("name,PHONE_NUMBER", ",", 1, id="capitals-and-underscore"),
        pytest.param("姓名,手机号,城市", ",", 1, id="chinese-mobile"),
        pytest.param("姓名;联系电话", ";", 1, id="chinese-contact-phone"),
        pytest.param("号码\t姓名", "\t", 0, id="chinese-number"),
        pytest.param("number,phone", ",", 1, id="phone-before-number"),
        pytest.param('"last, first","tel"', ",", 1, id="delimiter-in-quotes"),
        pytest.param("a;b;c,phone", ",", 1, id="most-columns-is-not-enough"),
        pytest.param('"a\nb",phone', ",", 1, id="line-break-in-quotes"),
    ],
)
def test_the_header_tells_delimiter_and_phone_column(tmp_path, line, delimiter, phone_at):
    found = header(tmp_path / "leads.csv", f"{line}\nx\n".encode())
    assert (found.delimiter, found.phone_at) == (delimiter, phone_at)


def test_the_column_can_be_given(tmp_path):
    found = header(tmp_path / "leads.csv", b"who,phone,office line\n", "Office_Line")
    assert found.phone_at == 2


def test_nameless_and_repeated_columns_are_kept_apart(tmp_path):
    found = header(tmp_path / "leads.csv", b"phone,note,,note,\n")
    assert found.names == ("phone", "note", "column 3", "note (4)", "column 5")


def test_the_header_ends_where_rows_begin(tmp_path):
    found = header(tmp_path / "leads.csv", "\ufeff\r\n手机,x\r\n1,2\r\n".encode("utf-16-le"))
    assert (found.end, found.lines) == (2 + 2 * len("\r\n手机,x\r\n"), 2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\xef\xbb\xbf", "empty", id="only-a-mark"),
        pytest.param(b"\n\n", "no column", id="only-empty-lines"),
        pytest.param(b"+12125550100\n+12125550101\n", "must name the columns", id="no-header"),
        pytest.param(b"name,city\nA,B\n", "--phone-column", id="no-phone-column"),
        pytest.param(b"PK\x03\x04\x14\x00\x06\x00", "workbook", id="excel"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "picture", id="picture"),
        pytest.param(b"%PDF-1.7\n", "workbook", id="pdf"),
        pytest.param(b"\x7fELF\x02\x01\x01\x00phone\n", "no CSV file", id="program"),
        pytest.param(b"phone,name\r1,A\r2,B\r", "CR alone", id="old-mac"),
        pytest.param(b"phone,x" * 20_000, "no end", id="endless-line"),
        pytest.param(b'"phone,name\n1,A\n', "quotes are broken", id="broken-header"),
        pytest.param(b"\xff\xfep\x00h\x00o", "cut short", id="half-a-character"),
    ],
)
def test_what_is_no_lead_file_is_a_clear_error(tmp_path, content, words):
    with pytest.raises(LeadFileError, match=words):
        header(tmp_path / "leads.csv", content)


def test_a_column_that_is_not_there_is_an_error_that_lists_those_that_are(tmp_path):
    with pytest.raises(LeadFileError, match=r"'office'.*'phone'"):
        header(tmp_path / "leads.csv", b"phone,name\n", "office")


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(LeadFileError, match="No such file"):
        survey(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        pytest.param("phone,名\n".encode(), "utf-8", id="utf-8"),
        pytest.param("phone,名\n".encode("utf-8-sig"), "utf-8", id="utf-8-with-mark"),
        pytest.param("phone,名\n".encode("utf-16"), "utf-16-le", id="utf-16-le"),
        pytest.param("\ufeffphone,名\n".encode("utf-16-be"), "utf-16-be", id="utf-16-be"),
        pytest.param("phone,名𠀀\n".encode("gb18030"), "gb18030", id="gb18030"),
        pytest.param(b"phone\n" * 300_000 + "名\n".encode("gb18030"), "gb18030", id="gb18030-far-down"),
        pytest.param(b"phone,x\n1,\xff\xff\n", "utf-8", id="neither"),
    ],
)
def test_the_encoding_is_told_from_the_whole_file(tmp_path, content, encoding):
    path = tmp_path / "leads.csv"
    path.write_bytes(content)
    assert survey(path).encoding == encoding
