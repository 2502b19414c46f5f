"""What the header says: the delimiter, the column with the number, the names of all others."""

import codecs
import csv
import io
from pathlib import Path
from typing import NamedTuple

from dialer.errors import LeadFileError
from dialer.leads.consents import AT_NAMES, SELLER_NAMES, SOURCE_NAMES, ConsentColumns
from dialer.leads.lines import Survey

PHONE_NAMES = (
    *("phone number", "phone", "telephone number", "telephone", "tel", "mobile number", "mobile"),
    *("mobile phone", "cell phone", "cell", "msisdn", "contact number"),
    *("电话号码", "电话", "联系电话", "手机号码", "手机号", "手机", "联系方式"),
    *("number", "号码"),
)
"""Names of the column with the number, the surest first: `number` alone may be anything's number."""

# ZIP and what is one (xlsx, ods), the older Office, PDF, PNG, JPEG, GIF, gzip: how their files begin.
_NOT_TEXT = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b"
_DELIMITERS = ",;\t"
_LONGEST_HEADER = 1 << 16


class Columns(NamedTuple):
    """How rows are cut, and what their fields are."""

    delimiter: str
    names: tuple[str, ...]
    phone_at: int
    end: int
    """Where the header ends in the file, in bytes."""
    lines: int
    """How many lines the header takes, empty lines before it counted."""
    consent: ConsentColumns | None = None
    """Where a row says what was consented to; None: the file says nothing of it."""


def read_header(path: Path, found: Survey, phone_column: str | None = None) -> Columns:
    """Find delimiter and columns in the header, whichever order it has.

    Args:
        path: The file.
        found: Its survey.
        phone_column: The column with the number, if its name is none of `PHONE_NAMES`. Letter case,
            spaces around it, and `_` or `-` for a space make no difference.

    Raises:
        LeadFileError: If the file does not begin with such a header.
    """
    text = _head(path, found)
    candidates = [header for mark in _DELIMITERS if (header := _split(text, mark))]
    if not candidates:
        raise LeadFileError(f"{path}: the first line is no CSV header: its quotes are broken")
    wanted = (phone_column,) if phone_column is not None else PHONE_NAMES
    # With equal claims the delimiter that finds most columns is the right one; max takes the first.
    delimiter, fields, lines = max(
        candidates, key=lambda header: (_find(header[1], wanted) is not None, len(header[1]))
    )
    phone_at = _find(fields, wanted)
    if phone_at is None:
        raise LeadFileError(f"{path}: {_no_phone_column(fields, phone_column)}")
    header_text = "".join(io.StringIO(text, newline="\n").readlines()[:lines])
    end = found.start + len(header_text.encode(found.encoding, "surrogatepass"))
    return Columns(delimiter, _names(fields), phone_at, end, lines, _consent(fields, phone_at))


def _consent(fields: list[str], phone_at: int) -> ConsentColumns | None:
    found = [_find(fields, names) for names in (AT_NAMES, SOURCE_NAMES, SELLER_NAMES)]
    places = [at - (at > phone_at) for at in found if at is not None and at != phone_at]
    return ConsentColumns(*places) if len(places) == len(found) else None


def _head(path: Path, found: Survey) -> str:
    with path.open("rb") as file:
        file.seek(found.start)
        data = file.read(_LONGEST_HEADER)
    if data.startswith(_NOT_TEXT):
        raise LeadFileError(f"{path}: this is a workbook, a picture or an archive; save the sheet as CSV")
    text = codecs.getincrementaldecoder(found.encoding)("replace").decode(data)
    first = text.lstrip("\r\n").partition("\n")[0].rstrip("\r")
    if any(mark < " " and mark not in "\t\r" for mark in first) or "�" in first:
        raise LeadFileError(f"{path}: this is no CSV file, for its first line is not text")
    if "\r" in first:
        raise LeadFileError(f"{path}: its lines end with CR alone; save it with LF or CR LF")
    if len(data) == _LONGEST_HEADER and "\n" not in text:
        raise LeadFileError(f"{path}: this is no CSV file, for its first line has no end")
    return text


def _split(text: str, delimiter: str) -> tuple[str, list[str], int] | None:
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, strict=True)
    try:
        fields = next(filter(None, reader), [])
    except csv.Error:
        return None
    return (delimiter, [" ".join(field.split()) for field in fields], reader.line_num)


def _find(fields: list[str], wanted: tuple[str, ...]) -> int | None:
    known = [_plain(field) for field in fields]
    return next((known.index(name) for name in map(_plain, wanted) if name in known), None)


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())


def _names(fields: list[str]) -> tuple[str, ...]:
    names: list[str] = []
    for place, field in enumerate(fields, start=1):
        name = field or f"column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return tuple(names)


def _no_phone_column(fields: list[str], phone_column: str | None) -> str:
    shown = ", ".join(repr(field[:40]) for field in fields[:20]) or "none"
    if phone_column is not None:
        return f"there is no column {phone_column!r}; the first line has: {shown}"
    return (
        f"no column has a name such as phone, mobile or 电话; the first line has: {shown}. "
        "It must name the columns; say which holds the number with --phone-column"
    )
